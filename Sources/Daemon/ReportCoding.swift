import Control
import Net
import VRRP

// What the engine tells the keeper's child of itself: first the node, then instance after instance,
// until the end of the file. An instance's addresses come last, because the engine may need several
// turns for them.

extension EngineReport {
    /// All but the instances.
    func encodeHead(into writer: inout ByteWriter) {
        writer.append(routerID)
        writer.append(startupDelayLeft)
        writer.append(preemptionPause)
        writer.append(each: groups) { group, writer in
            writer.append(group.name)
            writer.append(group.state.rawValue)
            writer.append(each: group.members) { $1.append($0) }
        }
    }

    init(_ bytes: [UInt8]) throws(DecodingError) {
        self.init()
        var reader = ByteReader(bytes)
        routerID = try reader.text()
        startupDelayLeft = try reader.optionalInterval()
        preemptionPause = try reader.optionalInterval()
        groups = try reader.list { (r) throws(DecodingError) in
            GroupStatus(
                name: try r.text(), state: try r.state(),
                members: try r.list { (r) throws(DecodingError) in try r.text() })
        }
        while !reader.isAtEnd { instances.append(try InstanceReport(from: &reader)) }
    }
}

extension InstanceReport {
    func encode(into writer: inout ByteWriter) {
        encodeHead(into: &writer, addresses: addresses.count)
        for address in addresses { address.encode(into: &writer) }
    }

    /// All but the addresses, of which so many follow.
    func encodeHead(into writer: inout ByteWriter, addresses count: Int) {
        writer.append(name)
        writer.append(interface)
        writer.append(vrid)
        writer.append(Int32(clamping: group ?? -1))
        writer.append(virtualLink ?? "")
        writer.append(link.number)
        writer.append(version.rawValue)
        writer.append(family == .ipv4)
        writer.append(state.rawValue)
        writer.append(age.nanoseconds)
        writer.append(reason)
        writer.append(each: faults) { $1.append($0) }
        writer.append(each: awaited) { $1.append($0) }
        encodePriority(into: &writer)
        encodeMaster(into: &writer)
        writer.append(returnsAsMaster)
        writer.append(couldPinHopLimit)
        writer.append(each: rejections) { $0.encode(into: &$1) }
        writer.append(differingList)
        counters.encode(into: &writer)
        writer.append(UInt32(clamping: count))
    }

    private func encodePriority(into writer: inout ByteWriter) {
        writer.append(priority)
        writer.append(effectivePriority)
        writer.append(Int64(totalPriority))
        writer.append(each: shares) { $0.encode(into: &$1) }
        writer.append(preempts)
        writer.append(preemptDelay.nanoseconds)
        writer.append(preemptDelayLeft)
        writer.append(isWaitingForGroup)
    }

    private func encodeMaster(into writer: inout ByteWriter) {
        writer.append(source)
        writer.append(master)
        writer.append(masterPriority)
        writer.append(heard)
        writer.append(sent)
        writer.append(next)
        writer.append(interval.nanoseconds)
        writer.append(masterInterval.nanoseconds)
        writer.append(Int64(downCount))
        writer.append(skewTime.nanoseconds)
        writer.append(masterDownInterval.nanoseconds)
        writer.append(takeOver)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        self.init(
            name: try reader.text(), interface: try reader.text(),
            vrid: try reader.number(UInt8.self))
        let position = try reader.number(Int32.self)
        group = position >= 0 ? Int(position) : nil
        let link = try reader.text()
        virtualLink = link.isEmpty ? nil : link
        self.link = try InterfaceStatus(number: try reader.number(UInt8.self))
        guard let version = ProtocolVersion(rawValue: try reader.number(UInt8.self)) else {
            throw DecodingError()
        }
        self.version = version
        family = try reader.flag() ? .ipv4 : .ipv6
        state = try reader.state()
        age = try reader.interval()
        reason = try reader.text()
        faults = try reader.list { (r) throws(DecodingError) in try r.text() }
        awaited = try reader.list { (r) throws(DecodingError) in try r.text() }
        try decodePriority(&reader)
        try decodeMaster(&reader)
        returnsAsMaster = try reader.flag()
        couldPinHopLimit = try reader.flag()
        rejections = try reader.list { (r) throws(DecodingError) in try Rejection(from: &r) }
        differingList = try reader.address()
        counters = try InstanceCounters(from: &reader)
        addresses = try reader.list { (r) throws(DecodingError) in try Address(from: &r) }
    }

    private mutating func decodePriority(_ reader: inout ByteReader) throws(DecodingError) {
        priority = try reader.number(UInt8.self)
        effectivePriority = try reader.number(UInt8.self)
        totalPriority = Int(try reader.number(Int64.self))
        shares = try reader.list { (r) throws(DecodingError) in try Share(from: &r) }
        preempts = try reader.flag()
        preemptDelay = try reader.interval()
        preemptDelayLeft = try reader.optionalInterval()
        isWaitingForGroup = try reader.flag()
    }

    private mutating func decodeMaster(_ reader: inout ByteReader) throws(DecodingError) {
        source = try reader.address()
        master = try reader.address()
        masterPriority = try reader.number(UInt8.self)
        heard = try reader.optionalInterval()
        sent = try reader.optionalInterval()
        next = try reader.optionalInterval()
        interval = try reader.interval()
        masterInterval = try reader.interval()
        downCount = Int(try reader.number(Int64.self))
        skewTime = try reader.interval()
        masterDownInterval = try reader.interval()
        takeOver = try reader.optionalInterval()
    }
}

extension InstanceReport.Address {
    func encode(into writer: inout ByteWriter) {
        writer.append(prefix.address)
        writer.append(UInt8(clamping: prefix.length))
        writer.append(interface)
        writer.append(isExcluded)
        writer.append(isHeld)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        guard let address = try reader.address() else { throw DecodingError() }
        let prefix = Prefix(address: address, length: Int(try reader.number(UInt8.self)))
        self.init(
            prefix: prefix, interface: try reader.text(), isExcluded: try reader.flag(),
            isHeld: try reader.flag())
    }
}

extension ByteWriter {
    mutating func append(_ interval: Interval?) {
        append(interval != nil)
        append(interval?.nanoseconds ?? 0)
    }
}

extension ByteReader {
    mutating func optionalInterval() throws(DecodingError) -> Interval? {
        let isThere = try flag()
        let interval = try interval()
        return isThere ? interval : nil
    }

    fileprivate mutating func state() throws(DecodingError) -> StateName {
        guard let state = StateName(rawValue: try number(UInt8.self)) else {
            throw DecodingError()
        }
        return state
    }
}
