import Linux
package import Net

/// Which addresses, routes and rules ought to be there, which are, and what to do about the
/// difference. Makes no system call: operations come from `nextBatch`, and their results go to
/// `confirm` before anything else is told.
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

    enum Line {
        case none
        case ready
        case waiting
    }

    /// One for each address that is held: no byte too many.
    struct Entry {
        var desired: Holding
        /// Virtual routers that want it.
        var owners: Owners
        /// Position in the order of the wishes.
        var serial: UInt32
        /// When there is something to do; nil for nothing.
        @Eventual var due: Instant?
        var pacing = RepairPacing()
        var failures: UInt16 = 0
        var state = State.absent
        /// An addition was asked for: from then on it may be there.
        var isOurs = false
        /// Was there before us, and stays.
        var isAdopted = false
        /// In which list it stands.
        var line = Line.none
    }

    var entries = HoldingTable()
    /// Keys with something to do now, in the order of the wishes. What stands there twice, or stands
    /// by its entry in the other list, is done or has moved.
    var ready: [HoldingKey] = []
    /// Keys with something to do later.
    var waiting: [HoldingKey] = []
    /// How many keys each virtual router wants.
    private var wishes: [Int32: Int32] = [:]
    var interfaces = InterfaceNames()
    private var serial: UInt32 = 0
    /// When a leftover was last removed.
    var leftovers: [HoldingKey: Instant] = [:]

    package init() {}

    /// When `nextBatch` has something to give; nil for never. Not after the present while an
    /// operation waits.
    package var deadline: Instant? {
        var result: Instant? = nil
        for key in waiting { result = earliest(result, entries[key]?.due) }
        for key in ready {
            // The others that are ready were so at a later time, which is past as well.
            if let due = due(key, in: .ready) { return earliest(result, due) }
        }
        return result
    }

    /// As many are ready as a batch takes, or nearly: some may have been done already.
    package func hasReady(_ count: Int) -> Bool { ready.count >= count }

    /// Nil unless it stands in this list.
    private func due(_ key: HoldingKey, in line: Line) -> Instant? {
        guard let entry = entries[key], entry.line == line else { return nil }
        return entry.due
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
    /// Before so many wishes, so that the table does not grow again and again.
    mutating func makeRoom(for count: Int) {
        if count > 64 { entries.reserveCapacity(entries.count + count) }
    }

    package mutating func want(_ desired: Holding, by router: Int, at now: Instant) {
        let key = desired.key
        guard var entry = entries[key] else {
            entries[key] = newEntry(desired, owners: Owners(router))
            countWish(of: router)
            return schedule(key, at: now)
        }
        if entry.owners.insert(router) { countWish(of: router) }
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
        forgetWish(of: router)
        guard entry.owners.isEmpty else { return }
        if mayStay(entry) {
            entries[key] = nil
        } else {
            leave(key, at: now)
        }
    }

    private mutating func countWish(of router: Int) {
        wishes[Int32(clamping: router), default: 0] += 1
    }

    private mutating func forgetWish(of router: Int) {
        let rest = (wishes[Int32(clamping: router)] ?? 0) - 1
        wishes[Int32(clamping: router)] = rest > 0 ? rest : nil
    }

    /// Everything that a virtual router wanted.
    ///
    /// - Parameter known: what that is as far as the caller knows; only for others are all entries
    ///   looked through.
    package mutating func unwantAll(
        by router: Int, known: [HoldingKey] = [], at now: Instant
    ) {
        for key in known.inRemovalOrder { unwant(key, by: router, at: now) }
        guard wishes[Int32(clamping: router)] != nil else { return }
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
        serial &+= 1
        return Entry(desired: desired, owners: owners, serial: serial)
    }

    /// Dictionaries have no order; wishes do.
    func keysInOrder(where condition: (Entry) -> Bool) -> [HoldingKey] {
        var found: [(serial: UInt32, key: HoldingKey)] = []
        for entry in entries where condition(entry) {
            found.append((entry.serial, entry.desired.key))
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
