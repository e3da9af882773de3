import Linux
import Net

/// The reconciler's entries by their keys. They stand one behind the other, and the table beside
/// them holds positions only: a place that is empty, as half of them are, costs eight bytes and not
/// a whole entry. An entry's key is that of what it holds.
struct HoldingTable {
    private struct Place {
        /// Of `entries`; -1: empty.
        var position: Int32 = -1
        /// A part of the key's hash: other keys are rarely looked at.
        var hash: UInt32 = 0
    }

    private var entries: [Reconciler.Entry] = []
    /// As many as a power of two, at least a third of them empty; looked through from where the
    /// hash says to the first empty one.
    private var places: [Place] = []

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    /// Nil for what is not there; setting nil removes.
    subscript(key: HoldingKey) -> Reconciler.Entry? {
        get {
            guard let place = place(of: key, hash(key)) else { return nil }
            return entries[Int(places[place].position)]
        }
        set {
            let hash = hash(key)
            switch (place(of: key, hash), newValue) {
            case (nil, nil): break
            case (nil, let entry?): add(entry, hash)
            case (let place?, let entry?): entries[Int(places[place].position)] = entry
            case (let place?, nil): remove(at: place)
            }
        }
    }

    /// Before many are added, so that the table does not grow again and again; nor does it for one
    /// who reserves a little more each time.
    mutating func reserveCapacity(_ count: Int) {
        if count > capacity { entries.reserveCapacity(Swift.max(count, 2 * capacity)) }
        grow(for: count)
    }

    /// Entries that there is room for.
    var capacity: Int { entries.capacity }

    private func hash(_ key: HoldingKey) -> UInt32 { UInt32(truncatingIfNeeded: key.hashValue) }

    private func next(_ place: Int) -> Int { (place + 1) & (places.count - 1) }
    private func first(_ hash: UInt32) -> Int { Int(hash) & (places.count - 1) }

    private func place(of key: HoldingKey, _ hash: UInt32) -> Int? {
        guard !places.isEmpty else { return nil }
        var place = first(hash)
        while places[place].position >= 0 {
            if places[place].hash == hash,
                entries[Int(places[place].position)].desired.has(key)
            {
                return place
            }
            place = next(place)
        }
        return nil
    }

    private mutating func add(_ entry: Reconciler.Entry, _ hash: UInt32) {
        grow(for: entries.count + 1)
        put(Place(position: Int32(truncatingIfNeeded: entries.count), hash: hash))
        entries.append(entry)
    }

    private mutating func put(_ new: Place) {
        var place = first(new.hash)
        while places[place].position >= 0 { place = next(place) }
        places[place] = new
    }

    private mutating func grow(for count: Int) {
        guard count * 3 > places.count * 2 else { return }
        let old = places
        var size = Swift.max(8, places.count)
        while count * 3 > size * 2 { size *= 2 }
        places = [Place](repeating: Place(), count: size)
        for place in old where place.position >= 0 { put(place) }
    }

    /// The last entry takes the place of the one that goes.
    private mutating func remove(at place: Int) {
        let position = Int(places[place].position)
        clear(place)
        let last = entries.count - 1
        if position != last {
            let key = entries[last].desired.key
            if let moved = self.place(of: key, hash(key)) {
                places[moved].position = Int32(truncatingIfNeeded: position)
            }
            entries.swapAt(position, last)
        }
        entries.removeLast()
        if entries.isEmpty { self = HoldingTable() }
    }

    /// What stands behind it and would not be found any more moves forward.
    private mutating func clear(_ place: Int) {
        var hole = place
        var candidate = next(hole)
        while places[candidate].position >= 0 {
            let home = first(places[candidate].hash)
            let mask = places.count - 1
            if (candidate - home) & mask >= (candidate - hole) & mask {
                places[hole] = places[candidate]
                hole = candidate
            }
            candidate = next(candidate)
        }
        places[hole] = Place()
    }
}

extension HoldingTable: Sequence {
    /// In no order that means anything.
    func makeIterator() -> IndexingIterator<[Reconciler.Entry]> { entries.makeIterator() }
}

extension Holding {
    fileprivate func has(_ key: HoldingKey) -> Bool {
        guard case .address(let address) = self else { return self.key == key }
        guard case .address(let key) = key else { return false }
        return address.spec.prefix == key.prefix && address.interface == key.interface
    }
}
