import Net

// The earliest of many deadlines. Each virtual router has one entry, its own earliest timer, so
// that a turn costs the logarithm of their number and no turn looks at all of them.

/// A binary heap over the numbers 0..<count, ordered by deadline, then by number. It allocates
/// only when it is made.
///
/// Most changes put a deadline off: each advertisement that a backup hears does. Such a number
/// keeps its place in the heap until it reaches the top, and only then sinks to where it belongs.
struct DeadlineQueue {
    /// By number; `never` for those without a deadline.
    private var deadlines: [Instant]
    /// By number: the deadline that its place in the heap stands for, never after the real one.
    /// At the top both are the same.
    private var keys: [Instant]
    /// The heap: numbers.
    private var heap: [Int32]
    /// By number: where in `heap` it stands.
    private var places: [Int32]

    private static let never = Instant(nanoseconds: .max)

    init(count: Int) {
        deadlines = Array(repeating: Self.never, count: count)
        keys = deadlines
        heap = (0..<count).map { Int32(truncatingIfNeeded: $0) }
        places = heap
    }

    /// The earliest deadline of all.
    var first: Instant? {
        guard let top = heap.first else { return nil }
        return keys[Int(top)] == Self.never ? nil : keys[Int(top)]
    }

    mutating func set(_ number: Int, to deadline: Instant?) {
        let new = deadline ?? Self.never
        deadlines[number] = new
        if new < keys[number] {
            keys[number] = new
            rise(from: Int(places[number]))
        } else if places[number] == 0 {
            settleTop()
        }
    }

    /// Takes out the earliest number whose deadline is not after `now`; it has none from then on.
    mutating func popDue(at now: Instant) -> Int? {
        guard let first, first <= now else { return nil }
        let top = Int(heap[0])
        set(top, to: nil)
        return top
    }

    /// Whether one of the numbers that are due answers to `condition`; looks at no other.
    func containsDue(at now: Instant, below place: Int = 0, where condition: (Int) -> Bool) -> Bool
    {
        guard heap.indices.contains(place) else { return false }
        let number = Int(heap[place])
        guard keys[number] != Self.never, keys[number] <= now else { return false }
        return deadlines[number] <= now && condition(number)
            || containsDue(at: now, below: place * 2 + 1, where: condition)
            || containsDue(at: now, below: place * 2 + 2, where: condition)
    }

    /// Until the number at the top stands there by its real deadline.
    private mutating func settleTop() {
        while let top = heap.first, keys[Int(top)] != deadlines[Int(top)] {
            keys[Int(top)] = deadlines[Int(top)]
            sink(from: 0)
        }
    }

    private mutating func rise(from start: Int) {
        let number = heap[start]
        var place = start
        while place > 0 {
            let parent = heap[(place - 1) / 2]
            guard precedes(number, parent) else { break }
            put(parent, at: place)
            place = (place - 1) / 2
        }
        put(number, at: place)
    }

    private mutating func sink(from start: Int) {
        let number = heap[start]
        var place = start
        while let (child, itsPlace) = earlierChild(of: place), precedes(child, number) {
            put(child, at: place)
            place = itsPlace
        }
        put(number, at: place)
    }

    private func earlierChild(of place: Int) -> (number: Int32, place: Int)? {
        let left = place * 2 + 1
        guard left < heap.count else { return nil }
        guard left + 1 < heap.count else { return (heap[left], left) }
        let (first, second) = (heap[left], heap[left + 1])
        return precedes(second, first) ? (second, left + 1) : (first, left)
    }

    private mutating func put(_ number: Int32, at place: Int) {
        heap[place] = number
        places[Int(number)] = Int32(truncatingIfNeeded: place)
    }

    private func precedes(_ number: Int32, _ other: Int32) -> Bool {
        let (key, otherKey) = (keys[Int(number)], keys[Int(other)])
        return key == otherKey ? number < other : key < otherKey
    }
}

extension Instant {
    /// The next beat of a rhythm of which this beat is due at `now`: on the old grid, so that it
    /// does not drift; missed beats are skipped, and two are never less than half a period apart.
    func nextBeat(every period: Interval, after now: Instant) -> Instant {
        guard period > .zero else { return now + .seconds(1) }
        let late = now - self
        guard late > period / 2 else { return self + period }
        let half = period.nanoseconds / 2
        let periods = (late.nanoseconds + half) / period.nanoseconds + 1
        return self + period * periods
    }
}
