/// A route as it is to be in the kernel's tables, interfaces by name: one that is deleted and made
/// anew comes back under another number. Numbers are rtnetlink's.
package struct Route: Hashable, Sendable {
    /// rtm_type.
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case unicast = 1
        case local = 2
        case broadcast = 3
        case anycast = 4
        case multicast = 5
        case blackhole = 6
        case unreachable = 7
        case prohibit = 8
        case `throw` = 9

        package var word: String {
            switch self {
            case .unicast: "unicast"
            case .local: "local"
            case .broadcast: "broadcast"
            case .anycast: "anycast"
            case .multicast: "multicast"
            case .blackhole: "blackhole"
            case .unreachable: "unreachable"
            case .prohibit: "prohibit"
            case .throw: "throw"
            }
        }

        /// Leads nowhere: it has neither gateway nor interface.
        package var isDeadEnd: Bool {
            switch self {
            case .blackhole, .unreachable, .prohibit, .throw: true
            case .unicast, .local, .broadcast, .anycast, .multicast: false
            }
        }
    }

    /// What becomes of another route to the same destination.
    package enum Operation: UInt8, Hashable, Sendable {
        /// Only where there is none.
        case add = 0
        /// Behind it.
        case append = 1
        /// Before it: the default, as keepalived.
        case prepend = 2
    }

    /// One way to the destination.
    package struct Hop: Hashable, Sendable {
        package var gateway: IPAddress?
        package var interface: ByteString?
        /// 1...256.
        package var weight: UInt16 = 1
        package var isOnLink = false
        package var realms: UInt32?
        package var encapsulation: Encapsulation?

        package init(gateway: IPAddress? = nil, interface: ByteString? = nil) {
            self.gateway = gateway
            self.interface = interface
        }
    }

    /// What packets are wrapped in (lightweight tunnels).
    package enum Encapsulation: Hashable, Sendable {
        /// Labels of 20 bits, outermost first; ttl nil: copied.
        case mpls(labels: [UInt32], ttl: UInt8?)
        case ip(Tunnel)
        /// The locator's 64 bits.
        case ila(UInt64)
    }

    /// IPv4 or IPv6 around the packet, by the addresses' family.
    package struct Tunnel: Hashable, Sendable {
        package var family: Family
        package var identifier: UInt64?
        package var source: IPAddress?
        package var destination: IPAddress?
        /// tos; tc of IPv6.
        package var trafficClass: UInt8?
        /// ttl; hoplimit of IPv6.
        package var timeToLive: UInt8?
        package var flags: UInt16?

        package init(family: Family) { self.family = family }
    }

    /// RTAX_…, in host order of the kernel's numbers.
    package enum MetricKind: UInt8, Hashable, Sendable {
        case mtu = 2
        case window = 3
        case rtt = 4
        case rttvar = 5
        case ssthresh = 6
        case cwnd = 7
        case advmss = 8
        case reordering = 9
        case hoplimit = 10
        case initcwnd = 11
        case features = 12
        case rto_min = 13
        case initrwnd = 14
        case quickack = 15
        case fastopen_no_cookie = 17
    }

    package struct Metric: Hashable, Sendable {
        package var kind: MetricKind
        /// As the kernel has it: rtt in eighths, rttvar in quarters of a millisecond.
        package var value: UInt32
        /// The kernel must not change it.
        package var isLocked: Bool

        package init(_ kind: MetricKind, _ value: UInt32, isLocked: Bool = false) {
            self.kind = kind
            self.value = value
            self.isLocked = isLocked
        }
    }

    /// RTPROT_KEEPALIVED: the label of what comes and goes with a virtual router.
    package static let keepalivedProtocol: UInt8 = 18
    package static let mainTable: UInt32 = 254
    package static let localTable: UInt32 = 255

    package var destination: Prefix
    package var kind = Kind.unicast
    package var operation = Operation.prepend
    /// `from`, IPv6 only.
    package var source: Prefix?
    package var table = Route.mainTable
    /// The interface whose table it goes to, instead of `table`.
    package var vrf: ByteString?
    /// Nil: by kind, as keepalived.
    package var scope: UInt8?
    package var trafficClass: UInt8 = 0
    package var metric: UInt32?
    package var proto = Route.keepalivedProtocol
    package var preferredSource: IPAddress?
    package var realms: UInt32?
    /// One: the route's own; more: shared among them by weight.
    package var hops: [Hop] = []
    package var metrics: [Metric] = []
    package var congestionControl: ByteString?
    /// ICMPV6_ROUTER_PREF_…: 0 medium, 1 high, 3 low.
    package var preference: UInt8?
    /// Seconds, IPv6 only.
    package var expires: UInt32?
    package var propagatesTimeToLive: Bool?

    package init(destination: Prefix) { self.destination = destination }

    package var family: Family { destination.address.family }

    /// What the kernel sees in a route that says nothing of its scope: 253 link, 254 host.
    package var effectiveScope: UInt8 {
        if let scope { return scope }
        if family == .ipv6 { return 0 }
        switch kind {
        case .local: return 254
        case .broadcast, .multicast, .anycast: return 253
        case .unicast, .blackhole, .unreachable, .prohibit, .throw: return 0
        }
    }

    /// Every interface it leads over.
    package var interfaces: [ByteString] { hops.compactMap { $0.interface } }
}

/// A rule of policy routing (ip-rule(8)). Numbers are rtnetlink's.
package struct Rule: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case lookup(table: UInt32)
        case goto(preference: UInt32)
        case nothing
        case blackhole
        case unreachable
        case prohibit
        /// The table of the packet's VRF.
        case masterDevice
    }

    package struct Ports: Hashable, Sendable {
        package var first: UInt16
        package var last: UInt16

        package init(first: UInt16, last: UInt16) {
            self.first = first
            self.last = last
        }
    }

    package struct Users: Hashable, Sendable {
        package var first: UInt32
        package var last: UInt32

        package init(first: UInt32, last: UInt32) {
            self.first = first
            self.last = last
        }
    }

    package var family: Family
    package var preference: UInt32
    package var action: Action
    package var isInverted = false
    package var source: Prefix?
    package var destination: Prefix?
    package var inputInterface: ByteString?
    package var outputInterface: ByteString?
    package var trafficClass: UInt8 = 0
    package var mark: UInt32?
    package var markMask: UInt32?
    package var realms: UInt32?
    package var suppressedLength: UInt32?
    package var suppressedGroup: UInt32?
    package var tunnel: UInt64?
    package var users: Users?
    package var transport: UInt8?
    package var sourcePorts: Ports?
    package var destinationPorts: Ports?
    package var proto = Route.keepalivedProtocol

    package init(family: Family, preference: UInt32, action: Action) {
        self.family = family
        self.preference = preference
        self.action = action
    }

    package var interfaces: [ByteString] {
        [inputInterface, outputInterface].compactMap { $0 }
    }
}
