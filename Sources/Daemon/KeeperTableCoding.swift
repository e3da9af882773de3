import Config
import Net
import VRRP

extension KeeperTable {
    func encode(into writer: inout ByteWriter) {
        writer.append(generation)
        writer.append(each: scripts) { $0.encode(into: &$1) }
        writer.append(each: files) { $0.encode(into: &$1) }
        writer.append(each: processes) { $0.encode(into: &$1) }
        instances.encode(into: &writer)
        groups.encode(into: &writer)
        writer.append(each: fifos) { $0.encode(into: &$1) }
        writer.append(repeatsStatesOnReload)
        writer.append(notifyTimeout?.nanoseconds ?? -1)
        encodeCommand(startup, into: &writer)
        writer.append(startupTimeout.nanoseconds)
        encodeCommand(shutdown, into: &writer)
        writer.append(shutdownTimeout.nanoseconds)
        writer.append(each: mail.map { [$0] } ?? []) { $0.encode(into: &$1) }
        process.encode(into: &writer)
        writer.append(firewallTable ?? "")
        writer.append(disablesLocalIGMP)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        generation = try reader.number(UInt32.self)
        scripts = try reader.list { (r) throws(DecodingError) in try ScriptEntry(from: &r) }
        files = try reader.list { (r) throws(DecodingError) in try FileEntry(from: &r) }
        processes = try reader.list { (r) throws(DecodingError) in try ProcessEntry(from: &r) }
        instances = try SubjectList(from: &reader)
        groups = try SubjectList(from: &reader)
        fifos = try reader.list { (r) throws(DecodingError) in try FIFOEntry(from: &r) }
        repeatsStatesOnReload = try reader.flag()
        let timeout = try reader.interval()
        notifyTimeout = timeout < .zero ? nil : timeout
        startup = try decodeCommand(from: &reader)
        startupTimeout = try reader.interval()
        shutdown = try decodeCommand(from: &reader)
        shutdownTimeout = try reader.interval()
        mail = try reader.list(limit: 1) { (r) throws(DecodingError) in try MailTable(from: &r) }
            .first
        process = try ProcessSettings(from: &reader)
        let table = try reader.text()
        firewallTable = table.isEmpty ? nil : table
        disablesLocalIGMP = try reader.flag()
    }
}

extension ByteReader {
    mutating func interval() throws(DecodingError) -> Interval {
        Interval(nanoseconds: try number(Int64.self))
    }
}

func encodeCommand(_ command: ResolvedCommand?, into writer: inout ByteWriter) {
    writer.append(each: command?.words ?? []) { $1.append($0) }
    writer.append(command?.user ?? 0)
    writer.append(command?.group ?? 0)
}

/// A command without words stands for none.
func decodeCommand(
    from reader: inout ByteReader
) throws(DecodingError) -> ResolvedCommand? {
    let words = try reader.list { (r) throws(DecodingError) in try r.text() }
    let user = try reader.number(UInt32.self)
    let group = try reader.number(UInt32.self)
    return words.isEmpty ? nil : ResolvedCommand(words: words, user: user, group: group)
}

extension ScriptEntry {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(name)
        encodeCommand(command, into: &writer)
        check.encode(into: &writer)
        writer.append(interval.nanoseconds)
        writer.append(timeout.nanoseconds)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        name = try reader.text()
        command = try decodeCommand(from: &reader)
        check = try BuiltInCheck?(from: &reader)
        interval = try reader.interval()
        timeout = try reader.interval()
    }
}

extension FileEntry {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(name)
        writer.append(path)
        writer.append(initialValue != nil)
        writer.append(Int64(initialValue ?? 0))
        writer.append(overwrites)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        name = try reader.text()
        path = try reader.text()
        let isGiven = try reader.flag()
        let value = Int(try reader.number(Int64.self))
        initialValue = isGiven ? value : nil
        overwrites = try reader.flag()
    }
}

extension ProcessEntry {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(name)
        writer.append(each: words) { $1.append($0) }
        writer.append(matching.rawValue)
        writer.append(Int64(quorum))
        writer.append(Int64(quorumMaximum ?? -1))
        writer.append(forkDelay.nanoseconds)
        writer.append(terminateDelay.nanoseconds)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        name = try reader.text()
        words = try reader.list { (r) throws(DecodingError) in try r.text() }
        guard let matching = ProcessMatching(rawValue: try reader.number(UInt8.self)) else {
            throw DecodingError()
        }
        self.matching = matching
        quorum = Int(try reader.number(Int64.self))
        let maximum = Int(try reader.number(Int64.self))
        quorumMaximum = maximum < 0 ? nil : maximum
        forkDelay = try reader.interval()
        terminateDelay = try reader.interval()
    }
}

extension SubjectList {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(UInt32(truncatingIfNeeded: count))
        for entry in self { entry.encode(into: &writer) }
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        self.init()
        let count = Int(try reader.number(UInt32.self))
        for _ in 0..<count { append(try SubjectEntry(from: &reader)) }
    }
}

extension SubjectEntry {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(name)
        let all = [
            commands.master, commands.backup, commands.fault, commands.stop, commands.deleted,
            commands.any, commands.lowerPriorityHeard,
        ]
        for command in all { encodeCommand(command, into: &writer) }
        writer.append(sendsMail)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        name = try reader.text()
        var commands = SubjectCommands()
        commands.master = try decodeCommand(from: &reader)
        commands.backup = try decodeCommand(from: &reader)
        commands.fault = try decodeCommand(from: &reader)
        commands.stop = try decodeCommand(from: &reader)
        commands.deleted = try decodeCommand(from: &reader)
        commands.any = try decodeCommand(from: &reader)
        commands.lowerPriorityHeard = try decodeCommand(from: &reader)
        sendsMail = try reader.flag()
        self.commands = commands
    }
}

extension FIFOEntry {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(path)
        writer.append(user)
        writer.append(group)
        encodeCommand(script, into: &writer)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        path = try reader.text()
        user = try reader.number(UInt32.self)
        group = try reader.number(UInt32.self)
        script = try decodeCommand(from: &reader)
    }
}

extension HandoverEntry {
    func encode(into writer: inout ByteWriter) {
        writer.append(name)
        writer.append(interface)
        writer.append(each: sendsThrough.map { [$0] } ?? []) { $1.append($0) }
        writer.append(each: virtualLinks) { $1.append($0) }
        writer.append(configuredSource)
        writer.append(Int32(truncatingIfNeeded: group))
        parameters.encodeWireFormat(into: &writer)
        writer.append(each: addresses) { $0.encode(into: &$1) }
        writer.append(each: routes) { $0.encode(into: &$1) }
        writer.append(each: rules) { $0.encode(into: &$1) }
        writer.append(promotesSecondaries)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        name = try reader.text()
        interface = try reader.text()
        sendsThrough = try reader.list { (r) throws(DecodingError) in try r.text() }.first
        virtualLinks = try reader.list { (r) throws(DecodingError) in try r.text() }
        configuredSource = try reader.address()
        group = Int(try reader.number(Int32.self))
        parameters = try VirtualRouterParameters(wireFormatFrom: &reader, name: name)
        addresses = try reader.list { (r) throws(DecodingError) in try DeclaredAddress(from: &r) }
        routes = try reader.list { (r) throws(DecodingError) in try Route(from: &r) }
        rules = try reader.list { (r) throws(DecodingError) in try Rule(from: &r) }
        promotesSecondaries = try reader.flag()
    }
}

extension DeclaredAddress {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(prefix.address)
        writer.append(UInt8(truncatingIfNeeded: prefix.length))
        writer.append(interface)
        writer.append(isOwners)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        guard let address = try reader.address() else { throw DecodingError() }
        prefix = Prefix(address: address, length: Int(try reader.number(UInt8.self)))
        interface = try reader.text()
        isOwners = try reader.flag()
    }
}

/// Of a virtual router's parameters only what its priority-0 advertisement consists of.
extension VirtualRouterParameters {
    fileprivate func encodeWireFormat(into writer: inout ByteWriter) {
        writer.append(family.rawValue)
        writer.append(vrid)
        writer.append(each: addresses) { $1.append($0) }
        writer.append(version.rawValue)
        writer.append(priority)
        writer.append(advertisementInterval.nanoseconds)
        writer.append(hopLimit)
        encodeChecksum(into: &writer)
        encodeAuthentication(into: &writer)
        switch transport {
        case .multicast(let group):
            writer.append(true)
            writer.append(each: [group]) { $1.append($0) }
        case .unicast(let peers):
            writer.append(false)
            writer.append(each: peers) { $1.append($0) }
        }
    }

    fileprivate init(
        wireFormatFrom reader: inout ByteReader, name: ByteString
    ) throws(DecodingError) {
        guard let family = Family(rawValue: try reader.number(UInt8.self)) else {
            throw DecodingError()
        }
        let vrid = try reader.number(UInt8.self)
        let addresses = try reader.list { (r) throws(DecodingError) in try r.requiredAddress() }
        self.init(name: name, family: family, vrid: vrid, addresses: addresses)
        guard let version = ProtocolVersion(rawValue: try reader.number(UInt8.self)) else {
            throw DecodingError()
        }
        self.version = version
        priority = try reader.number(UInt8.self)
        advertisementInterval = try reader.interval()
        hopLimit = try reader.number(UInt8.self)
        try decodeChecksum(from: &reader)
        try decodeAuthentication(from: &reader)
        let isMulticast = try reader.flag()
        let targets = try reader.list { (r) throws(DecodingError) in try r.requiredAddress() }
        if !isMulticast {
            transport = .unicast(peers: targets)
        } else if let group = targets.first {
            transport = .multicast(group: group)
        }
    }
}

extension VirtualRouterParameters {
    fileprivate func encodeChecksum(into writer: inout ByteWriter) {
        switch checksum {
        case .pseudoHeader: writer.append(UInt8(0))
        case .messageOnly: writer.append(UInt8(1))
        case .multicastPseudoHeader: writer.append(UInt8(2))
        }
    }

    fileprivate mutating func decodeChecksum(from reader: inout ByteReader) throws(DecodingError) {
        switch try reader.number(UInt8.self) {
        case 0: checksum = .pseudoHeader
        case 1: checksum = .messageOnly
        case 2: checksum = .multicastPseudoHeader
        default: throw DecodingError()
        }
    }

    /// With its key: a hand-over signs. Of auth_hmac only the key that signs.
    fileprivate func encodeAuthentication(into writer: inout ByteWriter) {
        writer.append(authentication.type)
        switch authentication {
        case .none: break
        case .password(let key), .header(let key): writer.append(key)
        }
        let signing = trailer?.signs == true ? trailer?.signingKey : nil
        writer.append(signing?.id ?? 0)
        writer.append(signing?.secret ?? [])
        writer.append(trailer?.window?.nanoseconds ?? 0)
    }

    fileprivate mutating func decodeAuthentication(
        from reader: inout ByteReader
    ) throws(DecodingError) {
        switch try reader.number(UInt8.self) {
        case 0: authentication = .none
        case 1: authentication = .password(try reader.number(UInt64.self))
        case 2: authentication = .header(try reader.number(UInt64.self))
        default: throw DecodingError()
        }
        let id = try reader.number(UInt8.self)
        let secret = try reader.block()
        let window = try reader.interval()
        guard id != 0 else { return }
        trailer = TrailerAuthentication(
            keys: [TrailerAuthentication.Key(id: id, secret: secret)], activeKey: id,
            window: window > .zero ? window : nil)
    }
}

extension ByteReader {
    mutating func requiredAddress() throws(DecodingError) -> IPAddress {
        guard let address = try address() else { throw DecodingError() }
        return address
    }
}
