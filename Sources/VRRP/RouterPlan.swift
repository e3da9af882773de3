package import Net

/// What the core needs to know of an object that instances or groups track. What the object is (a
/// script, a link, a file) concerns only those who watch it.
package enum TrackedObjectPlan: Hashable, Sendable {
    /// track_interface: up or down, up until the first observation.
    case link
    /// vrrp_script: `rise` successes or `fall` failures in a row change its state; the first
    /// result decides alone, unless `startsFailed` (init_fail).
    case script(rise: Int, fall: Int, startsFailed: Bool)
    /// vrrp_track_file: its number times the weight is added; with weight 0, not 0 is a fault.
    case file
    /// vrrp_track_process: running in the required number, or not.
    case process
}

/// vrrp_sync_group: virtual routers that are master together or not at all.
package struct SyncGroupPlan: Hashable, Sendable {
    package var name: ByteString
    /// Positions in `RouterPlan.virtualRouters`.
    package var members: [Int]
    package var tracking: [TrackingEntry]
    /// sync_group_tracking_weight: the members' own weights count too.
    package var usesMemberWeights: Bool

    package init(
        name: ByteString, members: [Int], tracking: [TrackingEntry] = [],
        usesMemberWeights: Bool = false
    ) {
        self.name = name
        self.members = members
        self.tracking = tracking
        self.usesMemberWeights = usesMemberWeights
    }
}

/// One VRRP router (RFC 3768 section 1.6): a node, running any number of virtual routers. Everyone
/// speaks of a virtual router by its position in `virtualRouters`.
package struct RouterPlan: Hashable, Sendable {
    package var virtualRouters = ParametersList()
    package var groups: [SyncGroupPlan] = []
    package var trackedObjects: [TrackedObjectPlan] = []
    /// vrrp_startup_delay: no state changes and nothing is sent before that has passed.
    package var startupDelay = Interval.zero
    /// vrrp_delay_after_boot: the same, counted from the start of the machine.
    package var delayAfterBoot = Interval.zero

    package init() {}
}
