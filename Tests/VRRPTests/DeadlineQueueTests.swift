import Net
import Testing

@testable import VRRP

// The heap of deadlines, against a list that is looked through.

@Test func theEarliestDeadlineIsFirst() {
    var random = SplitMix64(seed: 1)
    for count in [1, 2, 3, 10, 100] {
        var queue = DeadlineQueue(count: count)
        var list = [Instant?](repeating: nil, count: count)
        for _ in 0..<1_000 {
            let number = random.below(count)
            let deadline = random.chance(20) ? nil : instant(Double(random.below(50)))
            queue.set(number, to: deadline)
            list[number] = deadline
            #expect(queue.first == list.compactMap { $0 }.min())
        }
    }
}

@Test func whatIsDueComesInOrderAndOnce() {
    var queue = DeadlineQueue(count: 6)
    for (number, seconds) in [5, 3, 9, 3, 1].enumerated() {
        queue.set(number, to: instant(Double(seconds)))
    }
    var due: [Int] = []
    while let number = queue.popDue(at: instant(5)) { due.append(number) }
    #expect(due == [4, 1, 3, 0])
    #expect(queue.first == instant(9))
}

@Test func withoutNumbersThereIsNoDeadline() {
    var queue = DeadlineQueue(count: 0)
    #expect(queue.first == nil)
    #expect(queue.popDue(at: instant(1)) == nil)
}

@Test func aBeatStaysOnItsGridAndHalfAPeriodAway() {
    let beat = instant(10)
    let second = Interval.seconds(1)
    #expect(beat.nextBeat(every: second, after: instant(10)) == instant(11))
    #expect(beat.nextBeat(every: second, after: instant(10.5)) == instant(11))
    #expect(beat.nextBeat(every: second, after: instant(10.501)) == instant(12))
    #expect(beat.nextBeat(every: second, after: instant(11.499)) == instant(12))
    #expect(beat.nextBeat(every: second, after: instant(3_610.25)) == instant(3_611))
}

@Test func onlyWhatIsDueIsLookedAt() {
    var queue = DeadlineQueue(count: 5)
    for (number, seconds) in [4, 1, 3, 9, 2].enumerated() {
        queue.set(number, to: Instant(nanoseconds: 0) + .seconds(Int64(seconds)))
    }
    let now = Instant(nanoseconds: 0) + .seconds(3)
    var seen: Set<Int> = []
    let found = queue.containsDue(at: now) {
        seen.insert($0)
        return false
    }
    #expect(!found)
    #expect(seen == [1, 2, 4])
    #expect(queue.containsDue(at: now) { $0 == 2 })
    #expect(!queue.containsDue(at: now) { $0 == 3 })
}
