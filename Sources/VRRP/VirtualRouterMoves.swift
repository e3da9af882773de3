import Net

// The transitions. All virtual routers of a sync group move together, in three steps: first
// everyone says so on the wire, then addresses come or go, then the world is told.

/// One virtual router's part of a transition.
struct Move {
    let index: Int
    let destination: Destination
    let reason: TransitionReason
    /// Leaving MASTER with priority 0: not where a better master made us leave.
    var resigns = true

    enum Destination {
        case initialize
        case backup(VirtualRouter.Backup)
        case master
        case fault
    }
}

extension VirtualRouter {
    /// First step: the first advertisement, or the last.
    mutating func advertise(_ move: Move, into effects: inout [Effect]) {
        switch (state, move.destination) {
        case (.initialize, .master), (.backup, .master), (.fault, .master):
            send(priority: effectivePriority, into: &effects)
        case (.master, .initialize), (.master, .backup), (.master, .fault):
            if move.resigns { send(priority: 0, into: &effects) }
        case (.initialize, .initialize), (.initialize, .backup), (.initialize, .fault),
            (.backup, .initialize), (.backup, .backup), (.backup, .fault),
            (.fault, .initialize), (.fault, .backup), (.fault, .fault), (.master, .master):
            break
        }
    }

    /// Second step: the addresses.
    func moveAddresses(_ move: Move, into effects: inout [Effect]) {
        switch (state, move.destination) {
        case (.initialize, .master), (.backup, .master), (.fault, .master):
            effects.append(.addAddresses(virtualRouter: index))
            let count = parameters.announcements.count
            effects.append(.announce(virtualRouter: index, count: count))
        case (.master, .initialize), (.master, .backup), (.master, .fault):
            effects.append(.removeAddresses(virtualRouter: index))
        case (.initialize, .initialize), (.initialize, .backup), (.initialize, .fault),
            (.backup, .initialize), (.backup, .backup), (.backup, .fault),
            (.fault, .initialize), (.fault, .backup), (.fault, .fault), (.master, .master):
            break
        }
    }

    /// Third step: the new state, and the news of it.
    mutating func enter(_ move: Move, at now: Instant, into effects: inout [Effect]) {
        let old = stateName
        switch move.destination {
        case .initialize: state = .initialize
        case .backup(let backup): state = .backup(backup)
        case .master:
            hasYieldedOwnership = false
            state = .master(freshMaster(at: now))
        case .fault: state = .fault
        }
        let new = stateName
        if new == .master && old != .master { counters.becameMaster &+= 1 }
        if new != .master && old == .master { counters.releasedMaster &+= 1 }
        since = now
        reason = move.reason
        effects.append(
            .transition(virtualRouter: index, from: old, to: new, reason: move.reason))
    }

    /// A backup that has heard nobody: a full Master_Down_Interval, our own interval.
    func freshBackup(at now: Instant) -> Backup {
        let interval = parameters.advertisementInterval
        var backup = Backup(masterAdverInterval: interval, quietSince: now)
        backup.masterDownDeadline = now + masterDownInterval(interval)
        return backup
    }

    /// A master that steps down for its sync group's sake. It has heard no better one, so it waits
    /// for Skew_Time only, as after a priority 0; the group waits for the member that has. Where
    /// two groups each win one contest and lose another, both step down: they try again after a
    /// Skew_Time and not after a Master_Down_Interval.
    func forcedBackup(at now: Instant) -> Backup {
        var backup = freshBackup(at: now)
        backup.masterDownDeadline = now + skewTime
        return backup
    }

    func freshMaster(at now: Instant) -> Master {
        let plan = parameters.announcements
        var master = resumedMaster(at: now)
        if plan.delay > .zero { master.secondAnnouncement = now + plan.delay }
        if plan.refresh > .zero { master.refresh = now + plan.delay + plan.refresh }
        return master
    }

    /// A master that never stopped being one: the neighbours know it.
    func resumedMaster(at now: Instant) -> Master {
        let plan = parameters.announcements
        var master = Master(
            adverDeadline: now + parameters.advertisementInterval, lastSent: now)
        if plan.refresh > .zero { master.refresh = now + plan.refresh }
        return master
    }

    /// Why Master_Down_Timer has expired.
    var takeOverReason: TransitionReason {
        guard case .backup(let backup) = state else { return .group }
        switch backup.cause {
        case .silence: return .silence(lastMaster: backup.master?.address)
        case .resigned(let address): return .masterResigned(address)
        case .lowerPriority(let address): return .preemption(address)
        }
    }
}
