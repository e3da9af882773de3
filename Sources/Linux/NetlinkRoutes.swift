// Routes and rules as rtnetlink has them: ip-route(8) and ip-rule(8) say what the fields mean.
import CNetlink
import Net

extension NetlinkMessage {
    /// A whole route.
    mutating func putRoute(_ spec: RouteSpec) {
        let route = spec.route
        append(route.fixedPart(scope: route.effectiveScope))
        putIdentityAttributes(of: spec)
        if let source = route.preferredSource { put(Int(RTA_PREFSRC.rawValue), source) }
        if let realms = route.realms { put(Int(RTA_FLOW.rawValue), realms) }
        if let preference = route.preference { put(Int(RTA_PREF.rawValue), preference) }
        if let expires = route.expires { put(Int(RTA_EXPIRES.rawValue), expires) }
        if let propagates = route.propagatesTimeToLive {
            put(Int(RTA_TTL_PROPAGATE.rawValue), UInt8(propagates ? 1 : 0))
        }
        putMetrics(of: route)
    }

    /// What the kernel finds a route by. Any scope; `protocol` keeps others' routes safe.
    mutating func putRouteIdentity(_ spec: RouteSpec) {
        append(spec.route.fixedPart(scope: UInt8(RT_SCOPE_NOWHERE.rawValue)))
        putIdentityAttributes(of: spec)
    }

    private mutating func putIdentityAttributes(of spec: RouteSpec) {
        let route = spec.route
        if route.destination.length > 0 { put(Int(RTA_DST.rawValue), route.destination.address) }
        if let source = route.source, source.length > 0 {
            put(Int(RTA_SRC.rawValue), source.address)
        }
        put(Int(RTA_TABLE.rawValue), route.table)
        if let metric = route.metric { put(Int(RTA_PRIORITY.rawValue), metric) }
        if route.hops.count > 1 {
            put(Int(RTA_MULTIPATH.rawValue), spec.multipath)
        } else if let hop = route.hops.first {
            if let index = spec.interfaces.first, index > 0 {
                put(Int(RTA_OIF.rawValue), UInt32(bitPattern: index))
            }
            for attribute in hop.attributes(in: route.family) {
                put(attribute.type, attribute.payload)
            }
        }
    }

    private mutating func putMetrics(of route: Route) {
        guard !route.metrics.isEmpty || route.congestionControl != nil else { return }
        nest(Int(RTA_METRICS.rawValue)) { message in
            var locks: UInt32 = 0
            for metric in route.metrics {
                message.put(Int(metric.kind.rawValue), metric.value)
                if metric.isLocked { locks |= 1 << UInt32(metric.kind.rawValue) }
            }
            if let name = route.congestionControl { message.put(Int(RTAX_CC_ALGO), name: name) }
            if locks != 0 { message.put(Int(RTAX_LOCK), locks) }
        }
    }
}

extension Route {
    fileprivate func fixedPart(scope: UInt8) -> rtmsg {
        var part = rtmsg()
        part.rtm_family = family.addressFamily
        part.rtm_dst_len = UInt8(clamping: destination.length)
        part.rtm_src_len = UInt8(clamping: source?.length ?? 0)
        part.rtm_tos = trafficClass
        // RTA_TABLE has all its bits.
        part.rtm_table = UInt8(exactly: table) ?? UInt8(RT_TABLE_UNSPEC.rawValue)
        part.rtm_protocol = proto
        part.rtm_scope = scope
        part.rtm_type = kind.rawValue
        if hops.count == 1, let hop = hops.first, hop.isOnLink {
            part.rtm_flags = UInt32(RTNH_F_ONLINK)
        }
        return part
    }
}

/// An attribute that is nested by hand, inside of structures that libnl does not know.
private struct Attribute {
    var type: Int
    var payload: [UInt8]

    /// struct nlattr, padded to four bytes.
    var bytes: [UInt8] {
        var bytes = octets(UInt16(truncatingIfNeeded: payload.count + 4))
        bytes += octets(UInt16(truncatingIfNeeded: type)) + payload
        while bytes.count & 3 != 0 { bytes.append(0) }
        return bytes
    }
}

/// As the machine has them: the netlink convention.
private func octets<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    var rest = UInt64(truncatingIfNeeded: number)
    var bytes: [UInt8] = []
    for _ in 0..<(Number.bitWidth / 8) {
        bytes.append(UInt8(truncatingIfNeeded: rest))
        rest >>= 8
    }
    return bytes
}

extension RouteSpec {
    /// struct rtnexthop (length, flags, weight - 1, interface) and its attributes, for each way.
    fileprivate var multipath: [UInt8] {
        var result: [UInt8] = []
        for (position, hop) in route.hops.enumerated() {
            var attributes: [UInt8] = []
            for attribute in hop.attributes(in: route.family) { attributes += attribute.bytes }
            let index = interfaces.indices.contains(position) ? interfaces[position] : 0
            result += octets(UInt16(truncatingIfNeeded: attributes.count + 8))
            result.append(hop.isOnLink ? UInt8(RTNH_F_ONLINK) : 0)
            result.append(UInt8(clamping: Int(hop.weight) - 1))
            result += octets(index) + attributes
        }
        return result
    }
}

extension Route.Hop {
    fileprivate func attributes(in family: Family) -> [Attribute] {
        var result: [Attribute] = []
        if let gateway, gateway.family == family {
            result.append(Attribute(type: Int(RTA_GATEWAY.rawValue), payload: gateway.bytes))
        } else if let gateway {
            // struct rtvia: family, address.
            let address = octets(UInt16(gateway.family.addressFamily)) + gateway.bytes
            result.append(Attribute(type: Int(RTA_VIA.rawValue), payload: address))
        }
        if let realms {
            result.append(Attribute(type: Int(RTA_FLOW.rawValue), payload: octets(realms)))
        }
        if let encapsulation {
            let payload = encapsulation.attributes.flatMap { $0.bytes }
            result.append(
                Attribute(type: Int(RTA_ENCAP_TYPE.rawValue), payload: octets(encapsulation.type)))
            result.append(Attribute(type: Int(RTA_ENCAP.rawValue), payload: payload))
        }
        return result
    }
}

extension Route.Encapsulation {
    /// LWTUNNEL_ENCAP_…
    fileprivate var type: UInt16 {
        switch self {
        case .mpls: 1
        case .ip(let tunnel): tunnel.family == .ipv4 ? 2 : 4
        case .ila: 3
        }
    }

    fileprivate var attributes: [Attribute] {
        switch self {
        case .mpls(let labels, let ttl):
            var stack: [UInt8] = []
            for (position, label) in labels.enumerated() {
                let isLast = position == labels.count - 1
                stack += octets((label << 12 | (isLast ? 0x100 : 0)).bigEndian)
            }
            let destination = Attribute(type: 1, payload: stack)
            return [destination] + (ttl.map { [Attribute(type: 2, payload: [$0])] } ?? [])
        case .ip(let tunnel): return tunnel.attributes
        case .ila(let locator): return [Attribute(type: 1, payload: octets(locator.bigEndian))]
        }
    }
}

extension Route.Tunnel {
    /// LWTUNNEL_IP_… and LWTUNNEL_IP6_… have the same numbers, but that ttl and tos (hop limit and
    /// traffic class) change places only in name.
    fileprivate var attributes: [Attribute] {
        var result: [Attribute] = []
        if let identifier {
            result.append(Attribute(type: 1, payload: octets(identifier.bigEndian)))
        }
        if let destination { result.append(Attribute(type: 2, payload: destination.bytes)) }
        if let source { result.append(Attribute(type: 3, payload: source.bytes)) }
        if let timeToLive { result.append(Attribute(type: 4, payload: [timeToLive])) }
        if let trafficClass { result.append(Attribute(type: 5, payload: [trafficClass])) }
        if let flags { result.append(Attribute(type: 6, payload: octets(flags.bigEndian))) }
        return result
    }
}

extension NetlinkMessage {
    /// A whole rule, which is also what it is found by.
    mutating func putRule(_ rule: Rule) {
        append(rule.fixedPart)
        put(FRA_PRIORITY, rule.preference)
        if let source = rule.source { put(FRA_SRC, source.address) }
        if let destination = rule.destination { put(FRA_DST, destination.address) }
        if let name = rule.inputInterface { put(FRA_IIFNAME, name: name) }
        if let name = rule.outputInterface { put(FRA_OIFNAME, name: name) }
        if let mark = rule.mark { put(FRA_FWMARK, mark) }
        if let mask = rule.markMask { put(FRA_FWMASK, mask) }
        if let realms = rule.realms { put(FRA_FLOW, realms) }
        if let length = rule.suppressedLength { put(FRA_SUPPRESS_PREFIXLEN, length) }
        if let group = rule.suppressedGroup { put(FRA_SUPPRESS_IFGROUP, group) }
        if let tunnel = rule.tunnel { put(FRA_TUN_ID, octets(tunnel.bigEndian)) }
        if let users = rule.users {
            put(FRA_UID_RANGE, octets(users.first) + octets(users.last))
        }
        if let transport = rule.transport { put(FRA_IP_PROTO, transport) }
        if let ports = rule.sourcePorts { put(FRA_SPORT_RANGE, ports.payload) }
        if let ports = rule.destinationPorts { put(FRA_DPORT_RANGE, ports.payload) }
        put(FRA_PROTOCOL, rule.proto)
        switch rule.action {
        case .lookup(let table): put(FRA_TABLE, table)
        case .goto(let preference): put(FRA_GOTO, preference)
        case .masterDevice: put(FRA_L3MDEV, UInt8(1))
        case .nothing, .blackhole, .unreachable, .prohibit: break
        }
    }

}

extension Rule.Ports {
    fileprivate var payload: [UInt8] { octets(first) + octets(last) }
}

extension Rule {
    fileprivate var fixedPart: fib_rule_hdr {
        var part = fib_rule_hdr()
        part.family = family.addressFamily
        part.dst_len = UInt8(clamping: destination?.length ?? 0)
        part.src_len = UInt8(clamping: source?.length ?? 0)
        part.tos = trafficClass
        part.action = action.number
        part.flags = isInverted ? UInt32(FIB_RULE_INVERT) : 0
        if case .lookup(let table) = action { part.table = UInt8(exactly: table) ?? 0 }
        return part
    }
}

extension Rule.Action {
    /// FR_ACT_…
    fileprivate var number: UInt8 {
        switch self {
        case .lookup, .masterDevice: 1
        case .goto: 2
        case .nothing: 3
        case .blackhole: 6
        case .unreachable: 7
        case .prohibit: 8
        }
    }
}

// What the kernel tells.

extension RouteInfo {
    /// struct rtmsg: family, destination and source length, tos, table, protocol, scope, type,
    /// flags; then RTA_… attributes.
    init?(_ bytes: Span<UInt8>, _ payload: Range<Int>) {
        let start = payload.lowerBound
        guard payload.count >= 12, payload.upperBound <= bytes.count,
            let family = Family(addressFamily: bytes[start])
        else { return nil }
        let length = Int(bytes[start + 1])
        guard length <= family.addressBits else { return nil }
        let nothing = IPAddress(bytes: [UInt8](repeating: 0, count: family.addressSize)[...])
        guard let nothing else { return nil }
        self.init(
            destination: Prefix(address: nothing, length: length), table: UInt32(bytes[start + 4]))
        trafficClass = bytes[start + 3]
        kind = bytes[start + 7]
        var attributes = NetlinkReader(attributesIn: payload, after: 12)
        while let attribute = attributes.attribute(bytes) {
            switch attribute.type {
            case UInt16(RTA_DST.rawValue):
                guard let address = bytes.address(attribute.payload, family) else { return nil }
                destination.address = address
            case UInt16(RTA_TABLE.rawValue): table = bytes.word(attribute.payload) ?? table
            case UInt16(RTA_PRIORITY.rawValue): metric = bytes.word(attribute.payload) ?? 0
            default: break
            }
        }
    }
}

extension RuleInfo {
    /// struct fib_rule_hdr: 12 bytes, the family first; then FRA_… attributes.
    init?(_ bytes: Span<UInt8>, _ payload: Range<Int>) {
        guard payload.count >= 12, payload.upperBound <= bytes.count,
            let family = Family(addressFamily: bytes[payload.lowerBound])
        else { return nil }
        self.init(family: family, preference: 0)
        var attributes = NetlinkReader(attributesIn: payload, after: 12)
        while let attribute = attributes.attribute(bytes) {
            if attribute.type == UInt16(FRA_PRIORITY) {
                preference = bytes.word(attribute.payload) ?? 0
            }
        }
    }
}
