import Net
import Testing

@testable import Daemon

@Suite struct HangDetectorTests {
    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: 0) + .milliseconds(milliseconds)
    }

    private func evidence(
        deadline: Int64, turns: UInt64 = 7, wait: Interval = .zero, masterDown: Interval = .zero
    ) -> HangDetector.Evidence {
        HangDetector.Evidence(
            deadline: at(deadline), turns: turns, longestNetlinkWait: wait,
            shortestMasterDownInterval: masterDown)
    }

    @Test func hungIsTwoSecondsPastTheDeadlineTwice() {
        var detector = HangDetector(at: at(0))
        #expect(detector.look(at: evidence(deadline: 1000), now: at(2000)) == .alive)
        #expect(detector.nextLook == at(3000))
        #expect(detector.look(at: evidence(deadline: 1000), now: at(3000)) == .suspicious)
        #expect(detector.nextLook == at(3200))
        #expect(detector.look(at: evidence(deadline: 1000), now: at(3200)) == .hung)
    }

    /// A mass take-over has work that has been due for long: two seconds count from the turn's end.
    @Test func whatIsOverdueAtTheEndOfATurnIsDueThen() {
        #expect(HangDetector.deadline(of: nil, at: at(900), at(30)) == nil)
        #expect(HangDetector.deadline(of: at(1000), at: at(900), at(30)) == at(130))
        #expect(HangDetector.deadline(of: at(100), at: at(900), at(30)) == at(30))
    }

    @Test func anEngineThatMovedIsAlive() {
        var detector = HangDetector(at: at(0))
        #expect(detector.look(at: evidence(deadline: 0), now: at(2000)) == .suspicious)
        #expect(detector.look(at: evidence(deadline: 0, turns: 8), now: at(2200)) == .suspicious)
        #expect(detector.look(at: evidence(deadline: 3000, turns: 9), now: at(2400)) == .alive)
    }

    @Test func aKeeperThatWasLateItselfLooksAnew() {
        var detector = HangDetector(at: at(0))
        #expect(detector.look(at: evidence(deadline: 0), now: at(9000)) == .suspicious)
        #expect(detector.look(at: evidence(deadline: 0), now: at(20_000)) == .suspicious)
        #expect(detector.look(at: evidence(deadline: 0), now: at(20_200)) == .hung)
    }

    @Test func theAllowanceGrowsWithWhatIsMasteredAndWithTheKernel() {
        #expect(HangDetector.allowance(evidence(deadline: 0)) == .seconds(2))
        #expect(
            HangDetector.allowance(evidence(deadline: 0, masterDown: .milliseconds(3609)))
                == .milliseconds(3609))
        #expect(
            HangDetector.allowance(evidence(deadline: 0, wait: .seconds(3))) == .seconds(6))
    }

    @Test func withoutADeadlineThereIsNoHang() {
        var detector = HangDetector(at: at(0))
        let idle = HangDetector.Evidence(
            deadline: nil, turns: 1, longestNetlinkWait: .zero, shortestMasterDownInterval: .zero)
        #expect(detector.look(at: idle, now: at(2000)) == .alive)
        #expect(detector.nextLook == at(4000))
    }
}
