// What the reconciler makes of the kernel's notices and dumps.
package import Linux
package import Net

/// How soon a wanted address that somebody keeps removing comes back: three times at once, then
/// after 1, 2, 4 ... 30 s; a quiet minute forgives.
struct RepairPacing {
    private(set) var repairs = 0
    private var lastLoss: Instant?

    /// The wait before the next repair.
    mutating func lost(at now: Instant) -> Interval {
        if let lastLoss, now - lastLoss >= .seconds(60) { repairs = 0 }
        lastLoss = now
        return repairs < 3 ? .zero : backOff(repairs - 3)
    }

    mutating func repaired() { repairs += 1 }
}

/// 1, 2, 4, 8, 16, 30, 30 ... s.
func backOff(_ failures: Int) -> Interval {
    failures < 5 ? .seconds(1 << Int64(max(failures, 0))) : .seconds(30)
}

/// Which interfaces there are.
struct InterfaceNames {
    private var indexes: [ByteString: Int32] = [:]
    private var names: [Int32: ByteString] = [:]

    func index(of name: ByteString) -> Int32? { indexes[name] }
    func name(of index: Int32) -> ByteString? { names[index] }
    var allIndexes: [Int32] { names.keys.sorted() }

    mutating func set(_ name: ByteString, _ index: Int32) {
        indexes[name] = index
        names[index] = name
    }

    mutating func remove(_ index: Int32) -> ByteString? {
        guard let name = names.removeValue(forKey: index) else { return nil }
        if indexes[name] == index { indexes[name] = nil }
        return name
    }
}

extension AddressReconciler {
    /// A link notice: new, renamed, or known already.
    package mutating func interfacePresent(
        _ name: ByteString, index: Int32, at now: Instant
    ) {
        if interfaces.index(of: name) == index { return }
        if let stale = interfaces.index(of: name) { interfaceGone(stale) }
        if let former = interfaces.name(of: index) { takeAlong(from: former, to: name) }
        interfaceGone(index)
        interfaces.set(name, index)
        for key in keysInOrder(where: { $0.desired.interface == name }) {
            schedule(key, at: now)
        }
    }

    /// Its addresses went with it; nothing is tried until an interface of that name is there.
    package mutating func interfaceGone(_ index: Int32) {
        guard let name = interfaces.remove(index) else { return }
        for key in keysInOrder(where: { $0.desired.interface == name }) {
            switch entries[key]?.state {
            case .held, .abandoned: entries[key]?.state = .lost
            case .leaving where entries[key]?.owners.isEmpty == true: entries[key] = nil
            case .leaving: entries[key]?.state = .absent
            case .absent, .lost, nil: break
            }
            entries[key]?.isOurs = false
            entries[key]?.isAdopted = false
            entries[key]?.failures = 0
            entries[key]?.due = nil
        }
    }

    /// A renamed interface keeps its addresses; those of ours must not stay under the new name.
    private mutating func takeAlong(from former: ByteString, to name: ByteString) {
        let ours = keysInOrder { $0.desired.interface == former && $0.isOurs && !$0.isAdopted }
        for key in ours {
            guard var desired = entries[key]?.desired else { continue }
            desired.interface = name
            guard entries[desired.key] == nil else { continue }
            markForRemoval(desired)
        }
    }

    private mutating func markForRemoval(_ desired: DesiredAddress) {
        var entry = newEntry(desired, owners: [])
        entry.state = .leaving
        entry.isOurs = true
        entries[desired.key] = entry
    }

    func key(of address: AddressInfo) -> AddressKey? {
        interfaces.name(of: address.interfaceIndex).map {
            AddressKey(interface: $0, prefix: address.prefix)
        }
    }

    /// The kernel tells of an address.
    package mutating func noticed(_ address: AddressInfo) {
        guard let key = key(of: address), let entry = entries[key] else { return }
        switch entry.state {
        case .lost, .abandoned:
            entries[key]?.state = .held
            entries[key]?.due = nil
        case .absent, .held, .leaving: break
        }
    }

    /// The kernel tells that an address is gone: by us, which changes nothing here, or by others.
    package mutating func noticedRemoval(
        _ address: AddressInfo, at now: Instant
    ) -> AddressNote? {
        guard let key = key(of: address) else { return nil }
        return lost(key, at: now)
    }

    private mutating func lost(_ key: AddressKey, at now: Instant) -> AddressNote? {
        guard var entry = entries[key], case .held = entry.state else { return nil }
        guard entry.desired.isTracked else {
            entries[key]?.state = .abandoned
            return .abandoned(key)
        }
        entry.state = .lost
        let returns = now + entry.pacing.lost(at: now)
        entries[key] = entry
        schedule(key, at: returns)
        return .removedByOthers(key, repairs: entry.pacing.repairs, returns: returns)
    }

    /// Compares with everything that is there: at start, after lost notices, and now and then.
    package mutating func resynchronise(
        links: [LinkInfo], addresses: [AddressInfo], at now: Instant
    ) -> [AddressNote] {
        let present = Set(links.map { $0.index })
        for index in interfaces.allIndexes where !present.contains(index) {
            interfaceGone(index)
        }
        for link in links { interfacePresent(link.name, index: link.index, at: now) }
        var there: Set<AddressKey> = []
        for address in addresses {
            noticed(address)
            if let key = key(of: address) { there.insert(key) }
        }
        var notes: [AddressNote] = []
        for key in keysInOrder(where: { !there.contains($0.desired.key) }) {
            if let note = lost(key, at: now) { notes.append(note) }
        }
        return notes
    }
}

// What a killed predecessor left.
extension AddressReconciler {
    /// Has those of the present addresses removed that the configuration declares virtual (same
    /// interface, address and prefix length) and nobody wants now, each at most once a second.
    ///
    /// - Parameter declared: with `adopts` for an owner's, which are never touched.
    /// - Returns: what will be removed, for the log.
    package mutating func removeLeftovers(
        present: [AddressInfo], declared: [DesiredAddress], at now: Instant
    ) -> [AddressKey] {
        var removable = Set(declared.map { $0.key })
        for address in declared where address.adopts { removable.remove(address.key) }
        var removed: [AddressKey] = []
        for address in present {
            guard let key = key(of: address), removable.contains(key), entries[key] == nil else {
                continue
            }
            if let last = leftovers[key], now - last < .seconds(1) { continue }
            leftovers[key] = now
            markForRemoval(desired(address, key))
            schedule(key, at: now)
            removed.append(key)
        }
        return removed
    }

    private func desired(_ address: AddressInfo, _ key: AddressKey) -> DesiredAddress {
        var spec = AddressSpec(interfaceIndex: address.interfaceIndex, prefix: address.prefix)
        spec.peer = address.peer
        return DesiredAddress(interface: key.interface, spec: spec)
    }
}
