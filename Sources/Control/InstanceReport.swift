package import Net
package import VRRP

/// What one virtual router knows of itself at one moment, with ages in place of times: what
/// `status` and `explain` tell. The engine says it, the keeper's child puts it into words.
package struct InstanceReport: Hashable, Sendable {
    package struct Address: Hashable, Sendable {
        package var prefix: Prefix
        package var interface: ByteString
        /// Not in advertisements.
        package var isExcluded: Bool
        /// The kernel is known to hold it.
        package var isHeld: Bool

        package init(prefix: Prefix, interface: ByteString, isExcluded: Bool, isHeld: Bool) {
            self.prefix = prefix
            self.interface = interface
            self.isExcluded = isExcluded
            self.isHeld = isHeld
        }
    }

    /// One tracked object, with what it does to this virtual router.
    package struct Share: Hashable, Sendable {
        /// "script nginx", as the log has it.
        package var name: ByteString
        package var state: TrackedState
        package var effect: TrackedEffect
        /// What it would do if it worked.
        package var effectIfWorking: TrackedEffect
        /// For how long it has been in that state; nil: since the start.
        package var age: Interval?
        /// Of a check, how its last run ended: "exit status 1"; empty: not known.
        package var outcome: ByteString = ""

        package init(
            name: ByteString, state: TrackedState, effect: TrackedEffect,
            effectIfWorking: TrackedEffect
        ) {
            self.name = name
            self.state = state
            self.effect = effect
            self.effectIfWorking = effectIfWorking
        }
    }

    /// Packets of one sender that were not accepted within the last minute or two.
    package struct Rejection: Hashable, Sendable {
        package enum Reason: Hashable, Sendable {
            case discarded(Discard)
            /// Our own address and priority.
            case ourOwn
        }

        package var source: IPAddress
        package var reason: Reason

        package init(source: IPAddress, reason: Reason) {
            self.source = source
            self.reason = reason
        }
    }

    package var name: ByteString
    /// Position among the node's groups.
    package var group: Int?
    package var interface: ByteString
    /// The virtual interface that it sends from.
    package var virtualLink: ByteString?
    package var link = InterfaceStatus.missing
    package var vrid: UInt8
    package var version = ProtocolVersion.v2
    package var family = Family.ipv4
    package var state = StateName.initialize
    /// For how long.
    package var age = Interval.zero
    /// In words: what the state's last change was due to; empty before the first.
    package var reason: ByteString = ""
    /// Each in words.
    package var faults: [ByteString] = []
    /// Tracked objects without which it does not start, and which have no first result.
    package var awaited: [ByteString] = []

    /// As configured, 1...255.
    package var priority: UInt8 = 100
    /// As sent.
    package var effectivePriority: UInt8 = 100
    /// The sum, not limited to what can be sent.
    package var totalPriority = 100
    package var shares: [Share] = []

    package var preempts = true
    package var preemptDelay = Interval.zero
    /// Of preempt_delay, while it runs.
    package var preemptDelayLeft: Interval?
    /// Master_Down_Timer has fired, other members of the group are not so far.
    package var isWaitingForGroup = false

    package var source: IPAddress?
    /// The master last heard, unless that is this node.
    package var master: IPAddress?
    package var masterPriority: UInt8 = 0
    /// Since its last advertisement.
    package var heard: Interval?
    /// Since ours.
    package var sent: Interval?
    /// Until our next one.
    package var next: Interval?
    package var interval = Interval.seconds(1)
    /// Master_Adver_Interval.
    package var masterInterval = Interval.seconds(1)
    /// down_timer_adverts.
    package var downCount = 3
    package var skewTime = Interval.zero
    package var masterDownInterval = Interval.zero
    /// Until Master_Down_Timer fires; nil where it does not run.
    package var takeOver: Interval?

    /// An owner that is master as soon as nothing is in its way.
    package var returnsAsMaster = false
    package var addresses: [Address] = []
    /// Unicast: every advertisement arrived with TTL 255, and no min_ttl says that it must.
    package var couldPinHopLimit = false
    package var rejections: [Rejection] = []
    /// The sender whose address list overlaps with ours without being the same.
    package var differingList: IPAddress?
    package var counters = InstanceCounters()

    package init(name: ByteString, interface: ByteString, vrid: UInt8) {
        self.name = name
        self.interface = interface
        self.vrid = vrid
    }

    package var isOwner: Bool { priority == 255 }
    package var held: Int { addresses.count { $0.isHeld } }
}

/// What the engine says of itself: all of it, or one instance.
package struct EngineReport: Hashable, Sendable {
    package var routerID: ByteString = ""
    /// Of vrrp_startup_delay or vrrp_delay_after_boot, while it runs.
    package var startupDelayLeft: Interval?
    /// After a hand-over nobody is preempted for that long.
    package var preemptionPause: Interval?
    package var groups: [GroupStatus] = []
    package var instances: [InstanceReport] = []

    package init() {}
}
