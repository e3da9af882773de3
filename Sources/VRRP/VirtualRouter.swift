package import Net

// One virtual router (RFC 3768 section 6): its state, what the state alone carries, and the times
// derived from its parameters.

/// Statistics since the start, or since they were last cleared.
package struct Counters: Hashable, Sendable {
    package var advertisementsSent: UInt64 = 0
    package var advertisementsReceived: UInt64 = 0
    // Of what is rare enough half the bits do.
    package var becameMaster: UInt32 = 0
    package var releasedMaster: UInt32 = 0
    package var priorityZeroSent: UInt32 = 0
    package var priorityZeroReceived: UInt32 = 0

    package init() {}
}

package struct VirtualRouter: Sendable {
    enum State {
        case initialize
        case backup(Backup)
        case master(Master)
        case fault
    }

    /// What only a backup has.
    struct Backup {
        /// Master_Down_Timer; nil once it has fired and the sync group waits for other members.
        @Eventual var masterDownDeadline: Instant?
        /// Master_Adver_Interval: v3 learns it, v2 and the time before are our own.
        var masterAdverInterval: Interval
        /// When the last accepted advertisement arrived, or this state was entered.
        var quietSince: Instant
        /// When it was last learned that packets are lost: what waited in the queue then says
        /// nothing of what came after it.
        @Eventual var lossLearned: Instant?
        /// Where the last accepted advertisement came from.
        var master: Peer?
        /// preempt_delay: until then advertisements of lower priority are accepted too.
        @Eventual var preemptDelayEnd: Instant?
        var cause = Cause.silence

        /// Why the timer, should it fire, will have fired.
        enum Cause {
            case silence
            case resigned(IPAddress)
            case lowerPriority(IPAddress)
        }
    }

    /// What only a master has.
    struct Master {
        /// Adver_Timer.
        var adverDeadline: Instant
        /// garp_master_delay.
        @Eventual var secondAnnouncement: Instant?
        /// garp_master_refresh.
        @Eventual var refresh: Instant?
        /// garp_lower_prio_delay.
        @Eventual var lowerPriorityAnnouncement: Instant?
        /// When it last answered a packet with an advertisement, and with announcements: what
        /// arrived before is answered already. A queue full of a rival's packets, or a flood, gets
        /// one answer a turn and not one each.
        @Eventual var advertisedOutOfTurn: Instant?
        @Eventual var announcedAgainstRival: Instant?
        /// A rival was answered and is quiet since: then the neighbours are told once more.
        @Eventual var outlived: Instant?
        /// The last advertisement, or the beginning of this state.
        var lastSent: Instant
        /// Another owner, who ought to give way.
        @Rare var ownerContest: OwnerContest?
    }

    /// The two-owner rule (owner_ignore_adverts false): the one with the higher address stays
    /// master, unless the other goes on after two advertisements of ours and 1.2 intervals more.
    struct OwnerContest: Hashable {
        var rival: IPAddress
        var advertisementsLeft = 2
        /// From then on it has had its time.
        var verdict: Instant?
        var lastHeard: Instant
        var rivalInterval = Interval.zero
    }

    package struct Peer: Hashable, Sendable {
        package var address: IPAddress
        package var priority: UInt8
    }

    // In an order that leaves no gaps: there are thousands.

    var sharedParameters: SharedParameters
    package var parameters: VirtualRouterParameters { sharedParameters.value }
    /// The time at which this state was entered.
    package internal(set) var since = Instant(nanoseconds: 0)
    package internal(set) var counters = Counters()
    /// After a hand-over: until then nobody is preempted.
    @Eventual var preemptsFrom: Instant?
    /// Remarks are made once, when what they tell of changes.
    var notedInterval: Interval
    @Rare var notedList: IPAddress?
    var state = State.initialize
    /// Why this state was entered; nil before the start.
    package internal(set) var reason: TransitionReason?
    private var position: Int32
    private var sumOfPriorities: Int32
    var readiness = Readiness.awaiting
    /// The address that advertisements are sent from.
    package internal(set) var source: IPAddress?
    package internal(set) var interface = InterfaceStatus.missing
    var isStarted = false
    /// An owner that gave way to another owner counts as 254 until it is master again.
    package internal(set) var hasYieldedOwnership = false

    /// Position in the plan.
    var index: Int {
        get { Int(position) }
        set { position = Int32(clamping: newValue) }
    }

    /// Configured priority and all weights, not limited to what may be sent.
    package internal(set) var totalPriority: Int {
        get { Int(sumOfPriorities) }
        set { sumOfPriorities = Int32(clamping: newValue) }
    }

    init(index: Int, _ shared: SharedParameters) {
        let parameters = shared.value
        position = Int32(clamping: index)
        sharedParameters = shared
        sumOfPriorities = Int32(parameters.priority)
        notedInterval = parameters.advertisementInterval
    }

    package var stateName: StateName {
        switch state {
        case .initialize: .initialize
        case .backup: .backup
        case .master: .master
        case .fault: .fault
        }
    }

    var isMaster: Bool { stateName == .master }

    /// The priority that is sent: 1...254, 255 for an address owner.
    package var effectivePriority: UInt8 {
        if parameters.isOwner { return hasYieldedOwnership ? 254 : 255 }
        return UInt8(truncatingIfNeeded: min(max(totalPriority, 1), 254))
    }

    /// The master last heard, with its priority; nil for a master itself.
    package var master: Peer? {
        guard case .backup(let backup) = state else { return nil }
        return backup.master
    }

    /// Master_Adver_Interval (RFC 5798 section 6.1).
    package var masterAdverInterval: Interval {
        guard case .backup(let backup) = state else { return parameters.advertisementInterval }
        return backup.masterAdverInterval
    }

    package var skewTime: Interval { skewTime(masterAdverInterval) }
    package var masterDownInterval: Interval { masterDownInterval(masterAdverInterval) }

    /// When Master_Down_Timer fires; nil where it does not run.
    package var masterDownDeadline: Instant? {
        guard case .backup(let backup) = state else { return nil }
        return backup.masterDownDeadline
    }

    /// Master_Down_Timer has fired, and the sync group waits for its other members.
    package var isWaitingForGroup: Bool {
        guard case .backup(let backup) = state else { return false }
        return backup.masterDownDeadline == nil
    }

    /// Until when preempt_delay has advertisements of lower priority accepted; nil where none was
    /// heard since a better one.
    package var preemptDelayEnd: Instant? {
        guard case .backup(let backup) = state else { return nil }
        return backup.preemptDelayEnd
    }

    /// When Adver_Timer fires; nil where it does not run.
    package var adverDeadline: Instant? {
        guard case .master(let master) = state else { return nil }
        return master.adverDeadline
    }

    /// The earliest timer of this state.
    var deadline: Instant? {
        switch state {
        case .initialize, .fault: nil
        case .backup(let backup): backup.masterDownDeadline
        case .master(let master):
            earliest(
                earliest(
                    earliest(master.adverDeadline, master.secondAnnouncement),
                    earliest(master.refresh, master.lowerPriorityAnnouncement)), master.outlived)
        }
    }

    /// Skew_Time: RFC 3768 section 6.1 counts in seconds whatever the interval is, RFC 5798 section
    /// 6.1 in parts of the master's interval.
    func skewTime(_ masterAdverInterval: Interval) -> Interval {
        skewTime(masterAdverInterval, priority: effectivePriority)
    }

    private func skewTime(_ masterAdverInterval: Interval, priority: UInt8) -> Interval {
        let base: Interval =
            switch parameters.version {
            case .v2: .seconds(1)
            case .v3: masterAdverInterval
            }
        return base * Int64(256 - Int(priority)) / 256
    }

    /// Master_Down_Interval: three intervals (down_timer_adverts) and the Skew_Time.
    func masterDownInterval(_ masterAdverInterval: Interval) -> Interval {
        masterAdverInterval * Int64(parameters.downTimerAdvertisements)
            + skewTime(masterAdverInterval)
    }

    /// For how long the master's advertisements have been missing, if a backup of the priority of
    /// timer_expired_backup must have taken over by now.
    func stall(of master: Master, at now: Instant) -> Interval? {
        guard let priority = parameters.stallPriority, !parameters.preempts else { return nil }
        let interval = parameters.advertisementInterval
        let limit =
            interval * Int64(parameters.downTimerAdvertisements)
            + skewTime(interval, priority: priority)
        return now - master.lastSent > limit ? now - master.lastSent : nil
    }

    /// Priority and parameters may have changed: a running Master_Down_Timer moves by the
    /// difference of the two Master_Down_Intervals.
    mutating func shiftMasterDownTimer(from old: Interval) {
        guard case .backup(var backup) = state, let deadline = backup.masterDownDeadline else {
            return
        }
        backup.masterDownDeadline = deadline + (masterDownInterval - old)
        state = .backup(backup)
    }

    mutating func send(priority: UInt8, into effects: inout [Effect]) {
        counters.advertisementsSent += 1
        if priority == 0 { counters.priorityZeroSent &+= 1 }
        effects.append(.sendAdvertisement(virtualRouter: index, priority: priority))
    }

    func note(_ note: Note, into effects: inout [Effect]) {
        effects.append(.note(virtualRouter: index, note))
    }
}
