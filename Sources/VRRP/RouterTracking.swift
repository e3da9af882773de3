import Net

// Interfaces, addresses and tracked objects: from what is seen to readiness and priority.

extension Router {
    mutating func observe(
        _ object: Int, _ observation: Observation, at now: Instant, into effects: inout [Effect]
    ) {
        guard objects.indices.contains(object) else { return }
        let old = objects[object].state
        guard objects[object].observe(observation, at: now) else { return }
        for index in usersOf[object] {
            if let works = objects[object].state.isWorking, works != old.isWorking {
                let note = Note.trackedObject(object, working: works)
                virtualRouters[index].note(note, into: &effects)
            }
            refresh(index, at: now, into: &effects)
        }
    }

    /// Recomputes what depends on the outside, and settles the group if that matters to it.
    mutating func refresh(_ index: Int, at now: Instant, into effects: inout [Effect]) {
        let changesGroup = recompute(index, into: &effects)
        setTimer(index)
        if changesGroup && phase == .running {
            settle(group(of: index), becauseOf: index, at: now, into: &effects)
        }
    }

    /// Returns whether the group's readiness changed.
    mutating func recompute(_ index: Int, into effects: inout [Effect]) -> Bool {
        recomputePriority(index, into: &effects)
        let old = virtualRouters[index].readiness
        let new = readiness(of: index)
        virtualRouters[index].readiness = new
        return groups[group(of: index)].count(new, insteadOf: old)
    }

    private mutating func recomputePriority(_ index: Int, into effects: inout [Effect]) {
        let total = Int(plan.virtualRouters[index].priority) + points(for: index)
        guard total != virtualRouters[index].totalPriority else { return }
        let interval = virtualRouters[index].masterDownInterval
        let old = virtualRouters[index].effectivePriority
        virtualRouters[index].totalPriority = total
        let new = virtualRouters[index].effectivePriority
        guard new != old else { return }
        virtualRouters[index].shiftMasterDownTimer(from: interval)
        virtualRouters[index].note(.priorityChanged(from: old, to: new), into: &effects)
    }

    /// The sum of all weights.
    private func points(for index: Int) -> Int {
        var sum = 0
        for entry in tracking[index] {
            switch entry.weight.contribution(of: objects[entry.object].state) {
            case .points(let points): sum += points
            case .fault, .wait: break
            }
        }
        return sum
    }

    private func readiness(of index: Int) -> Readiness {
        guard virtualRouters[index].isStarted else { return .awaiting }
        if let fault = virtualRouters[index].interfaceFault { return .faulty(fault) }
        var waits = false
        for entry in tracking[index] {
            switch entry.weight.contribution(of: objects[entry.object].state) {
            case .points: break
            case .fault: return .faulty(.trackedObject(entry.object))
            case .wait: waits = true
            }
        }
        return waits ? .awaiting : .ready
    }
}

extension VirtualRouter {
    /// dont_track_primary forgives a link that is down, not one that does not exist.
    var interfaceFault: FaultReason? {
        switch interface {
        case .missing: .interfaceMissing
        case .down: parameters.tracksInterface ? .interfaceDown : sourceFault
        case .up: sourceFault
        }
    }

    var sourceFault: FaultReason? {
        if parameters.needsPeer, case .unicast(let peers) = parameters.transport, peers.isEmpty {
            return .noPeer
        }
        return source == nil ? .noSourceAddress : nil
    }
}

extension TrackedState {
    /// Nil for a number, which is neither.
    var isWorking: Bool? {
        switch self {
        case .unknown, .value: nil
        case .assumed, .working: true
        case .failed: false
        }
    }
}
