// What the reconciler makes of the kernel's notices and dumps.
package import Linux
package import Net

/// How soon a wanted address that somebody keeps removing comes back: three times at once, then
/// after 1, 2, 4 ... 30 s; a quiet minute forgives.
struct RepairPacing {
    @Eventual private var lastLoss: Instant?
    private var count: UInt16 = 0

    var repairs: Int { Int(count) }

    /// The wait before the next repair.
    mutating func lost(at now: Instant) -> Interval {
        if let lastLoss, now - lastLoss >= .seconds(60) { count = 0 }
        lastLoss = now
        return repairs < 3 ? .zero : backOff(repairs - 3)
    }

    mutating func repaired() { count &+= count < .max ? 1 : 0 }
}

/// Who wants something: one virtual router as a rule, for which no list is made.
struct Owners {
    private var others: [Int32] = []
    private var first: Int32 = Owners.none

    private static let none = Int32.min

    init() {}
    init(_ router: Int) { insert(router) }

    var isEmpty: Bool { first == Owners.none }

    /// In the order in which they came.
    var all: [Int] { isEmpty ? [] : [Int(first)] + others.map { Int($0) } }

    func contains(_ router: Int) -> Bool {
        let router = Int32(clamping: router)
        return first == router || others.contains(router)
    }

    /// - Returns: false for one that is there already.
    @discardableResult
    mutating func insert(_ router: Int) -> Bool {
        if contains(router) { return false }
        let router = Int32(clamping: router)
        if isEmpty { first = router } else { others.append(router) }
        return true
    }

    mutating func remove(_ router: Int) {
        let router = Int32(clamping: router)
        if first == router {
            first = others.isEmpty ? Owners.none : others.removeFirst()
        } else {
            others.removeAll { $0 == router }
        }
    }
}

/// 1, 2, 4, 8, 16, 30, 30 ... s.
func backOff(_ failures: Int) -> Interval {
    failures < 5 ? .seconds(1 << Int64(max(failures, 0))) : .seconds(30)
}

/// Which interfaces there are.
struct InterfaceNames {
    private var indexes: [ByteString: Int32] = [:]
    private var names: [Int32: ByteString] = [:]
    /// Of those that are VRFs.
    private var tables: [ByteString: UInt32] = [:]

    func index(of name: ByteString) -> Int32? { indexes[name] }
    func name(of index: Int32) -> ByteString? { names[index] }
    func table(ofVRF name: ByteString) -> UInt32? { tables[name] }
    var allIndexes: [Int32] { names.keys.sorted() }

    mutating func set(_ name: ByteString, _ index: Int32, table: UInt32? = nil) {
        indexes[name] = index
        names[index] = name
        tables[name] = table
    }

    mutating func remove(_ index: Int32) -> ByteString? {
        guard let name = names.removeValue(forKey: index) else { return nil }
        if indexes[name] == index {
            indexes[name] = nil
            tables[name] = nil
        }
        return name
    }
}

extension Reconciler {
    /// A link notice: new, renamed, or known already.
    package mutating func interfacePresent(
        _ name: ByteString, index: Int32, table: UInt32? = nil, at now: Instant
    ) {
        if interfaces.index(of: name) == index { return }
        if let stale = interfaces.index(of: name) { interfaceGone(stale) }
        if let former = interfaces.name(of: index) { takeAlong(from: former, to: name) }
        interfaceGone(index)
        interfaces.set(name, index, table: table)
        for key in keysInOrder(where: { $0.desired.interfaces.contains(name) }) {
            schedule(key, at: now)
        }
    }

    /// Its addresses went with it; nothing is tried until an interface of that name is there.
    package mutating func interfaceGone(_ index: Int32) {
        guard let name = interfaces.remove(index) else { return }
        for key in keysInOrder(where: { $0.desired.interfaces.contains(name) }) {
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

    /// A renamed interface keeps its addresses and routes; those of ours must not stay under the
    /// new name.
    private mutating func takeAlong(from former: ByteString, to name: ByteString) {
        let ours = keysInOrder {
            $0.desired.interfaces.contains(former) && $0.isOurs && !$0.isAdopted
        }
        for key in ours.inRemovalOrder {
            guard let renamed = entries[key]?.desired.renamed(former, name),
                entries[renamed.key] == nil
            else { continue }
            markForRemoval(renamed)
        }
    }

    private mutating func markForRemoval(_ desired: Holding) {
        var entry = newEntry(desired, owners: Owners())
        entry.state = .leaving
        entry.isOurs = true
        entries[desired.key] = entry
    }

    func key(of address: AddressInfo) -> HoldingKey? {
        interfaces.name(of: address.interfaceIndex).map {
            .address(AddressKey(interface: $0, prefix: address.prefix))
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
    ) -> HoldingNote? {
        guard let key = key(of: address) else { return nil }
        return lost(key, at: now)
    }

    private mutating func lost(_ key: HoldingKey, at now: Instant) -> HoldingNote? {
        guard var entry = entries[key], case .held = entry.state else { return nil }
        guard entry.desired.isTracked else {
            entries[key]?.state = .abandoned
            return .abandoned(key)
        }
        entry.state = .lost
        let returns = now + entry.pacing.lost(at: now)
        entries[key] = entry
        if returns > now { schedule(key, after: returns) } else { schedule(key, at: now) }
        return .removedByOthers(key, repairs: entry.pacing.repairs, returns: returns)
    }

    /// The kernel tells that a route with its protocol is gone. It may tell of another to the same
    /// destination: adding what is there does nothing.
    package mutating func noticedRemoval(_ route: RouteInfo, at now: Instant) -> [HoldingNote] {
        let keys = keysInOrder { $0.desired.isLike(route, interfaces) }
        return keys.compactMap { lost($0, at: now) }
    }

    package mutating func noticedRemoval(_ rule: RuleInfo, at now: Instant) -> [HoldingNote] {
        let keys = keysInOrder { $0.desired.isLike(rule) }
        return keys.compactMap { lost($0, at: now) }
    }

    /// Has routes and rules asked for once more: the kernel drops IPv4 routes in silence with an
    /// interface that goes down, and with an address that they are sent from.
    package mutating func verify(at now: Instant, where condition: (Holding) -> Bool) {
        let keys = keysInOrder { entry in
            guard case .held = entry.state else { return false }
            return entry.desired.isTracked && entry.desired.key.rank > 0 && condition(entry.desired)
        }
        for key in keys {
            entries[key]?.state = .lost
            schedule(key, at: now)
        }
    }

    /// Compares with everything that is there: at start, after lost notices, and now and then.
    package mutating func resynchronise(
        links: [LinkInfo], addresses: [AddressInfo], at now: Instant
    ) -> [HoldingNote] {
        let present = Set(links.map { $0.index })
        for index in interfaces.allIndexes where !present.contains(index) {
            interfaceGone(index)
        }
        for link in links {
            interfacePresent(link.name, index: link.index, table: link.vrfTable, at: now)
        }
        var there: Set<HoldingKey> = []
        for address in addresses {
            noticed(address)
            if let key = key(of: address) { there.insert(key) }
        }
        var notes: [HoldingNote] = []
        let missing = keysInOrder { $0.desired.key.rank == 0 && !there.contains($0.desired.key) }
        for key in missing {
            if let note = lost(key, at: now) { notes.append(note) }
        }
        verify(at: now) { _ in true }
        return notes
    }
}

// What a killed predecessor left.
extension Reconciler {
    /// Has those of the present addresses removed that the configuration declares virtual (same
    /// interface, address and prefix length) and nobody wants now, each at most once a second.
    ///
    /// - Parameter declared: with `adopts` for an owner's, which are never touched.
    /// - Returns: what will be removed, for the log.
    package mutating func removeLeftovers(
        present: [AddressInfo], declared: [DesiredAddress], at now: Instant
    ) -> [HoldingKey] {
        var removable = Set(declared.map { HoldingKey.address($0.key) })
        for address in declared where address.adopts { removable.remove(.address(address.key)) }
        var removed: [HoldingKey] = []
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

    private func desired(_ address: AddressInfo, _ key: HoldingKey) -> Holding {
        var spec = AddressSpec(interfaceIndex: address.interfaceIndex, prefix: address.prefix)
        spec.peer = address.peer
        let interface = interfaces.name(of: address.interfaceIndex) ?? ""
        return .address(DesiredAddress(interface: interface, spec: spec))
    }

    /// Has declared routes and rules removed that nobody wants now; those of another protocol than
    /// declared stay. The kernel is not asked first: what is not there cannot be removed.
    package mutating func removeLeftovers(_ declared: [Holding], at now: Instant) {
        // Of addresses, of which there may be thousands, the kernel's own list told.
        let declared = declared.filter { if case .address = $0 { false } else { true } }
        for key in declared.map({ $0.key }).inRemovalOrder where entries[key] == nil {
            guard let holding = declared.first(where: { $0.key == key }) else { continue }
            markForRemoval(holding)
            schedule(key, at: now)
        }
    }
}

extension Holding {
    /// Nil for what names no interface.
    fileprivate func renamed(_ former: ByteString, _ name: ByteString) -> Holding? {
        switch self {
        case .address(var address):
            address.interface = name
            return .address(address)
        case .route(let route, let isTracked):
            return .route(route.renamed(former, name), isTracked: isTracked)
        case .rule: return nil
        }
    }

    fileprivate func isLike(_ info: RouteInfo, _ interfaces: InterfaceNames) -> Bool {
        guard case .route(let route, _) = self else { return false }
        let standard: UInt32 = route.family == .ipv6 ? 1024 : 0
        return route.destination == info.destination && route.table(interfaces) == info.table
            && route.trafficClass == info.trafficClass && route.kind.rawValue == info.kind
            && (route.metric ?? standard) == info.metric
    }

    fileprivate func isLike(_ info: RuleInfo) -> Bool {
        guard case .rule(let rule, _) = self else { return false }
        return rule.family == info.family && rule.preference == info.preference
    }
}
