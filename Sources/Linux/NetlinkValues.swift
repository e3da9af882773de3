package import Net

/// A network interface as the kernel tells of it (RTM_NEWLINK).
package struct LinkInfo: Hashable, Sendable {
    /// 1...; an interface that is deleted and made anew gets another.
    package var index: Int32
    /// 1...15 bytes.
    package var name: ByteString
    /// Nil for links without 48-bit addresses.
    package var mac: MACAddress?
    /// IFF_UP: the administrator wants it up.
    package var isUp: Bool
    /// IFF_RUNNING: it has a carrier.
    package var isRunning: Bool
    package var isLoopback: Bool
    /// IFF_NOARP.
    package var hasNoARP: Bool
    package var mtu: UInt32
    /// IPv6 forwarding, as far as the kernel said (IFLA_AF_SPEC): this is a router.
    package var forwardsIPv6 = false
    /// IFLA_LINK: the interface that a macvlan or VLAN sits on.
    package var parent: Int32?
    /// IFLA_MASTER: the bridge, bond or VRF that it belongs to.
    package var master: Int32?
    /// "veth", "macvlan", "bridge", ...; nil for hardware.
    package var kind: ByteString?
    /// IFLA_IFALIAS: a remark that somebody made.
    package var alias: ByteString?
    /// IFLA_GROUP: the kernel's interface group.
    package var group: UInt32
    /// Of a VRF.
    package var vrfTable: UInt32?
    /// Of a macvlan.
    package var mode: VirtualLink.Mode?
    /// Nil where the interface has no IPv4.
    package var ipv4: IPv4LinkSettings?

    package init(index: Int32, name: ByteString) {
        self.index = index
        self.name = name
        isUp = false
        isRunning = false
        isLoopback = false
        hasNoARP = false
        mtu = 0
        group = 0
    }
}

/// An address of an interface as the kernel tells of it (RTM_NEWADDR).
package struct AddressInfo: Hashable, Sendable {
    /// ifa_flags and IFA_FLAGS.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) { self.rawValue = rawValue }

        /// IPv4: not the first of its subnet. IPv6: temporary.
        package static let secondary = Flags(rawValue: 0x01)
        package static let noDAD = Flags(rawValue: 0x02)
        package static let optimistic = Flags(rawValue: 0x04)
        package static let dadFailed = Flags(rawValue: 0x08)
        package static let homeAddress = Flags(rawValue: 0x10)
        package static let deprecated = Flags(rawValue: 0x20)
        package static let tentative = Flags(rawValue: 0x40)
        package static let permanent = Flags(rawValue: 0x80)
        package static let managesTemporary = Flags(rawValue: 0x100)
        package static let noPrefixRoute = Flags(rawValue: 0x200)
        package static let multicastAutoJoin = Flags(rawValue: 0x400)
    }

    package var interfaceIndex: Int32
    package var flags: Flags
    /// IPv4 only.
    package var label: ByteString?
    @Rare package var peer: IPAddress?
    /// The local address; with a peer the length is that of the peer's prefix.
    package var prefix: Prefix
    /// As rtnetlink has it: 0 global, 200 site, 253 link, 254 host.
    package var scope: UInt8
    /// IFA_PROTO: who added it; 0 where the kernel does not say.
    package var proto: UInt8

    package init(interfaceIndex: Int32, prefix: Prefix) {
        self.interfaceIndex = interfaceIndex
        self.prefix = prefix
        scope = 0
        flags = []
        proto = 0
    }
}

/// What the kernel tells without being asked.
package enum Notice: Hashable, Sendable {
    /// New, renamed or otherwise changed.
    case link(LinkInfo)
    case linkRemoved(LinkInfo)
    /// New or changed.
    case address(AddressInfo)
    case addressRemoved(AddressInfo)
    /// Only those of keepalived's protocol, after `hearRoutes`.
    case routeRemoved(RouteInfo)
    case ruleRemoved(RuleInfo)
}

/// An address as it is to be added or removed.
package struct AddressSpec: Hashable, Sendable {
    /// Seconds; `forever` is the kernel's infinity.
    package struct Lifetime: Hashable, Sendable {
        package static let forever = UInt32.max

        package var preferred: UInt32
        package var valid: UInt32

        package init(preferred: UInt32, valid: UInt32) {
            self.preferred = preferred
            self.valid = valid
        }
    }

    /// With a peer the length is that of the peer's prefix.
    package var prefix: Prefix
    package var scope: UInt8
    /// IFA_PROTO; 18 is the number that keepalived has and `ip address` shows by name.
    package var proto: UInt8
    package var interfaceIndex: Int32
    package var flags: AddressInfo.Flags
    @Rare private var options: AddressOptions

    /// With keepalived's defaults for IPv6: no duplicate address detection (another router may
    /// still hold the address), and a /128 is deprecated, so that nothing is sent from it unasked.
    package init(interfaceIndex: Int32, prefix: Prefix) {
        self.interfaceIndex = interfaceIndex
        self.prefix = prefix
        scope = 0
        flags = []
        proto = 18
        options = AddressOptions()
        guard prefix.address.family == .ipv6 else { return }
        flags = .noDAD
        if prefix.length == 128 {
            lifetime = Lifetime(preferred: 0, valid: Lifetime.forever)
        }
    }
}

/// What few addresses have.
private struct AddressOptions: Sparse {
    var broadcast: IPv4Address?
    var lifetime: AddressSpec.Lifetime?
    var label: ByteString?
    var peer: IPAddress?
}

extension AddressSpec {
    package var broadcast: IPv4Address? {
        get { options.broadcast }
        set { options.broadcast = newValue }
    }

    /// Nil: for ever.
    package var lifetime: Lifetime? {
        get { options.lifetime }
        set { options.lifetime = newValue }
    }

    /// IPv4 only; 1...15 bytes.
    package var label: ByteString? {
        get { options.label }
        set { options.label = newValue }
    }

    package var peer: IPAddress? {
        get { options.peer }
        set { options.peer = newValue }
    }
}

/// One thing to ask of the kernel.
package enum KernelChange: Hashable, Sendable {
    case add(AddressSpec)
    /// As `add`, but an address that is there takes over the attributes and the lifetime.
    case renew(AddressSpec)
    /// Identified by interface, address, prefix length and peer alone.
    case remove(AddressSpec)
    indirect case addRoute(RouteSpec)
    /// Identified by table, destination, traffic class, metric, kind, ways and protocol.
    indirect case removeRoute(RouteSpec)
    indirect case addRule(Rule)
    indirect case removeRule(Rule)
}

/// A route with the numbers that its interfaces have now.
package struct RouteSpec: Hashable, Sendable {
    package var route: Route
    /// As `route.hops`; 0 where none is named.
    package var interfaces: [Int32]

    package init(_ route: Route, interfaces: [Int32]) {
        self.route = route
        self.interfaces = interfaces
    }
}

/// A route of keepalived's protocol that the kernel tells to be gone (RTM_DELROUTE).
package struct RouteInfo: Hashable, Sendable {
    package var destination: Prefix
    package var table: UInt32
    package var trafficClass: UInt8
    /// 0: none (IPv6: 1024 stands for none given).
    package var metric: UInt32
    package var kind: UInt8

    package init(destination: Prefix, table: UInt32) {
        self.destination = destination
        self.table = table
        trafficClass = 0
        metric = 0
        kind = 1
    }
}

/// A rule that the kernel tells to be gone (RTM_DELRULE), as far as it is needed to find ours.
package struct RuleInfo: Hashable, Sendable {
    package var family: Family
    package var preference: UInt32

    package init(family: Family, preference: UInt32) {
        self.family = family
        self.preference = preference
    }
}

/// The errno values that callers tell apart.
package enum NetlinkErrno {
    package static let permission: Int32 = 1
    /// No acknowledgement came.
    package static let again: Int32 = 11
    package static let exists: Int32 = 17
    package static let noDevice: Int32 = 19
    package static let addressNotAvailable: Int32 = 99
    /// Of a rule.
    package static let noEntry: Int32 = 2
    /// Of a route.
    package static let noSuchRoute: Int32 = 3
}
