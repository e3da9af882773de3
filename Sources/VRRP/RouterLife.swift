import Net

// The beginning and the end of a router, and of its parts.

extension Router {
    mutating func start(at now: Instant, into effects: inout [Effect]) {
        switch phase {
        case .stopped, .delayed: break
        case .idle where delayEnd(from: now) > now: phase = .delayed(until: delayEnd(from: now))
        case .idle, .running:
            phase = .running
            begin(at: now, into: &effects)
        }
    }

    /// vrrp_startup_delay or vrrp_delay_after_boot, whichever is longer. Instants count from boot.
    private func delayEnd(from now: Instant) -> Instant {
        max(now + plan.startupDelay, Instant(nanoseconds: 0) + plan.delayAfterBoot)
    }

    /// Starts whatever is not started yet, and settles every group.
    mutating func begin(at now: Instant, into effects: inout [Effect]) {
        recomputeAll(into: &effects)
        for group in groups.indices {
            settle(group, at: now, into: &effects)
            tellGroup(group, into: &effects)
        }
    }

    /// After a crash of this process: masters go on, without a transition. vrrp_startup_delay is
    /// for a machine that comes up, and does not apply. Scripts that a resumed master depends on
    /// are taken to work until their first result. If a sync group was caught between two states,
    /// it goes on as master; a better one will tell.
    mutating func resume(_ masters: [Int], at now: Instant, into effects: inout [Effect]) {
        guard phase == .idle else { return }
        phase = .running
        for index in masters where virtualRouters.indices.contains(index) {
            let master = virtualRouters[index].resumedMaster(at: now)
            virtualRouters[index].state = .master(master)
            virtualRouters[index].since = now
            virtualRouters[index].reason = .resumed
            for member in groups[group(of: index)].members { assumeWorking(for: member) }
        }
        recomputeAll(into: &effects)
        for group in groups.indices { resume(group, at: now, into: &effects) }
    }

    private mutating func assumeWorking(for index: Int) {
        for entry in tracking[index] where entry.weight.value == 0 {
            objects[entry.object].assumeWorking()
        }
    }

    private mutating func recomputeAll(into effects: inout [Effect]) {
        for index in virtualRouters.indices {
            virtualRouters[index].isStarted = true
            _ = recompute(index, into: &effects)
            setTimer(index)
        }
    }

    private mutating func resume(_ group: Int, at now: Instant, into effects: inout [Effect]) {
        if groups[group].faulty == 0 {
            for index in groups[group].members where virtualRouters[index].isMaster {
                let priority = virtualRouters[index].effectivePriority
                virtualRouters[index].send(priority: priority, into: &effects)
                effects.append(.addAddresses(virtualRouter: index))
            }
        }
        settle(group, at: now, into: &effects)
        tellGroup(group, into: &effects)
    }

    /// Masters resign before any address goes; then everyone that was started stops, then groups.
    mutating func stop(at now: Instant, into effects: inout [Effect]) {
        retire(Array(virtualRouters.indices), reason: .stopped, at: now, into: &effects)
        for group in groups.indices { tellGroup(group, into: &effects) }
        phase = .stopped
    }

    mutating func retire(
        _ indexes: [Int], reason: TransitionReason, at now: Instant, into effects: inout [Effect]
    ) {
        var moves: [Move] = []
        for index in indexes where virtualRouters.indices.contains(index) {
            guard virtualRouters[index].stateName != .initialize else { continue }
            moves.append(Move(index: index, destination: .initialize, reason: reason))
        }
        for move in moves { virtualRouters[move.index].advertise(move, into: &effects) }
        for move in moves { virtualRouters[move.index].moveAddresses(move, into: &effects) }
        for move in moves {
            virtualRouters[move.index].enter(move, at: now, into: &effects)
            setTimer(move.index)
        }
    }
}
