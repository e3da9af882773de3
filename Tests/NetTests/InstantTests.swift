import Net
import Testing

// Arithmetic that no foreign number can make trap.

private let longest = Interval(nanoseconds: .max)

@Test func intervalsCountNanoseconds() {
    #expect(Interval.seconds(1).nanoseconds == 1_000_000_000)
    #expect(Interval.centiseconds(4_095).nanoseconds == 40_950_000_000)
    #expect(Interval.milliseconds(10) == .centiseconds(1))
    #expect(Interval.microseconds(-1).nanoseconds == -1_000)
}

@Test func whatDoesNotFitSaturates() {
    #expect(longest + .nanoseconds(1) == longest)
    #expect(Interval(nanoseconds: .min) - .nanoseconds(1) == Interval(nanoseconds: .min))
    #expect(longest * 2 == longest)
    #expect(longest * -2 == Interval(nanoseconds: .min))
    #expect(Interval.seconds(.max) == longest)
    #expect(Instant(nanoseconds: .max) + .seconds(1) == Instant(nanoseconds: .max))
    #expect(Interval.seconds(1) / 0 == .zero)
}

@Test func instantsAreApart() {
    let early = Instant(nanoseconds: 5)
    let late = early + .seconds(2)
    #expect(late - early == .seconds(2))
    #expect(early - late == .seconds(-2))
    #expect(late - .seconds(2) == early)
    #expect(earliest(early, late) == early)
    #expect(earliest(nil, late) == late)
    #expect(earliest(nil, nil) == nil)
}

@Suite struct EventualTests {
    private struct Record: Hashable {
        @Eventual var due: Instant?
    }

    @Test func takesTheRoomOfATime() { #expect(MemoryLayout<Record>.size == 8) }

    @Test func isNoneOrATime() {
        var record = Record()
        #expect(record.due == nil)
        record.due = Instant(nanoseconds: 0)
        #expect(record.due == Instant(nanoseconds: 0))
        record.due = Instant(nanoseconds: .max)
        #expect(record.due == Instant(nanoseconds: .max))
        record.due = nil
        #expect(record == Record())
    }
}
