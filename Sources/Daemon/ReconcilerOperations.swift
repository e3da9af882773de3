import Linux
package import Net

// What is asked of the kernel, and what becomes of it.
extension Reconciler {
    /// What to ask of the kernel now, at most `limit` operations.
    package mutating func nextBatch(limit: Int, at now: Instant) -> [HoldingOperation] {
        admit(at: now)
        guard !ready.isEmpty else { return [] }
        var batch: [HoldingOperation] = []
        var done = 0
        while done < ready.count, batch.count < limit {
            let key = ready[done]
            done += 1
            if let change = entries[key]?.begin(interfaces) {
                batch.append(HoldingOperation(key: key, change: change))
            }
        }
        if done == ready.count { ready = [] } else { ready.removeFirst(done) }
        return batch
    }

    /// What waited long enough is ready.
    private mutating func admit(at now: Instant) {
        guard !waiting.isEmpty else { return }
        let keys = waiting
        waiting = []
        for key in keys {
            guard let entry = entries[key], entry.line == .waiting else { continue }
            guard let due = entry.due else {
                entries[key]?.line = .none
                continue
            }
            if due <= now {
                entries[key]?.line = .ready
                ready.append(key)
            } else {
                waiting.append(key)
            }
        }
    }

    /// Something is to be done now.
    mutating func schedule(_ key: HoldingKey, at now: Instant) {
        if entries[key]?.stand(in: .ready, now) == true { ready.append(key) }
    }

    /// Something is to be done at a later time.
    mutating func schedule(_ key: HoldingKey, after time: Instant) {
        if entries[key]?.stand(in: .waiting, time) == true { waiting.append(key) }
    }

    /// - Parameter errno: 0 where it was done.
    package mutating func confirm(
        _ operation: HoldingOperation, errno: Int32, at now: Instant
    ) -> HoldingOutcome {
        switch operation.change {
        case .add, .renew, .addRoute, .addRule: confirmAddition(operation.key, errno, now)
        case .remove, .removeRoute, .removeRule: confirmRemoval(operation.key, errno, now)
        }
    }

    private mutating func confirmAddition(
        _ key: HoldingKey, _ errno: Int32, _ now: Instant
    ) -> HoldingOutcome {
        guard var entry = entries[key], entry.state.isMissing else { return .superseded }
        guard errno == 0 || errno == NetlinkErrno.exists else {
            // The kernel may have done it without saying so.
            if errno == NetlinkErrno.again { entries[key]?.isOurs = true }
            return retry(key, errno, now)
        }
        if errno != 0 && entry.desired.adopts && !entry.isOurs { entry.isAdopted = true }
        let outcome = outcome(of: &entry, wasThere: errno != 0)
        if !entry.isAdopted { entry.isOurs = true }
        entry.state = .held
        entry.failures = 0
        entries[key] = entry
        return outcome
    }

    private func outcome(of entry: inout Entry, wasThere: Bool) -> HoldingOutcome {
        guard case .lost = entry.state else { return entry.isAdopted ? .adopted : .added }
        if wasThere { return .stillThere }
        entry.pacing.repaired()
        return .repaired
    }

    private mutating func confirmRemoval(
        _ key: HoldingKey, _ errno: Int32, _ now: Instant
    ) -> HoldingOutcome {
        guard let entry = entries[key], case .leaving = entry.state else { return .superseded }
        switch errno {
        case 0, NetlinkErrno.addressNotAvailable, NetlinkErrno.noDevice, NetlinkErrno.noSuchRoute,
            NetlinkErrno.noEntry:
            if entry.owners.isEmpty {
                entries[key] = nil
            } else {
                entries[key]?.state = .absent
                entries[key]?.isOurs = false
                schedule(key, at: now)
            }
            return .removed
        default:
            return retry(key, errno, now)
        }
    }

    /// After 1, 2, 4 ... 30 s.
    private mutating func retry(
        _ key: HoldingKey, _ errno: Int32, _ now: Instant
    ) -> HoldingOutcome {
        let failures = entries[key]?.failures ?? 0
        let time = now + backOff(Int(failures))
        entries[key]?.failures = failures &+ (failures < .max ? 1 : 0)
        schedule(key, after: time)
        return .failed(errno: errno, retry: time)
    }
}

extension Reconciler.Entry {
    /// - Returns: whether the key has to be added to that list.
    fileprivate mutating func stand(in line: Reconciler.Line, _ due: Instant) -> Bool {
        self.due = due
        if self.line == line { return false }
        self.line = line
        return true
    }

    /// Nil where it stands in the list no more, and while the interface is away: its return
    /// schedules anew.
    fileprivate mutating func begin(_ interfaces: InterfaceNames) -> KernelChange? {
        guard line == .ready else { return nil }
        line = .none
        guard due != nil else { return nil }
        due = nil
        switch state {
        case .absent, .lost: return desired.addition(interfaces)
        case .leaving: return desired.removal(interfaces)
        case .held, .abandoned: return nil
        }
    }
}
