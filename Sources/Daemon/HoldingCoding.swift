import Net

// Routes and rules in the keeper's table: as much as their removal needs.

extension Route {
    func encode(into writer: inout ByteWriter) {
        destination.encode(into: &writer)
        writer.append(each: source.map { [$0] } ?? []) { $0.encode(into: &$1) }
        writer.append(table)
        writer.append(vrf ?? "")
        writer.append(trafficClass)
        writer.append(metric.map { [$0] } ?? [])
        writer.append(kind.rawValue)
        writer.append(proto)
        writer.append(each: hops) { hop, writer in
            writer.append(hop.gateway)
            writer.append(hop.interface ?? "")
        }
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        self.init(destination: try Prefix(from: &reader))
        source = try reader.list { (r) throws(DecodingError) in try Prefix(from: &r) }.first
        table = try reader.number(UInt32.self)
        let vrf = try reader.text()
        self.vrf = vrf.isEmpty ? nil : vrf
        trafficClass = try reader.number(UInt8.self)
        metric = try reader.optionalNumber()
        guard let kind = Kind(rawValue: try reader.number(UInt8.self)) else {
            throw DecodingError()
        }
        self.kind = kind
        proto = try reader.number(UInt8.self)
        hops = try reader.list { (r) throws(DecodingError) in
            let gateway = try r.address()
            let name = try r.text()
            return Hop(gateway: gateway, interface: name.isEmpty ? nil : name)
        }
    }
}

extension Prefix {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(address)
        writer.append(UInt8(truncatingIfNeeded: length))
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        guard let address = try reader.address() else { throw DecodingError() }
        let length = Int(try reader.number(UInt8.self))
        guard length <= address.family.addressBits else { throw DecodingError() }
        self.init(address: address, length: length)
    }
}

extension ByteWriter {
    /// None or one.
    fileprivate mutating func append(_ numbers: [UInt32]) {
        append(each: numbers) { $1.append($0) }
    }
}

extension ByteReader {
    fileprivate mutating func optionalNumber() throws(DecodingError) -> UInt32? {
        try list(limit: 1) { (r) throws(DecodingError) in try r.number(UInt32.self) }.first
    }
}

extension Rule {
    func encode(into writer: inout ByteWriter) {
        writer.append(family.rawValue)
        writer.append(preference)
        action.encode(into: &writer)
        writer.append(isInverted)
        writer.append(each: source.map { [$0] } ?? []) { $0.encode(into: &$1) }
        writer.append(each: destination.map { [$0] } ?? []) { $0.encode(into: &$1) }
        writer.append(inputInterface ?? "")
        writer.append(outputInterface ?? "")
        writer.append(trafficClass)
        for number in [
            mark, markMask, realms, suppressedLength, suppressedGroup, transport.map { UInt32($0) },
            users?.first, users?.last, sourcePorts?.packed, destinationPorts?.packed,
            tunnel.map { UInt32(truncatingIfNeeded: $0) },
        ] {
            writer.append(number.map { [$0] } ?? [])
        }
        writer.append(proto)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        guard let family = Family(rawValue: try reader.number(UInt8.self)) else {
            throw DecodingError()
        }
        let preference = try reader.number(UInt32.self)
        self.init(family: family, preference: preference, action: try Action(from: &reader))
        isInverted = try reader.flag()
        source = try reader.list { (r) throws(DecodingError) in try Prefix(from: &r) }.first
        destination = try reader.list { (r) throws(DecodingError) in try Prefix(from: &r) }.first
        let input = try reader.text()
        inputInterface = input.isEmpty ? nil : input
        let output = try reader.text()
        outputInterface = output.isEmpty ? nil : output
        trafficClass = try reader.number(UInt8.self)
        mark = try reader.optionalNumber()
        markMask = try reader.optionalNumber()
        realms = try reader.optionalNumber()
        suppressedLength = try reader.optionalNumber()
        suppressedGroup = try reader.optionalNumber()
        transport = try reader.optionalNumber().map { UInt8(truncatingIfNeeded: $0) }
        let first = try reader.optionalNumber()
        let last = try reader.optionalNumber()
        if let first, let last { users = Users(first: first, last: last) }
        sourcePorts = try reader.optionalNumber().map { Ports(packed: $0) }
        destinationPorts = try reader.optionalNumber().map { Ports(packed: $0) }
        tunnel = try reader.optionalNumber().map { UInt64($0) }
        proto = try reader.number(UInt8.self)
    }
}

extension Rule.Ports {
    fileprivate var packed: UInt32 { UInt32(first) << 16 | UInt32(last) }

    fileprivate init(packed: UInt32) {
        self.init(
            first: UInt16(truncatingIfNeeded: packed >> 16),
            last: UInt16(truncatingIfNeeded: packed))
    }
}

extension Rule.Action {
    fileprivate func encode(into writer: inout ByteWriter) {
        switch self {
        case .lookup(let table): writer.append(number: 1, table)
        case .goto(let preference): writer.append(number: 2, preference)
        case .nothing: writer.append(number: 3, 0)
        case .blackhole: writer.append(number: 4, 0)
        case .unreachable: writer.append(number: 5, 0)
        case .prohibit: writer.append(number: 6, 0)
        case .masterDevice: writer.append(number: 7, 0)
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        let kind = try reader.number(UInt8.self)
        let value = try reader.number(UInt32.self)
        switch kind {
        case 1: self = .lookup(table: value)
        case 2: self = .goto(preference: value)
        case 3: self = .nothing
        case 4: self = .blackhole
        case 5: self = .unreachable
        case 6: self = .prohibit
        case 7: self = .masterDevice
        default: throw DecodingError()
        }
    }
}

extension ByteWriter {
    fileprivate mutating func append(number kind: UInt8, _ value: UInt32) {
        append(kind)
        append(value)
    }
}
