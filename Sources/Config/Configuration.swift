package import Net
package import VRRP

/// smtp_tls: whether the way to the mail server is encrypted.
package enum MailEncryption: UInt8, Hashable, Sendable {
    case none = 0
    /// Plain at first, then STARTTLS; a server that does not offer it gets nothing.
    case starttls = 1
    /// From the first byte, usually on port 465.
    case tls = 2
}

/// A command as configured: words after quoting, and whose user runs it.
package struct Command: Hashable, Sendable {
    /// The program and its arguments; never empty.
    package var words: [ByteString]
    /// Nil: the default script user.
    package var user: ByteString?
    /// Nil: the user's own group.
    package var group: ByteString?

    package init(words: [ByteString], user: ByteString? = nil, group: ByteString? = nil) {
        self.words = words
        self.user = user
        self.group = group
    }
}

/// The notify_… commands of an instance or a group.
package struct NotifyCommands: Hashable, Sendable {
    package var master: Command?
    package var backup: Command?
    package var fault: Command?
    package var stop: Command?
    package var deleted: Command?
    /// notify: hears of every state, with four words appended.
    package var any: Command?
    /// notify_master_rx_lower_pri.
    package var lowerPriorityHeard: Command?
    /// notify_deleted is given: who is removed by a reload is DELETED, not in FAULT.
    package var tellsDeleted = false
    /// notify_priority_changes: FIFOs hear of a priority that changed.
    package var tellsPriorities = false

    package init() {}
}

/// vrrp_script.
package struct CheckScript: Hashable, Sendable {
    package var name: ByteString
    package var action: CheckAction
    package var interval: Interval
    package var timeout: Interval
    /// The timeout was given; else it is the interval.
    package var hasTimeout = false
    package var rise: Int
    package var fall: Int
    package var weight: Weight
    package var startsFailed: Bool

    package init(name: ByteString, command: Command) {
        self.init(name: name, action: .command(command))
    }

    package init(name: ByteString, action: CheckAction) {
        self.name = name
        self.action = action
        interval = .seconds(1)
        timeout = .seconds(1)
        rise = 1
        fall = 1
        weight = Weight(0)
        startsFailed = false
    }

    /// Nil: a command.
    package var builtIn: BuiltInCheck? {
        if case .builtIn(let check) = action { return check }
        return nil
    }

    /// Nil: a built-in check.
    package var command: Command? {
        if case .command(let command) = action { return command }
        return nil
    }
}

/// vrrp_track_file.
package struct TrackFile: Hashable, Sendable {
    package var name: ByteString
    package var path: ByteString
    /// init_file: the number to write at start where the file is missing, or always.
    package var initialValue: Int?
    package var overwrites: Bool

    package init(name: ByteString, path: ByteString) {
        self.name = name
        self.path = path
        overwrites = false
    }
}

/// What of a process has to be equal (full_command, param_match).
package enum ProcessMatching: UInt8, Hashable, Sendable {
    /// Its name.
    case name = 1
    /// Its whole command line.
    case command = 2
    /// The command line, of which the last parameter may go on (param_match initial).
    case initial = 3
    /// The first words of the command line (param_match partial).
    case partial = 4
}

/// vrrp_track_process.
package struct TrackProcess: Hashable, Sendable {
    package var name: ByteString
    /// The command name, then its parameters.
    package var command: [ByteString]
    package var matching: ProcessMatching
    package var quorum: Int
    /// Nil: no upper bound.
    package var quorumMaximum: Int?
    package var forkDelay: Interval
    package var terminateDelay: Interval

    package init(name: ByteString, command: [ByteString]) {
        self.name = name
        self.command = command
        matching = .name
        quorum = 1
        forkDelay = .zero
        terminateDelay = .zero
    }
}

/// What stands behind a position of `RouterPlan.trackedObjects`.
package enum TrackedObject: Hashable, Sendable {
    case interface(ByteString)
    /// An interface that addresses, routes or rules are on; one that never existed is no failure.
    case device(ByteString)
    /// The static items of a track_group.
    case staticGroup(ByteString)
    /// Position in `Configuration.scripts`.
    case script(Int)
    /// Position in `Configuration.files`.
    case file(Int)
    /// Position in `Configuration.processes`.
    case process(Int)
    /// A BFD session: this daemon has none, so that it is down for ever.
    case bfd(ByteString)
}

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
    /// Nil: the instance's interface.
    package var interface: ByteString?
    /// As rtnetlink has it: 0 global, 200 site, 253 link, 254 host.
    package var scope: UInt8
    package var label: ByteString?
    package var broadcast: Broadcast
    package var peer: Prefix?
    /// no_track: what somebody removes is not brought back and its interface is not watched.
    package var isTracked: Bool
    /// use_vmac: held by a virtual interface of its own.
    package var usesVirtualMAC: Bool
    /// home, mngtmpaddr, noprefixroute, autojoin.
    package var flags: Flags
    /// -nodad: duplicate address detection stays on.
    package var detectsDuplicates: Bool
    /// preferred_lft in seconds, `UInt32.max` for ever; nil: 0 for a /128, else for ever.
    package var preferredLifetime: UInt32?
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

/// What a vrrp_instance is beyond its protocol. Its position in `Configuration.instances` is that
/// of its parameters in `Configuration.plan.virtualRouters`.
package struct Instance: Hashable, Sendable {
    package var name: ByteString
    package var interface: ByteString
    /// mcast_src_ip, unicast_src_ip; nil: the interface's primary address.
    package var source: IPAddress?
    /// track_src_ip: without the configured source on an interface the instance is in fault.
    package var tracksSource = false
    /// Keys of auth_hmac that stand in files.
    package var keyFiles: [KeyFile] = []
    /// virtual_ipaddress.
    package var addresses: [VirtualAddress]
    /// virtual_ipaddress_excluded: held, but not advertised.
    package var excludedAddresses: [VirtualAddress]
    /// virtual_routes and virtual_rules: there while the instance is master.
    package var routes: [ConfiguredRoute] = []
    package var rules: [ConfiguredRule] = []
    /// garp_extra_if.
    package var extraAnnouncement: ExtraAnnouncement?
    package var notify: NotifyCommands
    /// smtp_alert, after the defaults of global_defs.
    package var sendsMail: Bool
    /// use_vmac or use_ipvlan; nil: addresses are held by the interface itself.
    package var virtualInterface: VirtualInterface?
    /// Those of single addresses (their use_vmac, or use_vmac_addr).
    package var addressInterfaces: [VirtualInterface]
    /// Advertisements leave by the virtual interface, with its MAC.
    package var sendsFromVirtualInterface: Bool
    package var isStrict = false
    /// False (no_accept): what is sent to its addresses is dropped, unless it owns them.
    package var acceptsTraffic = true
    package var promotesSecondaries = false
    /// kernel_rx_buf_size: bytes; nil: the global policy.
    package var receiveBuffer: Int?
    /// Of the block's keyword, for findings about the whole instance.
    package var location: SourceLocation

    package init(name: ByteString, interface: ByteString, location: SourceLocation) {
        self.name = name
        self.interface = interface
        self.location = location
        addresses = []
        excludedAddresses = []
        notify = NotifyCommands()
        sendsMail = false
        addressInterfaces = []
        sendsFromVirtualInterface = false
    }

    /// Where addresses go that name no other.
    package var addressInterface: ByteString { virtualInterface?.name ?? interface }

    package var allVirtualInterfaces: [VirtualInterface] {
        (virtualInterface.map { [$0] } ?? []) + addressInterfaces
    }
}

/// What a vrrp_sync_group is beyond its protocol; positions as `Configuration.plan.groups`.
package struct Group: Hashable, Sendable {
    package var name: ByteString
    package var notify: NotifyCommands
    package var sendsMail: Bool

    package init(name: ByteString) {
        self.name = name
        notify = NotifyCommands()
        sendsMail = false
    }
}

/// The time between two frames of an interface, or of a group of interfaces; zero: none.
package struct AnnouncementGaps: Hashable, Sendable {
    /// Gratuitous ARP.
    package var arp = Interval.zero
    /// Unsolicited Neighbor Advertisements.
    package var neighbor = Interval.zero

    package init() {}
}

/// garp_group: interfaces that take turns.
package struct AnnouncementGroup: Hashable, Sendable {
    package var gaps = AnnouncementGaps()
    package var interfaces: [ByteString] = []

    package init() {}
}

/// garp_extra_if: addresses on other interfaces than the instance's are announced now and then.
package struct ExtraAnnouncement: Hashable, Sendable {
    package var interval: Interval
    /// `all`: those on its own interface too.
    package var includesOwn: Bool

    package init(interval: Interval, includesOwn: Bool) {
        self.interval = interval
        self.includesOwn = includesOwn
    }
}

/// global_defs.
package struct Globals: Hashable, Sendable {
    package var routerID: ByteString?
    package var mailRecipients: [ByteString] = []
    package var mailSender: ByteString?
    package var mailServer: ByteString?
    /// Nil: the usual one.
    package var mailPort: UInt16?
    package var mailEncryption = MailEncryption.none
    package var mailAuthorities: ByteString?
    package var mailUser: ByteString?
    package var mailPassword: ByteString?
    package var mailHello: ByteString?
    package var mailTimeout = Interval.seconds(30)
    package var mailsFaults = true
    /// script_user; nil: keepalived_script where it exists, else the daemon's own user.
    package var scriptUser: ByteString?
    package var scriptGroup: ByteString?
    package var scriptSecurity = false
    /// notify_fifo and vrrp_notify_fifo, both written to.
    package var fifos: [NotifyFIFO] = []
    /// fifo_write_vrrp_states_on_reload: after a reload FIFOs hear of every state again.
    package var repeatsStatesOnReload = false
    /// notify_timeout (an extension): nil lets notify scripts take as long as they like.
    package var notifyTimeout: Interval?
    package var startupScript: Command?
    package var startupTimeout = Interval.seconds(10)
    package var shutdownScript: Command?
    package var shutdownTimeout = Interval.seconds(10)
    /// dynamic_interfaces: an interface that does not exist is no finding.
    package var dynamicInterfaces = false
    /// vrrp_garp_interval and vrrp_gna_interval.
    package var announcementGaps = AnnouncementGaps()
    package var announcementGroups: [AnnouncementGroup] = []
    package var logsUnknownVRIDs = false
    package var receiveBuffers = ReceiveBuffers()
    package var process = ProcessSettings()
    package var firewall = FirewallOptions()
    package var disablesLocalIGMP = false
    package var linkDelays: [LinkDelay] = []

    package init() {}
}

/// notify_fifo, vrrp_notify_fifo and their scripts.
package struct NotifyFIFO: Hashable, Sendable {
    package var path: ByteString
    package var user: ByteString?
    package var group: ByteString?
    /// Started by the daemon, with the path as its last argument.
    package var script: Command?

    package init(path: ByteString) { self.path = path }
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

/// A whole configuration, checked as far as text alone decides.
package struct Configuration: Hashable, Sendable {
    package var globals = Globals()
    package var plan = RouterPlan()
    /// As `plan.virtualRouters`.
    package var instances: [Instance] = []
    /// As `plan.groups`.
    package var groups: [Group] = []
    /// As `plan.trackedObjects`.
    package var trackedObjects: [TrackedObject] = []
    package var scripts: [CheckScript] = []
    package var files: [TrackFile] = []
    package var processes: [TrackProcess] = []
    /// static_ipaddress, static_routes and static_rules: there while the daemon runs.
    package var statics = StaticItems()

    package init() {}
}
