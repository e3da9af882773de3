package import Net

/// IPv4: `broadcast ADDRESS`, `+` or `-`.
package enum Broadcast: Hashable, Sendable {
    case none
    case address(IPv4Address)
    case allOnes
    case allZeros
}

/// One line of virtual_ipaddress.
package struct VirtualAddress: Hashable, Sendable {
    package var prefix: Prefix
    /// As rtnetlink has it: 0 global, 200 site, 253 link, 254 host.
    package var scope: UInt8
    /// no_track: what somebody removes is not brought back and its interface is not watched.
    package var isTracked: Bool
    /// use_vmac: held by a virtual interface of its own.
    package var usesVirtualMAC: Bool
    /// -nodad: duplicate address detection stays on.
    package var detectsDuplicates: Bool
    /// home, mngtmpaddr, noprefixroute, autojoin.
    package var flags: Flags
    package var broadcast: Broadcast
    /// preferred_lft in seconds, `UInt32.max` for ever; nil: 0 for a /128, else for ever.
    package var preferredLifetime: UInt32?
    /// Nil: the instance's interface.
    package var interface: ByteString?
    package var label: ByteString?
    @Rare package var peer: Prefix?
    /// track_group, for static ones.
    package var group: ByteString?

    /// IFA_F_… as rtnetlink has them.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) { self.rawValue = rawValue }

        package static let home = Flags(rawValue: 0x10)
        package static let managesTemporary = Flags(rawValue: 0x100)
        package static let noPrefixRoute = Flags(rawValue: 0x200)
        package static let autoJoin = Flags(rawValue: 0x400)
    }

    package init(prefix: Prefix) {
        self.prefix = prefix
        usesVirtualMAC = false
        scope = 0
        broadcast = .none
        isTracked = true
        flags = []
        detectsDuplicates = false
    }
}

/// One line of virtual_routes or static_routes.
package struct ConfiguredRoute: Hashable, Sendable {
    package var route: Route
    /// no_track: what somebody removes is not brought back, its interfaces are not watched.
    package var isTracked = true
    /// track_group, for static ones.
    package var group: ByteString?
    /// For dumps: which hops name their weight; nil: it was not written with `nexthop`.
    package var weightedHops: Set<Int>?

    package init(route: Route) { self.route = route }
}

/// One line of virtual_rules or static_rules.
package struct ConfiguredRule: Hashable, Sendable {
    package var rule: Rule
    package var isTracked = true
    package var group: ByteString?
    /// For dumps: `from all` or `to all` was written, which select nothing.
    package var namesAllSources = false
    package var namesAllDestinations = false

    package init(rule: Rule) { self.rule = rule }
}

/// What is held from the daemon's start to its end, whatever the states of instances.
package struct StaticItems: Hashable, Sendable {
    package var addresses: [VirtualAddress] = []
    package var routes: [ConfiguredRoute] = []
    package var rules: [ConfiguredRule] = []
    /// default_interface: of addresses that name none.
    package var interface: ByteString = "eth0"

    package init() {}
}
