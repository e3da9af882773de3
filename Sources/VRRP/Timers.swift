import Net

// The earliest of many deadlines. Each virtual router has one entry, its own earliest timer, so
// that a turn costs the logarithm of their number and no turn looks at all of them.

/// A binary heap over the numbers 0..<count, ordered by deadline, then by number. It allocates
/// only when it is made.
struct DeadlineQueue {
    /// By number; `never` for those without a deadline.
    private var deadlines: [Instant]
    /// The heap: numbers.
    private var heap: [Int]
    /// By number: where in `heap` it stands.
    private var places: [Int]

    private static let never = Instant(nanoseconds: .max)

    init(count: Int) {
        deadlines = Array(repeating: Self.never, count: count)
        heap = Array(0..<count)
        places = Array(0..<count)
    }

    /// The earliest deadline of all.
    var first: Instant? {
        guard let top = heap.first else { return nil }
        return deadlines[top] == Self.never ? nil : deadlines[top]
    }

    mutating func set(_ number: Int, to deadline: Instant?) {
        let old = deadlines[number]
        let new = deadline ?? Self.never
        guard new != old else { return }
        deadlines[number] = new
        if new < old { rise(from: places[number]) } else { sink(from: places[number]) }
    }

    /// Takes out the earliest number whose deadline is not after `now`; it has none from then on.
    mutating func popDue(at now: Instant) -> Int? {
        guard let top = heap.first, deadlines[top] != Self.never, deadlines[top] <= now else {
            return nil
        }
        set(top, to: nil)
        return top
    }

    /// Whether one of the numbers that are due answers to `condition`; looks at no other.
    func containsDue(at now: Instant, below place: Int = 0, where condition: (Int) -> Bool) -> Bool
    {
        guard heap.indices.contains(place) else { return false }
        let number = heap[place]
        guard deadlines[number] != Self.never, deadlines[number] <= now else { return false }
        return condition(number)
            || containsDue(at: now, below: place * 2 + 1, where: condition)
            || containsDue(at: now, below: place * 2 + 2, where: condition)
    }

    private mutating func rise(from start: Int) {
        let number = heap[start]
        let deadline = deadlines[number]
        var place = start
        while place > 0 {
            let parent = heap[(place - 1) / 2]
            guard Self.precedes(deadline, number, deadlines[parent], parent) else { break }
            put(parent, at: place)
            place = (place - 1) / 2
        }
        put(number, at: place)
    }

    private mutating func sink(from start: Int) {
        let number = heap[start]
        let deadline = deadlines[number]
        var place = start
        while let (child, itsPlace) = earlierChild(of: place),
            Self.precedes(deadlines[child], child, deadline, number)
        {
            put(child, at: place)
            place = itsPlace
        }
        put(number, at: place)
    }

    private mutating func earlierChild(of place: Int) -> (number: Int, place: Int)? {
        let left = place * 2 + 1
        guard left < heap.count else { return nil }
        guard left + 1 < heap.count else { return (heap[left], left) }
        let (first, second) = (heap[left], heap[left + 1])
        let isSecond = Self.precedes(deadlines[second], second, deadlines[first], first)
        return isSecond ? (second, left + 1) : (first, left)
    }

    private mutating func put(_ number: Int, at place: Int) {
        heap[place] = number
        places[number] = place
    }

    private static func precedes(
        _ deadline: Instant, _ number: Int, _ other: Instant, _ otherNumber: Int
    ) -> Bool {
        deadline == other ? number < otherNumber : deadline < other
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
