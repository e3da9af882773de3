package import Net
package import VRRP

/// What is known of one virtual router at one moment: the source of every dump and status page.
/// No field holds a secret.
package struct InstanceStatus: Hashable, Sendable {
    package struct Address: Hashable, Sendable {
        package var prefix: Prefix
        package var interface: ByteString
        /// As rtnetlink has it: 0 global.
        package var scope: UInt8
        package var label: ByteString?
        /// The kernel is known to hold it.
        package var isSet: Bool
        /// As text, with its keyword: "brd 192.0.2.255".
        package var broadcast: ByteString?
        /// Of a virtual interface: the interface that carries it.
        package var parent: ByteString?
        /// Further words of its line that have an effect: "no_track".
        package var options: [String] = []
        /// IPv6: the preferred lifetime in seconds, `UInt32.max` for ever; nil: 0 for a /128, else
        /// for ever.
        package var preferredLifetime: UInt32?

        package init(
            prefix: Prefix, interface: ByteString, scope: UInt8, label: ByteString?, isSet: Bool
        ) {
            self.prefix = prefix
            self.interface = interface
            self.scope = scope
            self.label = label
            self.isSet = isSet
        }
    }

    /// The interface that use_vmac or use_ipvlan makes.
    package struct VirtualLink: Hashable, Sendable {
        package var name: ByteString
        package var isIPVLAN: Bool
        /// False under vmac_xmit_base, and for unicast.
        package var isSentFrom: Bool

        package init(name: ByteString, isIPVLAN: Bool, isSentFrom: Bool) {
            self.name = name
            self.isIPVLAN = isIPVLAN
            self.isSentFrom = isSentFrom
        }
    }

    package var parameters: VirtualRouterParameters
    package var interface: ByteString
    package var virtualLink: VirtualLink?
    package var isStrict = false
    /// `state MASTER` was undone: it heard a master, or waited for a script.
    package var hasGivenWay = false
    package var group: ByteString?
    package var state = StateName.initialize
    /// In words: what the state's last change was due to.
    package var reason: ByteString = ""
    /// Each in words; empty unless in fault.
    package var faults: [ByteString] = []
    package var effectivePriority: UInt8 = 0
    package var totalPriority = 0
    package var source: IPAddress?
    /// The master last heard, unless that is this node.
    package var master: IPAddress?
    package var masterPriority: UInt8 = 0
    package var masterInterval = Interval.zero
    package var masterDownInterval = Interval.zero
    /// Wall clock of the last transition, in microseconds since 1970; 0: none yet.
    package var lastTransition: Int64 = 0
    package var sendsMail = false
    /// False under no_accept.
    package var acceptsTraffic = true
    package var promotesSecondaries = false
    /// mcast_src_ip or unicast_src_ip was given.
    package var sourceIsConfigured = false
    /// Commands as they run, each word in apostrophes.
    package var commands = NotifyTexts()
    package var trackedScripts: [ByteString] = []
    package var trackedInterfaces: [ByteString] = []
    /// Unicast: every advertisement arrived with TTL 255, and no min_ttl says that it must.
    package var couldPinHopLimit = false
    package var addresses: [Address] = []
    package var excludedAddresses: [Address] = []
    /// virtual_routes and virtual_rules, as keepalived writes them.
    package var routes: [ByteString] = []
    package var rules: [ByteString] = []
    package var counters = InstanceCounters()

    package init(parameters: VirtualRouterParameters, interface: ByteString) {
        self.parameters = parameters
        self.interface = interface
    }
}

/// The notify scripts of an instance, for dumps; empty: none.
package struct NotifyTexts: Hashable, Sendable {
    package var master: ByteString = ""
    package var backup: ByteString = ""
    package var fault: ByteString = ""
    package var stop: ByteString = ""
    package var deleted: ByteString = ""
    package var any: ByteString = ""
    package var lowerPriorityHeard: ByteString = ""

    package init() {}
}

/// Counters of one virtual router since its start (or since they were cleared).
package struct InstanceCounters: Hashable, Sendable {
    package var core: Counters
    /// By `Discard.rawValue`.
    package var discards: [UInt64]

    package init(_ core: Counters = Counters(), discards: [UInt64] = []) {
        self.core = core
        self.discards = discards
    }

    package func discarded(_ reasons: Discard...) -> UInt64 {
        var sum: UInt64 = 0
        for reason in reasons where discards.indices.contains(Int(reason.rawValue)) {
            sum += discards[Int(reason.rawValue)]
        }
        return sum
    }
}

package struct GroupStatus: Hashable, Sendable {
    package var name: ByteString
    package var state: StateName
    package var members: [ByteString]

    package init(name: ByteString, state: StateName, members: [ByteString]) {
        self.name = name
        self.state = state
        self.members = members
    }
}

/// A whole VRRP router at one moment.
package struct NodeStatus: Hashable, Sendable {
    package var routerID: ByteString
    package var instances: [InstanceStatus]
    package var groups: [GroupStatus]
    package var scripts: [ScriptStatus] = []
    /// static_routes and static_rules.
    package var staticRoutes: [ByteString] = []
    package var staticRules: [ByteString] = []

    package init(routerID: ByteString, instances: [InstanceStatus], groups: [GroupStatus]) {
        self.routerID = routerID
        self.instances = instances
        self.groups = groups
    }
}

extension StateName {
    /// The word that keepalived's files and scripts use.
    package var word: String {
        switch self {
        case .initialize: "INIT"
        case .backup: "BACKUP"
        case .master: "MASTER"
        case .fault: "FAULT"
        }
    }
}
