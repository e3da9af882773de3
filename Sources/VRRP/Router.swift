package import Net

/// A VRRP router (RFC 3768 section 1.6): one node with all its virtual routers, sync groups and
/// tracked objects. Pure: it reads no clock, holds no descriptor and never fails. Events go in
/// with the time at which they are handled, effects come out in the order in which they are to be
/// done; between two events it is asked for its `deadline` and nothing else.
///
/// Life: tell the interfaces, sources and tracked objects, then `start` (or `resume`). Reload:
/// `retire` those that the new plan lacks, `reconfigure`, tell the interfaces and sources of new
/// ones, then `start` again. Handling an advertisement or a timer that changes no state allocates
/// nothing, if the caller keeps the array of effects.
package struct Router: Sendable {
    package internal(set) var plan: RouterPlan
    /// By position in the plan.
    package internal(set) var virtualRouters: [VirtualRouter] = []
    var objects: [TrackedObject] = []
    var phase = Phase.idle

    // Derived from the plan.
    var groups: [SyncGroup] = []
    /// By virtual router: its position in `groups`.
    var groupPositions: [Int32] = []
    /// By virtual router: what is tracked for it.
    var tracking: [[TrackingEntry]] = []
    /// By tracked object: the virtual routers that it matters to.
    var usersOf: [[Int]] = []

    var timers = DeadlineQueue(count: 0)
    /// Whose timers are due in this turn; kept for its memory.
    var due: [Int32] = []

    enum Phase: Hashable {
        case idle
        /// vrrp_startup_delay.
        case delayed(until: Instant)
        case running
        case stopped
    }

    package init(_ plan: RouterPlan) {
        self.plan = plan
        objects = plan.trackedObjects.map { TrackedObject($0) }
        virtualRouters = plan.virtualRouters.indices.map { index in
            VirtualRouter(index: index, plan.virtualRouters.reference(at: index))
        }
        deriveFromPlan(states: [])
    }

    /// The earliest of all timers; nil while none runs.
    package var deadline: Instant? {
        switch phase {
        case .idle, .stopped: nil
        case .delayed(let until): until
        case .running: timers.first
        }
    }

    /// Whether a Master_Down_Timer is due: the moment to ask whether something was not heard.
    package func isAboutToTakeOver(at now: Instant) -> Bool {
        // Not the whole router is copied for each question.
        let all = virtualRouters
        return timers.containsDue(at: now) { index in
            if case .backup = all[index].state { true } else { false }
        }
    }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        guard phase != .stopped else { return }
        switch event {
        case .start: start(at: now, into: &effects)
        case .resume(let masters): resume(masters, at: now, into: &effects)
        case .wait(let index, let deadline):
            guard virtualRouters.indices.contains(index) else { return }
            virtualRouters[index].wait(until: deadline, at: now)
            setTimer(index)
        case .advertisement(let index, let advertisement, let received):
            receive(index, advertisement, received, at: now, into: &effects)
        case .lost(let indexes): restartAfterLoss(indexes, at: now)
        case .timers(let hearing): fireTimers(hearing, at: now, into: &effects)
        case .interface(let index, let status):
            guard virtualRouters.indices.contains(index) else { return }
            virtualRouters[index].interface = status
            refresh(index, at: now, into: &effects)
        case .source(let index, let address):
            guard virtualRouters.indices.contains(index) else { return }
            virtualRouters[index].source = address
            refresh(index, at: now, into: &effects)
        case .tracked(let object, let observation):
            observe(object, observation, at: now, into: &effects)
        case .preemptionPaused(let until):
            for index in virtualRouters.indices { virtualRouters[index].preemptsFrom = until }
        case .stop: stop(at: now, into: &effects)
        }
    }

    // MARK: Advertisements and timers

    private mutating func receive(
        _ index: Int, _ advertisement: Advertisement, _ received: Instant, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard virtualRouters.indices.contains(index), phase == .running else { return }
        let reaction = virtualRouters[index].receive(
            advertisement, received: received, at: now, into: &effects)
        switch reaction {
        case .none: setTimer(index)
        case .answered: answerWithGroup(index, received, at: now, into: &effects)
        case .yields(let reason):
            yield(index, to: advertisement, received, reason, at: now, into: &effects)
        }
    }

    /// Where one member was imitated, neighbours of all members may have been misled.
    private mutating func answerWithGroup(
        _ index: Int, _ received: Instant, at now: Instant, into effects: inout [Effect]
    ) {
        setTimer(index)
        for member in groups[group(of: index)].members where member != index {
            virtualRouters[member].announceAgainstRival(received, at: now, into: &effects)
            setTimer(member)
        }
    }

    /// A better master was heard: the whole group steps down. The member that heard it does so in
    /// silence (RFC 3768 section 6.4.3). The others have heard nobody: they resign with priority 0,
    /// so that whoever backs them up does not wait a Master_Down_Interval for the group to be
    /// whole again; to a group that is master already it says nothing new.
    private mutating func yield(
        _ index: Int, to advertisement: Advertisement, _ received: Instant,
        _ reason: TransitionReason, at now: Instant, into effects: inout [Effect]
    ) {
        if virtualRouters[index].parameters.sendsBeforeSteppingDown && !reason.isStall {
            let priority = virtualRouters[index].effectivePriority
            virtualRouters[index].send(priority: priority, into: &effects)
        }
        let group = group(of: index)
        let backup = virtualRouters[index].backup(after: advertisement, received)
        var moves = [
            Move(index: index, destination: .backup(backup), reason: reason, resigns: false)
        ]
        for member in groups[group].members where member != index {
            guard virtualRouters[member].isMaster else { continue }
            let backup = virtualRouters[member].forcedBackup(at: now)
            moves.append(Move(index: member, destination: .backup(backup), reason: .group))
        }
        perform(moves, of: group, at: now, into: &effects)
    }

    private mutating func fireTimers(
        _ hearing: Hearing, at now: Instant, into effects: inout [Effect]
    ) {
        if case .delayed(let until) = phase, until <= now {
            phase = .running
            begin(at: now, into: &effects)
        }
        guard phase == .running else { return }
        due.removeAll(keepingCapacity: true)
        while let index = timers.popDue(at: now) { due.append(Int32(truncatingIfNeeded: index)) }
        var expired = 0
        for place in due.indices {
            let index = Int(due[place])
            let expiry = virtualRouters[index].fire(at: now, hearing, into: &effects)
            setTimer(index)
            switch expiry {
            case .none: break
            case .silence:
                due[expired] = Int32(truncatingIfNeeded: index)
                expired += 1
            case .stalled(let stall): stepDown(index, after: stall, at: now, into: &effects)
            }
        }
        // Only now: members of a group that expire in one turn take over in that turn.
        for place in 0..<expired {
            let index = Int(due[place])
            settle(group(of: index), becauseOf: index, at: now, into: &effects)
        }
    }

    /// timer_expired_backup: the group lets go, and says so, in case nobody has taken over.
    private mutating func stepDown(
        _ index: Int, after stall: Interval, at now: Instant, into effects: inout [Effect]
    ) {
        var moves: [Move] = []
        for member in groups[group(of: index)].members where virtualRouters[member].isMaster {
            let backup = virtualRouters[member].freshBackup(at: now)
            let reason: TransitionReason = member == index ? .stalled(stall) : .group
            moves.append(Move(index: member, destination: .backup(backup), reason: reason))
        }
        moves.begin(with: index)
        perform(moves, of: group(of: index), at: now, into: &effects)
    }

    private mutating func restartAfterLoss(_ indexes: [Int], at now: Instant) {
        guard phase == .running else { return }
        for index in indexes where virtualRouters.indices.contains(index) {
            virtualRouters[index].restartAfterLoss(at: now)
            setTimer(index)
        }
    }

    /// Position in `groups`.
    func group(of index: Int) -> Int { Int(groupPositions[index]) }

    mutating func setTimer(_ index: Int) {
        timers.set(index, to: virtualRouters[index].deadline)
    }
}

extension TransitionReason {
    fileprivate var isStall: Bool {
        if case .stalled = self { return true }
        return false
    }
}
