import Linux
package import Net

/// Which addresses, routes and rules ought to be there, which are, and what to do about the
/// difference. Makes no
/// system call: operations come from `nextBatch`, and their results go to `confirm` before
/// anything else is told.
package struct Reconciler {
    enum State {
        /// To be added.
        case absent
        /// To be added again.
        case lost
        case held
        /// Somebody removed what is not tracked.
        case abandoned
        /// To be removed; and added again where there are still owners.
        case leaving

        var isMissing: Bool {
            switch self {
            case .absent, .lost: true
            case .held, .abandoned, .leaving: false
            }
        }
    }

    /// One for each address that is held, in a table that is half empty: no byte too many.
    struct Entry {
        var desired: Holding
        /// Virtual routers that want it.
        var owners: Owners
        /// Position in the order of the wishes.
        var serial: Int
        /// When there is something to do; nil for nothing.
        var due: Instant?
        var state = State.absent
        /// An addition was asked for: from then on it may be there.
        var isOurs = false
        /// Was there before us, and stays.
        var isAdopted = false
        var isPending = false
        var failures: UInt16 = 0
        var pacing = RepairPacing()
    }

    var entries: [HoldingKey: Entry] = [:]
    /// Keys with something to do, in the order of the wishes.
    private var pending: [HoldingKey] = []
    var interfaces = InterfaceNames()
    private var serial = 0
    /// When a leftover was last removed.
    var leftovers: [HoldingKey: Instant] = [:]

    package init() {}

    /// When `nextBatch` has something to give; nil for never. Not after the present while an
    /// operation waits.
    package var deadline: Instant? {
        var result: Instant? = nil
        for key in pending { result = earliest(result, entries[key]?.due) }
        return result
    }

    /// Room that nothing needs.
    mutating func letGo() {
        if pending.isEmpty { pending = [] }
    }

    var holdsSomething: Bool { !entries.isEmpty }

    package func isHeld(_ key: HoldingKey) -> Bool {
        guard let entry = entries[key], case .held = entry.state else { return false }
        return true
    }

    /// The virtual routers that want an address.
    package func routers(wanting key: HoldingKey) -> [Int] { entries[key]?.owners.all ?? [] }
}

// Wishes.
extension Reconciler {
    package mutating func want(_ desired: Holding, by router: Int, at now: Instant) {
        let key = desired.key
        guard var entry = entries[key] else {
            entries[key] = newEntry(desired, owners: Owners(router))
            return schedule(key, at: now)
        }
        entry.owners.insert(router)
        let isChanged = !entry.desired.isSameInKernel(as: desired)
        entry.desired = desired
        switch entry.state {
        case .held where isChanged && !entry.isAdopted, .leaving where isChanged:
            entry.state = .leaving
        case .leaving, .abandoned:
            entry.state = .absent
        case .held, .absent, .lost:
            entries[key] = entry
            return
        }
        entries[key] = entry
        schedule(key, at: now)
    }

    package mutating func unwant(_ key: HoldingKey, by router: Int, at now: Instant) {
        guard var entry = entries[key], entry.owners.contains(router) else { return }
        entry.owners.remove(router)
        entries[key] = entry
        guard entry.owners.isEmpty else { return }
        if mayStay(entry) {
            entries[key] = nil
        } else {
            leave(key, at: now)
        }
    }

    /// Everything that a virtual router wanted.
    package mutating func unwantAll(by router: Int, at now: Instant) {
        for key in keysInOrder(where: { $0.owners.contains(router) }).inRemovalOrder {
            unwant(key, by: router, at: now)
        }
    }

    /// Nothing of ours can be there. A removal that the kernel only told of is no proof: the
    /// notice may be older than our addition.
    private func mayStay(_ entry: Entry) -> Bool {
        if entry.isAdopted || !entry.isOurs { return true }
        for name in entry.desired.interfaces where interfaces.index(of: name) == nil { return true }
        return false
    }

    mutating func leave(_ key: HoldingKey, at now: Instant) {
        entries[key]?.state = .leaving
        entries[key]?.failures = 0
        schedule(key, at: now)
    }

    mutating func newEntry(_ desired: Holding, owners: Owners) -> Entry {
        serial += 1
        return Entry(desired: desired, owners: owners, serial: serial)
    }

    /// Dictionaries have no order; wishes do.
    func keysInOrder(where condition: (Entry) -> Bool) -> [HoldingKey] {
        var found: [(serial: Int, key: HoldingKey)] = []
        for (key, entry) in entries where condition(entry) {
            found.append((entry.serial, key))
        }
        found.sort { $0.serial < $1.serial }
        return found.map { $0.key }
    }
}

extension [HoldingKey] {
    /// Rules, routes, addresses; each kind in its order.
    var inRemovalOrder: [HoldingKey] {
        var result: [HoldingKey] = []
        for rank in [2, 1, 0] { result += filter { $0.rank == rank } }
        return result
    }
}

// Operations.
extension Reconciler {
    /// What to ask of the kernel now, at most `limit` operations.
    package mutating func nextBatch(limit: Int, at now: Instant) -> [HoldingOperation] {
        guard !pending.isEmpty else { return [] }
        var batch: [HoldingOperation] = []
        var rest: [HoldingKey] = []
        for key in pending {
            guard let due = entries[key]?.due else {
                entries[key]?.isPending = false
                continue
            }
            guard batch.count < limit, due <= now else {
                rest.append(key)
                continue
            }
            if let operation = begin(key) { batch.append(operation) }
        }
        pending = rest
        return batch
    }

    mutating func schedule(_ key: HoldingKey, at time: Instant) {
        guard let entry = entries[key] else { return }
        entries[key]?.due = time
        if !entry.isPending {
            entries[key]?.isPending = true
            pending.append(key)
        }
    }

    /// Nil while the interface is away: its return schedules anew.
    private mutating func begin(_ key: HoldingKey) -> HoldingOperation? {
        guard var entry = entries[key] else { return nil }
        entry.due = nil
        entry.isPending = false
        defer { entries[key] = entry }
        let change: KernelChange? =
            switch entry.state {
            case .absent, .lost: entry.desired.addition(interfaces)
            case .leaving: entry.desired.removal(interfaces)
            case .held, .abandoned: nil
            }
        return change.map { HoldingOperation(key: key, change: $0) }
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
        schedule(key, at: time)
        return .failed(errno: errno, retry: time)
    }
}
