import Control
import Net
import VRRP

// The parts of an instance's report.

extension InstanceReport.Share {
    func encode(into writer: inout ByteWriter) {
        writer.append(name)
        state.encode(into: &writer)
        effect.encode(into: &writer)
        effectIfWorking.encode(into: &writer)
        writer.append(age)
        writer.append(outcome)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        self.init(
            name: try reader.text(), state: try TrackedState(from: &reader),
            effect: try TrackedEffect(from: &reader),
            effectIfWorking: try TrackedEffect(from: &reader))
        age = try reader.optionalInterval()
        outcome = try reader.text()
    }
}

extension InstanceReport.Rejection {
    func encode(into writer: inout ByteWriter) {
        writer.append(source)
        switch reason {
        case .discarded(let discard): writer.append(discard.rawValue)
        case .ourOwn: writer.append(UInt8.max)
        }
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        guard let source = try reader.address() else { throw DecodingError() }
        let number = try reader.number(UInt8.self)
        if number == .max {
            self.init(source: source, reason: .ourOwn)
        } else {
            guard let discard = Discard(rawValue: number) else { throw DecodingError() }
            self.init(source: source, reason: .discarded(discard))
        }
    }
}

extension InstanceCounters {
    func encode(into writer: inout ByteWriter) {
        writer.append(UInt64(core.becameMaster))
        writer.append(UInt64(core.releasedMaster))
        writer.append(UInt64(core.advertisementsSent))
        writer.append(UInt64(core.advertisementsReceived))
        writer.append(UInt64(core.priorityZeroSent))
        writer.append(UInt64(core.priorityZeroReceived))
        writer.append(each: discards) { $1.append($0) }
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        self.init()
        core.becameMaster = .init(truncatingIfNeeded: try reader.number(UInt64.self))
        core.releasedMaster = .init(truncatingIfNeeded: try reader.number(UInt64.self))
        core.advertisementsSent = try reader.number(UInt64.self)
        core.advertisementsReceived = try reader.number(UInt64.self)
        core.priorityZeroSent = .init(truncatingIfNeeded: try reader.number(UInt64.self))
        core.priorityZeroReceived = .init(truncatingIfNeeded: try reader.number(UInt64.self))
        discards = try reader.list { (r) throws(DecodingError) in try r.number(UInt64.self) }
    }
}

extension TrackedState {
    func encode(into writer: inout ByteWriter) {
        switch self {
        case .unknown: writer.append(UInt8(0))
        case .assumed: writer.append(UInt8(1))
        case .working: writer.append(UInt8(2))
        case .failed: writer.append(UInt8(3))
        case .value(let number):
            writer.append(UInt8(4))
            writer.append(Int64(number))
        }
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        switch try reader.number(UInt8.self) {
        case 0: self = .unknown
        case 1: self = .assumed
        case 2: self = .working
        case 3: self = .failed
        case 4: self = .value(Int(try reader.number(Int64.self)))
        default: throw DecodingError()
        }
    }
}

extension TrackedEffect {
    func encode(into writer: inout ByteWriter) {
        switch self {
        case .points(let points):
            writer.append(UInt8(0))
            writer.append(Int64(points))
        case .fault: writer.append(UInt8(1))
        case .wait: writer.append(UInt8(2))
        }
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        switch try reader.number(UInt8.self) {
        case 0: self = .points(Int(try reader.number(Int64.self)))
        case 1: self = .fault
        case 2: self = .wait
        default: throw DecodingError()
        }
    }
}

extension InterfaceStatus {
    var number: UInt8 {
        switch self {
        case .missing: 0
        case .down: 1
        case .up: 2
        }
    }

    init(number: UInt8) throws(DecodingError) {
        switch number {
        case 0: self = .missing
        case 1: self = .down
        case 2: self = .up
        default: throw DecodingError()
        }
    }
}
