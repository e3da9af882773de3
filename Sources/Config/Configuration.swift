package import Net
package import VRRP

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
    /// Of LVS blocks: they never run here, but `-t` says what keepalived would say of them.
    package var balancerCommands: [Command] = []

    package init() {}
}

/// What a vrrp_instance is beyond its protocol. Its position in `Configuration.instances` is that
/// of its parameters in `Configuration.plan.virtualRouters`.
package struct Instance: Hashable, Sendable {
    package var name: ByteString
    package var interface: ByteString
    /// virtual_ipaddress.
    package var addresses: [VirtualAddress]
    @Rare private var settings: InstanceSettings
    @Rare package var notify: NotifyCommands
    /// track_src_ip: without the configured source on an interface the instance is in fault.
    package var tracksSource = false
    /// smtp_alert, after the defaults of global_defs.
    package var sendsMail: Bool
    /// Advertisements leave by the virtual interface, with its MAC.
    package var sendsFromVirtualInterface: Bool
    package var isStrict = false
    /// False (no_accept): what is sent to its addresses is dropped, unless it owns them.
    package var acceptsTraffic = true
    package var promotesSecondaries = false
    /// Of the block's keyword, for findings about the whole instance.
    package var location: SourceLocation

    package init(name: ByteString, interface: ByteString, location: SourceLocation) {
        self.name = name
        self.interface = interface
        self.location = location
        addresses = []
        settings = InstanceSettings()
        notify = NotifyCommands()
        sendsMail = false
        sendsFromVirtualInterface = false
    }

    /// Where addresses go that name no other.
    package var addressInterface: ByteString { virtualInterface?.name ?? interface }

    /// Wherever it is written.
    package func isSame(as other: Instance) -> Bool {
        var moved = self
        moved.location = other.location
        return moved == other
    }

    package var allVirtualInterfaces: [VirtualInterface] {
        (virtualInterface.map { [$0] } ?? []) + addressInterfaces
    }
}

/// What few instances have: thousands have none of it, and take a pointer's room for it all.
private struct InstanceSettings: Sparse {
    var vrf: ByteString?
    var source: IPAddress?
    var keyFiles: [KeyFile] = []
    var excludedAddresses: [VirtualAddress] = []
    var routes: [ConfiguredRoute] = []
    var rules: [ConfiguredRule] = []
    var extraAnnouncement: ExtraAnnouncement?
    var virtualInterface: VirtualInterface?
    var addressInterfaces: [VirtualInterface] = []
    var receiveBuffer: Int?
}

extension Instance {
    /// Of an instance without an interface: where its packets are routed; nil: in the main table.
    package var vrf: ByteString? {
        get { settings.vrf }
        set { settings.vrf = newValue }
    }

    /// mcast_src_ip, unicast_src_ip; nil: the interface's primary address.
    package var source: IPAddress? {
        get { settings.source }
        set { settings.source = newValue }
    }

    /// Keys of auth_hmac that stand in files.
    package var keyFiles: [KeyFile] {
        get { settings.keyFiles }
        set { settings.keyFiles = newValue }
    }

    /// virtual_ipaddress_excluded: held, but not advertised.
    package var excludedAddresses: [VirtualAddress] {
        get { settings.excludedAddresses }
        set { settings.excludedAddresses = newValue }
    }

    /// virtual_routes: there while the instance is master.
    package var routes: [ConfiguredRoute] {
        get { settings.routes }
        set { settings.routes = newValue }
    }

    /// virtual_rules: there while the instance is master.
    package var rules: [ConfiguredRule] {
        get { settings.rules }
        set { settings.rules = newValue }
    }

    /// garp_extra_if.
    package var extraAnnouncement: ExtraAnnouncement? {
        get { settings.extraAnnouncement }
        set { settings.extraAnnouncement = newValue }
    }

    /// use_vmac or use_ipvlan; nil: addresses are held by the interface itself.
    package var virtualInterface: VirtualInterface? {
        get { settings.virtualInterface }
        set { settings.virtualInterface = newValue }
    }

    /// Those of single addresses (their use_vmac, or use_vmac_addr).
    package var addressInterfaces: [VirtualInterface] {
        get { settings.addressInterfaces }
        set { settings.addressInterfaces = newValue }
    }

    /// kernel_rx_buf_size: bytes; nil: the global policy.
    package var receiveBuffer: Int? {
        get { settings.receiveBuffer }
        set { settings.receiveBuffer = newValue }
    }
}

/// What a vrrp_sync_group is beyond its protocol; positions as `Configuration.plan.groups`.
package struct Group: Hashable, Sendable {
    package var name: ByteString
    @Rare package var notify: NotifyCommands
    package var sendsMail: Bool

    package init(name: ByteString) {
        self.name = name
        notify = NotifyCommands()
        sendsMail = false
    }
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
