import Net

// Tracked objects and what they contribute: keepalived's track_interface, track_script,
// track_file and track_process.

/// What is known of a tracked object.
package enum TrackedState: Hashable, Sendable {
    /// No result yet. A virtual router for which a failure would be a fault waits for it.
    case unknown
    /// No result yet, but taken to work until shown otherwise: after a reload or a resumption,
    /// where waiting would end a service that runs.
    case assumed
    case working
    case failed
    /// The number in a file.
    case value(Int)
}

/// A tracked object's state, with the count of results that decides when it changes.
struct TrackedObject {
    var plan: TrackedObjectPlan
    private(set) var state: TrackedState
    /// When it came into that state; nil: it has been in it from the start.
    @Eventual private(set) var since: Instant?
    /// Scripts: results in a row against the present state.
    private var streak = 0
    private var isObserved = false

    init(_ plan: TrackedObjectPlan) {
        self.plan = plan
        switch plan {
        case .link: state = .working
        case .script(_, _, let startsFailed): state = startsFailed ? .failed : .unknown
        case .file: state = .value(0)
        case .process: state = .unknown
        }
    }

    /// Of a kind that waits for a first result, and had none: taken to work from here on.
    mutating func assumeWorking() {
        guard !isObserved else { return }
        switch plan {
        case .script, .process: state = .assumed
        case .link, .file: break
        }
    }

    /// Returns whether the state changed.
    mutating func observe(_ observation: Observation, at now: Instant) -> Bool {
        let old = state
        switch observation {
        case .working(let works): state = works ? .working : .failed
        case .value(let value): state = .value(value)
        case .result(let success): count(success)
        }
        isObserved = true
        if state != old { since = now }
        return state != old
    }

    private mutating func count(_ success: Bool) {
        let result: TrackedState = success ? .working : .failed
        // keepalived: rise and fall count from the first result on, also under init_fail.
        guard case .script(let rise, let fall, _) = plan, isObserved else {
            state = result
            return
        }
        switch state {
        case .unknown, .assumed, .value:
            state = result
            streak = 0
        case .working, .failed:
            streak = result == state ? 0 : streak + 1
            guard streak >= (success ? rise : fall) else { return }
            state = result
            streak = 0
        }
    }
}

/// What one tracked object does to one virtual router.
enum Contribution: Hashable {
    /// Added to the priority.
    case points(Int)
    case fault
    /// Out of service until there is a first result.
    case wait
}

extension Weight {
    /// keepalived's arithmetic: a positive weight is added while the object works, a negative one
    /// while it does not; a file's number is multiplied.
    func contribution(of state: TrackedState) -> Contribution {
        let sign = isReversed ? -1 : 1
        switch state {
        case .unknown: return value == 0 ? .wait : .points(0)
        case .assumed: return .points(0)
        case .working:
            if value == 0 { return isReversed ? .fault : .points(0) }
            return .points(value > 0 ? value * sign : 0)
        case .failed:
            if value == 0 { return isReversed ? .points(0) : .fault }
            return .points(value < 0 ? value * sign : 0)
        case .value(let number):
            if value == 0 { return (number != 0) != isReversed ? .fault : .points(0) }
            return product(with: number, sign: sign)
        }
    }

    /// -254 and less is a fault, more than 253 counts as 253.
    private func product(with number: Int, sign: Int) -> Contribution {
        let (product, overflow) = number.multipliedReportingOverflow(by: value * sign)
        if overflow { return (number < 0) == (value * sign < 0) ? .points(253) : .fault }
        return product <= -254 ? .fault : .points(min(product, 253))
    }
}

extension RouterPlan {
    /// What is tracked for one virtual router. In a sync group the members' own weights do not
    /// count (but under sync_group_tracking_weight) and the group's trackers apply to all members;
    /// for an object in both lists the group's line wins, unless the member's has no weight.
    func tracking(of index: Int, in group: SyncGroupPlan?) -> [TrackingEntry] {
        guard virtualRouters.indices.contains(index) else { return [] }
        let own = virtualRouters[index].tracking
        guard let group else { return own.filter(isTracked) }
        var entries: [TrackingEntry] = []
        for entry in own where entry.weight.value == 0 || entry.countsInGroup {
            entries.append(entry)
        }
        for entry in group.tracking where !has(entries, entry.object) { entries.append(entry) }
        if group.usesMemberWeights {
            for entry in own where !has(entries, entry.object) { entries.append(entry) }
        }
        return entries.filter(isTracked)
    }

    private func isTracked(_ entry: TrackingEntry) -> Bool {
        trackedObjects.indices.contains(entry.object)
    }

    private func has(_ entries: [TrackingEntry], _ object: Int) -> Bool {
        for entry in entries where entry.object == object { return true }
        return false
    }
}
