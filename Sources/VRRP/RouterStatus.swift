package import Net

// What status, explain and dumps read. Positions are the plan's; one that does not exist gives the
// emptiest answer.

extension Router {
    package func state(of virtualRouter: Int) -> StateName {
        guard virtualRouters.indices.contains(virtualRouter) else { return .initialize }
        return virtualRouters[virtualRouter].stateName
    }

    /// By the plan's positions.
    package var statesByGroup: [Int: StateName] {
        var states: [Int: StateName] = [:]
        for group in groups { if let number = group.number { states[number] = group.state } }
        return states
    }

    package func state(ofObject object: Int) -> TrackedState {
        objects.indices.contains(object) ? objects[object].state : .unknown
    }

    /// All that keeps a virtual router from taking part, at once; a tracked object that has no
    /// first result yet is among them, with the state `.unknown`.
    package func faultReasons(of virtualRouter: Int) -> [FaultReason] {
        guard virtualRouters.indices.contains(virtualRouter) else { return [] }
        var reasons = ownFaults(of: virtualRouter)
        for member in groups[group(of: virtualRouter)].members where member != virtualRouter {
            if case .faulty = virtualRouters[member].readiness {
                reasons.append(.groupMember(member))
            }
        }
        return reasons
    }

    private func ownFaults(of index: Int) -> [FaultReason] {
        var reasons: [FaultReason] = []
        switch virtualRouters[index].interface {
        case .missing: reasons.append(.interfaceMissing)
        case .down where virtualRouters[index].parameters.tracksInterface:
            reasons.append(.interfaceDown)
        case .down, .up: break
        }
        if let fault = virtualRouters[index].sourceFault { reasons.append(fault) }
        for entry in tracking[index] {
            switch entry.weight.contribution(of: objects[entry.object].state) {
            case .points: break
            case .fault, .wait: reasons.append(.trackedObject(entry.object))
            }
        }
        return reasons
    }

    /// Each object tracked for a virtual router, by itself or by its group, with the weight that
    /// counts.
    package func trackingEntries(of virtualRouter: Int) -> [TrackingEntry] {
        tracking.indices.contains(virtualRouter) ? tracking[virtualRouter] : []
    }

    /// When vrrp_startup_delay ends; nil if it does not run.
    package var startupDelayEnd: Instant? {
        guard case .delayed(let until) = phase else { return nil }
        return until
    }

    package mutating func clearCounters() {
        for index in virtualRouters.indices { virtualRouters[index].counters = Counters() }
    }
}

/// What a tracked object does to a virtual router at a moment.
package enum TrackedEffect: Hashable, Sendable {
    /// Added to the priority.
    case points(Int)
    case fault
    /// Out of service until there is a first result.
    case wait
}

/// A tracked object as one virtual router sees it.
package struct TrackedShare: Hashable, Sendable {
    /// Position in the plan.
    package var object: Int
    package var state: TrackedState
    /// When it came into that state; nil: it has been in it from the start.
    package var since: Instant?
    package var effect: TrackedEffect
    package var effectIfWorking: TrackedEffect
}

extension Router {
    /// What is tracked for a virtual router, by itself or by its group, in the order that counts.
    package func shares(of virtualRouter: Int) -> [TrackedShare] {
        var shares: [TrackedShare] = []
        for entry in trackingEntries(of: virtualRouter) {
            guard objects.indices.contains(entry.object) else { continue }
            let object = objects[entry.object]
            shares.append(
                TrackedShare(
                    object: entry.object, state: object.state, since: object.since,
                    effect: TrackedEffect(entry.weight.contribution(of: object.state)),
                    effectIfWorking: TrackedEffect(
                        entry.weight.contribution(of: object.plan.stateIfWorking))))
        }
        return shares
    }
}

extension TrackedObjectPlan {
    fileprivate var stateIfWorking: TrackedState {
        switch self {
        case .link, .script, .process: .working
        case .file: .value(0)
        }
    }
}

extension TrackedEffect {
    init(_ contribution: Contribution) {
        switch contribution {
        case .points(let points): self = .points(points)
        case .fault: self = .fault
        case .wait: self = .wait
        }
    }
}

extension VirtualRouter {
    /// When the master was last heard; nil where none is known, and for a master.
    package var lastHeard: Instant? {
        guard case .backup(let backup) = state, backup.master != nil else { return nil }
        return backup.quietSince
    }

    /// When the last advertisement of this master was sent.
    package var lastSent: Instant? {
        guard case .master(let master) = state else { return nil }
        return master.lastSent
    }

    /// The sender whose address list overlaps with ours without being the same.
    package var differingList: IPAddress? { notedList }
}
