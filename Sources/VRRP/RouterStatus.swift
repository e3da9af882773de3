package import Net

// What status, explain and dumps read. Positions are the plan's; one that does not exist gives the
// emptiest answer.

extension Router {
    package func state(of virtualRouter: Int) -> StateName {
        guard virtualRouters.indices.contains(virtualRouter) else { return .initialize }
        return virtualRouters[virtualRouter].stateName
    }

    package func state(ofGroup number: Int) -> StateName {
        for group in groups where group.number == number { return group.state }
        return .initialize
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
