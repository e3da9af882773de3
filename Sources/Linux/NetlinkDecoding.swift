// From messages to values. A message that lacks what the value needs gives nil.
import CNetlink
import Net

extension Notice {
    /// Nil for other messages than those of links, addresses and removed routes and rules, and for
    /// broken ones.
    package init?(_ header: NetlinkHeader, in bytes: Span<UInt8>) {
        switch header.type {
        case UInt16(RTM_NEWLINK):
            guard let link = LinkInfo(bytes, header.payload) else { return nil }
            self = .link(link)
        case UInt16(RTM_DELLINK):
            guard let link = LinkInfo(bytes, header.payload) else { return nil }
            self = .linkRemoved(link)
        case UInt16(RTM_NEWADDR):
            guard let address = AddressInfo(bytes, header.payload) else { return nil }
            self = .address(address)
        case UInt16(RTM_DELADDR):
            guard let address = AddressInfo(bytes, header.payload) else { return nil }
            self = .addressRemoved(address)
        case UInt16(RTM_DELROUTE):
            guard let route = RouteInfo(bytes, header.payload) else { return nil }
            self = .routeRemoved(route)
        case UInt16(RTM_DELRULE):
            guard let rule = RuleInfo(bytes, header.payload) else { return nil }
            self = .ruleRemoved(rule)
        default:
            return nil
        }
    }
}

extension LinkInfo {
    /// struct ifinfomsg: family, padding, type, index, flags, change; then IFLA_… attributes.
    ///
    /// Messages of another family than AF_UNSPEC are about a bridge's port: there RTM_DELLINK
    /// means that the port left the bridge, not that the interface is gone.
    init?(_ bytes: Span<UInt8>, _ payload: Range<Int>) {
        let start = payload.lowerBound
        guard payload.count >= 16, payload.upperBound <= bytes.count, bytes[start] == 0,
            let index = bytes.index(start + 4..<start + 8),
            let flags = bytes.word(start + 8..<start + 12)
        else { return nil }
        self.init(index: index, name: "")
        isUp = flags & 0x1 != 0
        isLoopback = flags & 0x8 != 0
        isRunning = flags & 0x40 != 0
        hasNoARP = flags & 0x80 != 0
        var attributes = NetlinkReader(attributesIn: payload, after: 16)
        while let attribute = attributes.attribute(bytes) { take(attribute, bytes) }
        guard index > 0, !name.isEmpty else { return nil }
    }

    private mutating func take(_ attribute: NetlinkAttribute, _ bytes: Span<UInt8>) {
        let payload = attribute.payload
        switch attribute.type {
        case UInt16(IFLA_ADDRESS): mac = macAddress(bytes, payload)
        case UInt16(IFLA_IFNAME): name = bytes.text(payload)
        case UInt16(IFLA_MTU): mtu = bytes.word(payload) ?? 0
        case UInt16(IFLA_LINK): parent = bytes.index(payload)
        case UInt16(IFLA_MASTER): master = bytes.index(payload)
        case UInt16(IFLA_LINKINFO): takeKind(payload, bytes)
        case UInt16(IFLA_GROUP): group = bytes.word(payload) ?? 0
        case UInt16(IFLA_IFALIAS): alias = bytes.text(payload)
        case UInt16(IFLA_AF_SPEC):
            takeSettings(payload, bytes)
            takeForwarding(payload, bytes)
        default: break
        }
    }

    /// IFLA_AF_SPEC holds AF_INET6, that holds IFLA_INET6_CONF (2): an array of numbers, the first
    /// of which is `forwarding`.
    private mutating func takeForwarding(_ range: Range<Int>, _ bytes: Span<UInt8>) {
        var families = NetlinkReader(attributesIn: range)
        while let family = families.attribute(bytes) {
            guard family.type == UInt16(Family.ipv6.addressFamily) else { continue }
            var inner = NetlinkReader(attributesIn: family.payload)
            while let attribute = inner.attribute(bytes) {
                guard attribute.type == 2 else { continue }
                forwardsIPv6 = (bytes.word(attribute.payload) ?? 0) != 0
            }
        }
    }

    /// The kernel writes the kind before what is particular to it.
    private mutating func takeKind(_ range: Range<Int>, _ bytes: Span<UInt8>) {
        var nested = NetlinkReader(attributesIn: range)
        while let attribute = nested.attribute(bytes) {
            switch attribute.type {
            case UInt16(IFLA_INFO_KIND): kind = bytes.text(attribute.payload)
            case UInt16(IFLA_INFO_DATA):
                takeMode(attribute.payload, bytes)
                takeTable(attribute.payload, bytes)
            default: break
            }
        }
    }

    private mutating func takeMode(_ range: Range<Int>, _ bytes: Span<UInt8>) {
        guard kind == ByteString("macvlan") else { return }
        var nested = NetlinkReader(attributesIn: range)
        while let attribute = nested.attribute(bytes) {
            guard attribute.type == UInt16(IFLA_MACVLAN_MODE) else { continue }
            mode =
                bytes.word(attribute.payload) == UInt32(MACVLAN_MODE_PRIVATE.rawValue)
                ? .privateMACVLAN : nil
        }
    }

    private mutating func takeTable(_ range: Range<Int>, _ bytes: Span<UInt8>) {
        guard kind == ByteString("vrf") else { return }
        var nested = NetlinkReader(attributesIn: range)
        while let attribute = nested.attribute(bytes) {
            guard attribute.type == UInt16(IFLA_VRF_TABLE) else { continue }
            vrfTable = bytes.word(attribute.payload)
        }
    }

    private mutating func takeSettings(_ range: Range<Int>, _ bytes: Span<UInt8>) {
        var families = NetlinkReader(attributesIn: range)
        while let family = families.attribute(bytes) {
            guard family.type == UInt16(Family.ipv4.addressFamily) else { continue }
            var nested = NetlinkReader(attributesIn: family.payload)
            while let attribute = nested.attribute(bytes) {
                guard attribute.type == UInt16(IFLA_INET_CONF) else { continue }
                ipv4 = IPv4LinkSettings(bytes, attribute.payload)
            }
        }
    }
}

private func macAddress(_ bytes: Span<UInt8>, _ range: Range<Int>) -> MACAddress? {
    guard range.count == 6, range.upperBound <= bytes.count else { return nil }
    var value: UInt64 = 0
    for index in range { value = value << 8 | UInt64(bytes[index]) }
    return MACAddress(value)
}

extension AddressInfo {
    /// struct ifaddrmsg: family, prefix length, flags, scope, index; then IFA_… attributes.
    init?(_ bytes: Span<UInt8>, _ payload: Range<Int>) {
        let start = payload.lowerBound
        guard payload.count >= 8, payload.upperBound <= bytes.count,
            let family = Family(addressFamily: bytes[start]),
            let index = bytes.index(start + 4..<start + 8), index > 0
        else { return nil }
        let length = Int(bytes[start + 1])
        guard length <= family.addressBits else { return nil }

        var found = Attributes()
        var attributes = NetlinkReader(attributesIn: payload, after: 8)
        while let attribute = attributes.attribute(bytes) {
            found.take(attribute, family, bytes)
        }
        // Where both are there, IFA_ADDRESS is the peer's, or the same (linux/if_addr.h).
        guard let address = found.local ?? found.address else { return nil }
        self.init(interfaceIndex: index, prefix: Prefix(address: address, length: length))
        peer = found.address == address ? nil : found.address
        scope = bytes[start + 3]
        flags = Flags(rawValue: found.flags ?? UInt32(bytes[start + 2]))
        proto = found.proto
    }

    private struct Attributes {
        var address: IPAddress?
        var local: IPAddress?
        var flags: UInt32?
        var proto: UInt8 = 0

        mutating func take(
            _ attribute: NetlinkAttribute, _ family: Family, _ bytes: Span<UInt8>
        ) {
            let payload = attribute.payload
            switch attribute.type {
            case UInt16(IFA_ADDRESS): address = bytes.address(payload, family)
            case UInt16(IFA_LOCAL): local = bytes.address(payload, family)
            case UInt16(IFA_FLAGS): flags = bytes.word(payload)
            case UInt16(IFA_PROTO): proto = payload.isEmpty ? 0 : bytes[payload.lowerBound]
            default: break
            }
        }
    }
}

extension Family {
    /// AF_INET or AF_INET6.
    init?(addressFamily: UInt8) {
        switch addressFamily {
        case 2: self = .ipv4
        case 10: self = .ipv6
        default: return nil
        }
    }

    var addressFamily: UInt8 { self == .ipv4 ? 2 : 10 }
}
