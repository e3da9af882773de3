import Net

// Transitions of the router's groups: decided as a whole, then done in one list of effects.

extension Router {
    /// Brings a group to where its members' readiness and timers want it. Idempotent. The member
    /// that gave rise to it moves before the others, as with keepalived: notify commands and FIFOs
    /// name it first.
    mutating func settle(
        _ group: Int, becauseOf cause: Int? = nil, at now: Instant, into effects: inout [Effect]
    ) {
        // ENTER may be followed by RELEASE, and that by nothing: three rounds at most.
        for _ in 0..<3 {
            let verdict = tally(group).verdict(
                faulty: groups[group].faulty, awaiting: groups[group].awaiting)
            var moves: [Move] = []
            switch verdict {
            case .stay: return
            case .fault: moves = movesToFault(groups[group])
            case .enter: moves = movesToBackup(groups[group], at: now)
            case .enterAsOwners: moves = movesAsOwners(groups[group])
            case .join, .takeOver: moves = movesToMaster(groups[group])
            case .release: moves = movesToRelease(groups[group], at: now)
            }
            moves.begin(with: cause)
            let place = effects.count
            perform(moves, of: group, at: now, into: &effects)
            // With keepalived too: where nothing but the start gives rise to it, the group comes first.
            if cause == nil, verdict.isEnter { effects.moveGroupTransition(to: place) }
        }
    }

    mutating func perform(
        _ moves: [Move], of group: Int, at now: Instant, into effects: inout [Effect]
    ) {
        for move in moves { virtualRouters[move.index].advertise(move, into: &effects) }
        for move in moves { virtualRouters[move.index].moveAddresses(move, into: &effects) }
        for move in moves {
            virtualRouters[move.index].enter(move, at: now, into: &effects)
            setTimer(move.index)
        }
        tellGroup(group, into: &effects)
    }

    /// The group's own notice, after its members'.
    mutating func tellGroup(_ group: Int, into effects: inout [Effect]) {
        let state = tally(group).state
        guard state != groups[group].state else { return }
        groups[group].state = state
        if let number = groups[group].number {
            effects.append(.groupTransition(group: number, to: state))
        }
    }

    private func tally(_ group: Int) -> Tally {
        var tally = Tally()
        for member in groups[group].members { tally.add(virtualRouters[member]) }
        return tally
    }

    private func movesToFault(_ group: SyncGroup) -> [Move] {
        var culprit = 0
        for member in group.members.reversed() {
            if case .faulty = virtualRouters[member].readiness { culprit = member }
        }
        var moves: [Move] = []
        for member in group.members where virtualRouters[member].stateName != .fault {
            var reason = FaultReason.groupMember(culprit)
            if case .faulty(let own) = virtualRouters[member].readiness { reason = own }
            moves.append(Move(index: member, destination: .fault, reason: .fault(reason)))
        }
        return moves
    }

    /// RFC 3768 section 6.4.1: who owns no address starts as backup, for a full
    /// Master_Down_Interval.
    private func movesToBackup(_ group: SyncGroup, at now: Instant) -> [Move] {
        var moves: [Move] = []
        for member in group.members {
            guard let reason = reasonToEnter(member) else { continue }
            let backup = virtualRouters[member].freshBackup(at: now)
            moves.append(Move(index: member, destination: .backup(backup), reason: reason))
        }
        return moves
    }

    private func movesAsOwners(_ group: SyncGroup) -> [Move] {
        var moves: [Move] = []
        for member in group.members {
            guard let reason = reasonToEnter(member) else { continue }
            let reasonOfOwner = reason == .started ? .startedAsOwner : reason
            moves.append(Move(index: member, destination: .master, reason: reasonOfOwner))
        }
        return moves
    }

    /// Nil for those that take part already.
    private func reasonToEnter(_ index: Int) -> TransitionReason? {
        switch virtualRouters[index].stateName {
        case .initialize: .started
        case .fault: .faultCleared
        case .backup, .master: nil
        }
    }

    private func movesToMaster(_ group: SyncGroup) -> [Move] {
        var moves: [Move] = []
        for member in group.members where !virtualRouters[member].isMaster {
            let reason = virtualRouters[member].takeOverReason
            moves.append(Move(index: member, destination: .master, reason: reason))
        }
        return moves
    }

    private func movesToRelease(_ group: SyncGroup, at now: Instant) -> [Move] {
        var moves: [Move] = []
        for member in group.members where virtualRouters[member].isMaster {
            let backup = virtualRouters[member].forcedBackup(at: now)
            moves.append(Move(index: member, destination: .backup(backup), reason: .group))
        }
        return moves
    }
}

extension [Effect] {
    fileprivate mutating func moveGroupTransition(to place: Int) {
        guard case .groupTransition = last else { return }
        insert(removeLast(), at: place)
    }
}

extension [Move] {
    /// Puts a member's move before those of the others, which stay as configured.
    mutating func begin(with member: Int?) {
        guard count > 1, let place = firstIndex(where: { $0.index == member }) else { return }
        insert(remove(at: place), at: 0)
    }
}
