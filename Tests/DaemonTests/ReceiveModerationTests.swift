import Net
import Testing

@testable import Daemon

// When the engine lets packets gather for a millisecond before it reads them.

private func milliseconds(_ count: Double) -> Instant {
    Instant(nanoseconds: Int64(count * 1_000_000))
}

@Test func packetsFarApartAreReadAtOnce() {
    var moderation = ReceiveModeration()
    for time in [0, 1, 2, 3.5] {
        moderation.read(1, emptied: true)
        moderation.endTurn(at: milliseconds(time))
        #expect(!moderation.isPausing)
    }
}

@Test func packetsCloseTogetherGather() {
    var moderation = ReceiveModeration()
    moderation.read(1, emptied: true)
    moderation.endTurn(at: milliseconds(0))
    moderation.read(1, emptied: true)
    moderation.endTurn(at: milliseconds(0.4))
    #expect(moderation.isPausing)
    moderation.read(3, emptied: true)
    moderation.endTurn(at: milliseconds(1.4))
    #expect(moderation.isPausing)
}

@Test func aPauseThatGathersLittleIsTheLast() {
    for gathered in [0, 1] {
        var moderation = ReceiveModeration()
        for time in [0, 0.4] {
            moderation.read(1, emptied: true)
            moderation.endTurn(at: milliseconds(time))
        }
        #expect(moderation.isPausing)
        moderation.read(gathered, emptied: true)
        moderation.endTurn(at: milliseconds(1.4))
        #expect(!moderation.isPausing)
    }
}

@Test func aTurnWithoutPacketsEndsAPause() {
    var moderation = ReceiveModeration()
    for time in [0, 0.4] {
        moderation.read(1, emptied: true)
        moderation.endTurn(at: milliseconds(time))
    }
    moderation.endTurn(at: milliseconds(1.4))
    #expect(!moderation.isPausing)
}

/// Of two sockets one had more than a turn reads.
@Test func aFloodIsNotLetGather() {
    var moderation = ReceiveModeration()
    for time in [0, 0.2, 0.4] {
        moderation.read(64, emptied: false)
        moderation.read(2, emptied: true)
        moderation.endTurn(at: milliseconds(time))
        #expect(!moderation.isPausing)
    }
}

/// Eight or more in a pause are a burst: the next time the first of them waits for the others.
@Test func aBurstIsExpectedAgain() {
    var moderation = ReceiveModeration()
    for (time, count) in [(0.0, 1), (0.4, 3), (1.4, 8)] {
        #expect(!moderation.expectsBurst)
        moderation.read(count, emptied: true)
        moderation.endTurn(at: milliseconds(time))
    }
    moderation.endTurn(at: milliseconds(2.4))
    #expect(!moderation.isPausing)
    #expect(moderation.expectsBurst)
}

@Test func aBurstThatDoesNotComeIsExpectedNoMore() {
    var moderation = ReceiveModeration()
    for (time, count) in [(0.0, 1), (0.4, 3), (1.4, 8)] {
        moderation.read(count, emptied: true)
        moderation.endTurn(at: milliseconds(time))
    }
    for (time, count) in [(10.0, 32), (20.0, 7)] {
        #expect(moderation.expectsBurst)
        moderation.letGather()
        moderation.read(count, emptied: true)
        moderation.endTurn(at: milliseconds(time))
    }
    #expect(!moderation.expectsBurst)
}
