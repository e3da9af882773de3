import Daemon
import Linux
import Net
import Testing

/// What somebody removes comes back, and what fails is tried again.
struct ReconcilerRepairTests {
    // Somebody removes it.

    @Test func threeTimesAtOnceThenPaced() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        var now: Int64 = 10
        var waits: [Int64] = []
        for _ in 0..<10 {
            let note = kernel.steal("10.9.0.1/24", now)
            guard case .removedByOthers(_, _, let returns) = note else { break }
            let wait = (returns - at(now)).nanoseconds / 1_000_000_000
            waits.append(wait)
            if wait > 0 { #expect(kernel.turn(now + wait - 1) == []) }
            #expect(kernel.reconciler.deadline == at(now + wait))
            #expect(kernel.turn(now + wait) == ["add 10.9.0.1/24"])
            #expect(kernel.outcomes == [.repaired])
            now += wait + 1
        }
        #expect(waits == [0, 0, 0, 1, 2, 4, 8, 16, 30, 30])
    }

    /// Twice while it waits for its turn: the second loss must not be forgotten with the first.
    @Test func whatOthersBringBackWhileItWaitsMayBeLostAgain() {
        for isLookedAtBetween in [true, false] {
            var kernel = Kernel()
            kernel.want("10.9.0.1/24")
            _ = kernel.turn()
            for second in [1, 2, 3] as [Int64] {
                _ = kernel.steal("10.9.0.1/24", second)
                _ = kernel.turn(second)
            }
            _ = kernel.steal("10.9.0.1/24", 4)
            kernel.reconciler.noticed(info("10.9.0.1/24"))
            #expect(kernel.reconciler.deadline == nil)
            if isLookedAtBetween { #expect(kernel.turn(4) == []) }
            _ = kernel.steal("10.9.0.1/24", 5)
            #expect(kernel.reconciler.deadline == at(6))
            #expect(kernel.turn(6) == ["add 10.9.0.1/24"])
            #expect(kernel.reconciler.deadline == nil)
        }
    }

    /// What waits for its time and is wanted anew goes at once, and once.
    @Test func anAddressWantedAnewWhileItWaitsGoesOnce() {
        var kernel = Kernel()
        kernel.refusal = 22
        kernel.want("10.9.0.1/24", "10.9.0.2/24")
        #expect(kernel.turn() == ["add 10.9.0.1/24", "add 10.9.0.2/24"])
        #expect(kernel.reconciler.deadline == at(1))
        kernel.refusal = 0
        kernel.unwant("10.9.0.1/24")
        kernel.want("10.9.0.1/24")
        #expect(kernel.reconciler.deadline == at(0))
        #expect(kernel.turn(0).filter { $0 == "add 10.9.0.1/24" }.count == 1)
        #expect(kernel.turn(1) == ["add 10.9.0.2/24"])
        #expect(kernel.turn(60) == [])
        #expect(kernel.reconciler.deadline == nil)
    }

    @Test func theNoteCountsTheRepairs() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        _ = kernel.steal("10.9.0.1/24", 1)
        _ = kernel.turn(1)
        #expect(
            kernel.steal("10.9.0.1/24", 2)
                == .removedByOthers(key("10.9.0.1/24"), repairs: 1, returns: at(2)))
    }

    @Test func aQuietMinuteForgives() {
        for (quiet, wait) in [(59, 1), (60, 0)] as [(Int64, Int64)] {
            var kernel = Kernel()
            kernel.want("10.9.0.1/24")
            _ = kernel.turn()
            for second in [1, 2, 3] as [Int64] {
                _ = kernel.steal("10.9.0.1/24", second)
                _ = kernel.turn(second)
            }
            _ = kernel.steal("10.9.0.1/24", 3 + quiet)
            #expect(kernel.reconciler.deadline == at(3 + quiet + wait))
        }
    }

    @Test func pacedForEachAddressAlone() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24", "10.9.0.2/24")
        _ = kernel.turn()
        for second in [1, 2, 3, 4] as [Int64] {
            _ = kernel.steal("10.9.0.1/24", second)
            _ = kernel.turn(second)
        }
        _ = kernel.steal("10.9.0.2/24", 4)
        #expect(kernel.turn(4) == ["add 10.9.0.2/24"])
        #expect(kernel.turn(5) == ["add 10.9.0.1/24"])
    }

    @Test func aLateNoticeOfOurOwnRemovalIsNoRepair() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        // It is there again by the time we read that it went.
        _ = kernel.reconciler.noticedRemoval(info("10.9.0.1/24"), at: at(1))
        #expect(kernel.turn(1) == ["add 10.9.0.1/24"])
        #expect(kernel.outcomes == [.stillThere])
    }

    @Test func whatWasStillThereCountsAsNoRepair() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        for second in [1, 2, 3] as [Int64] {
            _ = kernel.reconciler.noticedRemoval(info("10.9.0.1/24"), at: at(second))
            _ = kernel.turn(second)
        }
        #expect(
            kernel.steal("10.9.0.1/24", 4)
                == .removedByOthers(key("10.9.0.1/24"), repairs: 0, returns: at(4)))
    }

    @Test func aNoticeNeverReplacesARemoval() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        kernel.unwant("10.9.0.1/24")
        #expect(kernel.reconciler.noticedRemoval(info("10.9.0.1/24"), at: at(1)) == nil)
        #expect(kernel.turn(1) == ["remove 10.9.0.1/24"])
    }

    @Test func broughtBackBySomebodyElse() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        _ = kernel.steal("10.9.0.1/24", 1)
        kernel.present.insert("10.9.0.1/24")
        kernel.reconciler.noticed(info("10.9.0.1/24"))
        #expect(kernel.turn(1) == [])
    }

    @Test func untrackedIsAbandoned() {
        var kernel = Kernel()
        kernel.reconciler.want(.address(desired("10.9.0.1/24", isTracked: false)), by: 0, at: at(0))
        _ = kernel.turn()
        #expect(kernel.steal("10.9.0.1/24", 1) == .abandoned(key("10.9.0.1/24")))
        #expect(kernel.turn(1) == [])
        #expect(kernel.reconciler.deadline == nil)
        // The next transition brings it back.
        kernel.reconciler.want(.address(desired("10.9.0.1/24", isTracked: false)), by: 0, at: at(2))
        #expect(kernel.turn(2) == ["add 10.9.0.1/24"])
    }

    @Test func othersAddressesAreNoneOfOurs() {
        var kernel = Kernel()
        kernel.reconciler.noticed(info("10.9.0.77/24"))
        #expect(kernel.reconciler.noticedRemoval(info("10.9.0.77/24"), at: at(1)) == nil)
        // Same address, another prefix length.
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        #expect(kernel.reconciler.noticedRemoval(info("10.9.0.1/32"), at: at(1)) == nil)
        #expect(kernel.turn(1) == [])
    }

    // Failures: EACCES 13.

    @Test func failuresAreTriedAgainEverMoreSlowly() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        kernel.refusal = 13
        var now: Int64 = 0
        for wait in [1, 2, 4, 8, 16, 30, 30] as [Int64] {
            #expect(kernel.turn(now) == ["add 10.9.0.1/24"])
            #expect(kernel.outcomes == [.failed(errno: 13, retry: at(now + wait))])
            #expect(kernel.turn(now + wait - 1) == [])
            now += wait
        }
        kernel.refusal = 0
        #expect(kernel.turn(now) == ["add 10.9.0.1/24"])
        #expect(kernel.outcomes == [.added])
    }

    @Test func aRemovalThatFailsIsTriedAgain() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        kernel.unwant("10.9.0.1/24")
        kernel.refusal = 105
        #expect(kernel.turn() == ["remove 10.9.0.1/24"])
        #expect(kernel.outcomes == [.failed(errno: 105, retry: at(1))])
        kernel.refusal = 0
        #expect(kernel.turn(1) == ["remove 10.9.0.1/24"])
        #expect(kernel.present == [])
    }

    @Test func anAdditionWithoutAnswerMayBeThere() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        kernel.refusal = 11
        _ = kernel.turn()
        kernel.refusal = 0
        kernel.unwant("10.9.0.1/24")
        #expect(kernel.turn() == ["remove 10.9.0.1/24"])
    }
}
