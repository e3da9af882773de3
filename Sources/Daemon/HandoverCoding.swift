import Config
import Linux
import Net
import VRRP

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

extension Leftovers {
    /// What a configuration can name of it.
    func encode(into writer: inout ByteWriter) {
        writer.append(each: addresses) { $0.encode(into: &$1) }
        writer.append(each: routes) { $0.encode(into: &$1) }
        writer.append(each: rules) { $0.encode(into: &$1) }
        writer.append(each: links) { $1.append($0) }
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        addresses = try reader.list { (r) throws(DecodingError) in try DeclaredAddress(from: &r) }
        routes = try reader.list { (r) throws(DecodingError) in try Route(from: &r) }
        rules = try reader.list { (r) throws(DecodingError) in try Rule(from: &r) }
        links = try reader.list { (r) throws(DecodingError) in try r.text() }
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
        writer.append(each: addresses.array) { $1.append($0) }
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
