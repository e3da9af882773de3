import Net
import Testing

@testable import Linux

// When a packet arrived, by a stamp of the wall clock, which people and time daemons may step.

private let hour: Int64 = 3_600_000_000_000
private let now = Instant(nanoseconds: 100_000_000_000)
private let lastEmpty = Instant(nanoseconds: 99_000_000_000)
private let realTime: Int64 = 1_700_000_000_000_000_000

private func age(stamp: Int64) -> Interval {
    now - arrival(stamp: stamp, realTime: realTime, now: now, lastEmpty: lastEmpty)
}

@Test func aStampSaysHowLongAPacketHasWaited() {
    #expect(age(stamp: realTime) == .zero)
    #expect(age(stamp: realTime - 250_000_000) == .milliseconds(250))
}

/// Stamped before the clock went back an hour: the stamp is in the future.
@Test func aClockThatGoesBackMakesNothingArriveInTheFuture() {
    #expect(age(stamp: realTime + hour) == .zero)
}

/// Stamped before the clock went forward an hour: not older than the last look at an empty socket.
@Test func aClockThatGoesForwardMakesNothingOlderThanItCanBe() {
    #expect(age(stamp: realTime - hour) == .seconds(1))
    #expect(age(stamp: .min) == .zero || age(stamp: .min) == .seconds(1))
}

@Test func withoutAStampAPacketIsNew() {
    #expect(age(stamp: 0) == .zero)
}
