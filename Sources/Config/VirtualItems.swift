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
    /// Nil: the instance's interface.
    package var interface: ByteString?
    @Rare private var options: AddressOptions

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
        isTracked = true
        options = AddressOptions()
        detectsDuplicates = false
    }
}

/// What few addresses have.
private struct AddressOptions: Sparse {
    var flags: VirtualAddress.Flags = []
    var broadcast = Broadcast.none
    var preferredLifetime: UInt32?
    var label: ByteString?
    var peer: Prefix?
    var group: ByteString?
}

extension VirtualAddress {
    /// home, mngtmpaddr, noprefixroute, autojoin.
    package var flags: Flags {
        get { options.flags }
        set { options.flags = newValue }
    }

    package var broadcast: Broadcast {
        get { options.broadcast }
        set { options.broadcast = newValue }
    }

    /// preferred_lft in seconds, `UInt32.max` for ever; nil: 0 for a /128, else for ever.
    package var preferredLifetime: UInt32? {
        get { options.preferredLifetime }
        set { options.preferredLifetime = newValue }
    }

    package var label: ByteString? {
        get { options.label }
        set { options.label = newValue }
    }

    package var peer: Prefix? {
        get { options.peer }
        set { options.peer = newValue }
    }

    /// track_group, for static ones.
    package var group: ByteString? {
        get { options.group }
        set { options.group = newValue }
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
