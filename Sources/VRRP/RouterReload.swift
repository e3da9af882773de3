package import Net

// A reload: a plan swapped for a plan. Positions change their meaning in `reconfigure`, so what is
// removed must be retired before, under its old position.

extension Router {
    /// First step of a reload: these virtual routers resign, lose their addresses and go to
    /// INITIALIZE, with the reason `.reconfigured`. Positions are those of the running plan.
    package mutating func retire(
        _ indexes: [Int], at now: Instant, into effects: inout [Effect]
    ) {
        guard phase != .stopped else { return }
        retire(indexes, reason: .reconfigured, at: now, into: &effects)
    }

    /// Second step: the new plan. The mappings give for each new position the old one, or nil for
    /// what is new. A virtual router without a difference goes on as if nothing had happened; with
    /// one it keeps its state: a running Master_Down_Timer moves with Master_Down_Interval, a
    /// master advertises at once and announces itself if addresses were added. New ones wait in
    /// INITIALIZE for the third step, `start`, before which their interfaces and sources are told;
    /// it also settles groups whose members changed. New scripts count as working until their first
    /// result. Groups are recognised by their names.
    package mutating func reconfigure(
        _ newPlan: RouterPlan, virtualRouterMapping: [Int?], objectMapping: [Int?],
        at now: Instant, into effects: inout [Effect]
    ) {
        guard phase != .stopped else { return }
        let old = self
        plan = newPlan
        objects = newPlan.trackedObjects.enumerated().map { index, plan in
            old.continued(plan, from: place(index, objectMapping))
        }
        virtualRouters = newPlan.virtualRouters.indices.map { index in
            let place = place(index, virtualRouterMapping)
            let parameters = newPlan.virtualRouters.reference(at: index)
            return old.continued(parameters, at: index, from: place)
        }
        deriveFromPlan(states: old.groupStates)
        for index in virtualRouters.indices {
            // Readiness was counted as `.awaiting` for all: count it anew, without settling yet.
            virtualRouters[index].readiness = .awaiting
            _ = recompute(index, into: &effects)
            if let place = place(index, virtualRouterMapping) {
                adopt(index, old.parameters(place), at: now, into: &effects)
            }
            setTimer(index)
        }
    }

    private func place(_ index: Int, _ mapping: [Int?]) -> Int? {
        mapping.indices.contains(index) ? mapping[index] : nil
    }

    private func parameters(_ index: Int) -> VirtualRouterParameters? {
        virtualRouters.indices.contains(index) ? virtualRouters[index].parameters : nil
    }

    private var groupStates: [(ByteString, StateName)] {
        groups.compactMap { group in
            guard let number = group.number else { return nil }
            return (plan.groups[number].name, group.state)
        }
    }

    private func continued(_ plan: TrackedObjectPlan, from place: Int?) -> TrackedObject {
        var object = TrackedObject(plan)
        if let place, objects.indices.contains(place), objects[place].plan.isSameKind(as: plan) {
            object = objects[place]
            object.plan = plan
        } else if phase == .running {
            object.assumeWorking()
        }
        return object
    }

    /// The old state under the new parameters.
    private func continued(
        _ parameters: SharedParameters, at index: Int, from place: Int?
    ) -> VirtualRouter {
        guard let place, virtualRouters.indices.contains(place) else {
            return VirtualRouter(index: index, parameters)
        }
        var virtualRouter = virtualRouters[place]
        virtualRouter.index = index
        virtualRouter.adopt(parameters)
        return virtualRouter
    }

    /// What a changed master has to say.
    private mutating func adopt(
        _ index: Int, _ old: VirtualRouterParameters?, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let old, virtualRouters[index].differs(from: old) else { return }
        virtualRouters[index].advertiseChange(since: old, at: now, into: &effects)
    }

    /// Groups, lists and timers for the present plan; every member counts as `.awaiting`.
    mutating func deriveFromPlan(states: [(ByteString, StateName)]) {
        deriveGroups(states: states)
        tracking = plan.virtualRouters.indices.map { index in
            let number = groups[group(of: index)].number
            return plan.tracking(of: index, in: number.map { plan.groups[$0] })
        }
        usersOf = Array(repeating: [], count: plan.trackedObjects.count)
        for index in tracking.indices {
            for entry in tracking[index] where usersOf[entry.object].last != index {
                usersOf[entry.object].append(index)
            }
        }
        timers = DeadlineQueue(count: plan.virtualRouters.count)
        due.reserveCapacity(plan.virtualRouters.count)
    }

    private mutating func deriveGroups(states: [(ByteString, StateName)]) {
        let numberOf = groupNumbers()
        var members = [[Int]](repeating: [], count: plan.groups.count)
        for (index, number) in numberOf.enumerated() {
            if let number { members[number].append(index) }
        }
        groups = []
        groupPositions = Array(repeating: 0, count: numberOf.count)
        for (index, number) in numberOf.enumerated() {
            guard let number else {
                add(SyncGroup(members: [index], number: nil, state: .initialize))
                continue
            }
            guard members[number].first == index else { continue }
            var state = StateName.initialize
            for (name, old) in states where name == plan.groups[number].name { state = old }
            add(SyncGroup(members: members[number], number: number, state: state))
        }
    }

    /// By virtual router: the first group that names it.
    private func groupNumbers() -> [Int?] {
        var numbers = [Int?](repeating: nil, count: plan.virtualRouters.count)
        for (number, group) in plan.groups.enumerated() {
            for member in group.members where numbers.indices.contains(member) {
                if numbers[member] == nil { numbers[member] = number }
            }
        }
        return numbers
    }

    private mutating func add(_ group: SyncGroup) {
        for member in group.members { groupPositions[member] = Int32(clamping: groups.count) }
        groups.append(group)
    }
}

extension TrackedObjectPlan {
    func isSameKind(as other: TrackedObjectPlan) -> Bool {
        switch (self, other) {
        case (.link, .link), (.script, .script), (.file, .file), (.process, .process): true
        case (.link, _), (.script, _), (.file, _), (.process, _): false
        }
    }
}

extension VirtualRouter {
    /// Positions of tracked objects say nothing by themselves, and what they do to priority and
    /// readiness is computed apart.
    func differs(from old: VirtualRouterParameters) -> Bool {
        var old = old
        old.tracking = parameters.tracking
        return old != parameters
    }

    /// Keeps the state; a running Master_Down_Timer moves with Master_Down_Interval.
    mutating func adopt(_ shared: SharedParameters) {
        let new = shared.value
        let oldInterval = masterDownInterval
        totalPriority += Int(new.priority) - Int(parameters.priority)
        sharedParameters = shared
        // What a master was heard to say counts until it says something else (RFC 9568 section 6.1).
        if case .backup(var backup) = state, backup.master == nil || new.version == .v2 {
            backup.masterAdverInterval = new.advertisementInterval
            state = .backup(backup)
        }
        shiftMasterDownTimer(from: oldInterval)
    }

    mutating func advertiseChange(
        since old: VirtualRouterParameters, at now: Instant, into effects: inout [Effect]
    ) {
        guard case .master(var master) = state else { return }
        master.adverDeadline = now + parameters.advertisementInterval
        master.lastSent = now
        let refresh = parameters.announcements.refresh
        if refresh != old.announcements.refresh {
            master.refresh = refresh > .zero ? now + refresh : nil
        }
        state = .master(master)
        send(priority: effectivePriority, into: &effects)
        effects.append(.addAddresses(virtualRouter: index))
        if parameters.addresses.contains(where: { !old.addresses.contains($0) }) {
            let count = parameters.announcements.count
            effects.append(.announce(virtualRouter: index, count: count))
        }
    }
}
