import Net
import Testing

@testable import Daemon

@Suite struct ScriptScheduleTests {
    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: 1_000_000_000_000) + .milliseconds(milliseconds)
    }

    private func schedule(interval: Int64 = 1000, timeout: Int64 = 1000) -> ScriptSchedule {
        ScriptSchedule(
            [(interval: .milliseconds(interval), timeout: .milliseconds(timeout))], at: at(0))
    }

    @Test func runsAtOnceAndThenEveryInterval() {
        var schedule = schedule()
        #expect(schedule.due(at: at(0)) == [.start(0)])
        #expect(schedule.ended(0, at: at(10)) == true)
        #expect(schedule.deadline == at(1000))
        #expect(schedule.due(at: at(999)) == [])
        #expect(schedule.due(at: at(1003)) == [.start(0)])
        #expect(schedule.ended(0, at: at(1005)) == true)
        #expect(schedule.deadline == at(2000))
    }

    @Test func aTurnAtWhichItStillRunsIsSkipped() {
        var schedule = schedule(timeout: 5000)
        #expect(schedule.due(at: at(0)) == [.start(0)])
        #expect(schedule.due(at: at(1000)) == [])
        #expect(schedule.ended(0, at: at(2500)) == true)
        #expect(schedule.deadline == at(2000))
        #expect(schedule.due(at: at(2500)) == [.start(0)])
        #expect(schedule.ended(0, at: at(2510)) == true)
        #expect(schedule.deadline == at(3000))
    }

    @Test func atItsTimeoutItHasFailedAndIsEndedWithForce() {
        var schedule = schedule()
        #expect(schedule.due(at: at(0)) == [.start(0)])
        #expect(schedule.due(at: at(1000)) == [.terminate(0)])
        #expect(schedule.due(at: at(2999)) == [])
        #expect(schedule.due(at: at(3000)) == [.kill(0)])
        #expect(schedule.due(at: at(5000)) == [.kill(0)])
        #expect(schedule.ended(0, at: at(5001)) == false)
        #expect(schedule.due(at: at(5001)) == [.start(0)])
    }

    @Test func aScriptThatMustNotRunNeverStarts() {
        var schedule = ScriptSchedule([(interval: nil, timeout: .seconds(1))], at: at(0))
        #expect(schedule.due(at: at(1_000_000)) == [])
    }

    @Test func whatRunsGoesOnUnderAnotherConfiguration() {
        var old = schedule(timeout: 5000)
        #expect(old.due(at: at(0)) == [.start(0)])
        var new = ScriptSchedule(
            [
                (interval: .milliseconds(1000), timeout: .milliseconds(1000)),
                (interval: .milliseconds(1000), timeout: .milliseconds(1000)),
            ], at: at(500))
        new.take(1, from: old, 0)
        #expect(new.due(at: at(500)) == [.start(0)])
        #expect(new.ended(0, at: at(510)) == true)
        #expect(new.due(at: at(1000)) == [])
        #expect(new.ended(1, at: at(1100)) == true)
        #expect(new.due(at: at(1100)) == [.start(1)])
        #expect(new.deadline == at(1500))
    }

    @Test func manyScriptsSpreadOverTheInterval() {
        var schedule = ScriptSchedule(
            [(interval: Interval?, timeout: Interval)](
                repeating: (interval: .milliseconds(1000), timeout: .milliseconds(1000)), count: 10),
            at: at(0))
        #expect(schedule.due(at: at(0)).count == 8)
        #expect(schedule.due(at: at(0)) == [.start(8), .start(9)])
        for index in 0..<10 { #expect(schedule.ended(index, at: at(5)) == true) }
        #expect(schedule.deadline == at(100))
        #expect(schedule.due(at: at(100)) == [.start(9)])
        #expect(schedule.ended(9, at: at(105)) == true)
        #expect(schedule.due(at: at(200)) == [.start(8)])
        #expect(schedule.due(at: at(1000)).count == 8)
        #expect(schedule.due(at: at(1100)) == [.start(9)])
    }

    /// Late by many turns, with none that takes more than a moment: nobody's turn is forgotten.
    @Test func inOneTurnOfTheLoopEightStartAndThoseAfterThemFollow() {
        var schedule = ScriptSchedule(
            [(interval: Interval?, timeout: Interval)](
                repeating: (interval: .milliseconds(10), timeout: .milliseconds(1000)), count: 20),
            at: at(0))
        var starts = [Int](repeating: 0, count: 20)
        for turn in 0..<10 {
            let actions = schedule.due(at: at(500 + Int64(turn) * 50))
            #expect(actions.count == 8)
            #expect(schedule.deadline.map { $0 <= at(500 + Int64(turn) * 50) } == true)
            for case .start(let index) in actions {
                starts[index] += 1
                #expect(schedule.ended(index, at: at(501 + Int64(turn) * 50)) == true)
            }
        }
        #expect(starts == [Int](repeating: 4, count: 20))
    }

    @Test func aTimeoutNeverWaitsForThoseThatStart() {
        var schedule = ScriptSchedule(
            [(interval: Interval?, timeout: Interval)](
                repeating: (interval: .milliseconds(1000), timeout: .milliseconds(100)), count: 12),
            at: at(0))
        #expect(schedule.due(at: at(0)).count == 8)
        let actions = schedule.due(at: at(100))
        #expect(
            actions == [
                .start(8), .start(9), .start(10), .start(11), .terminate(0), .terminate(1),
                .terminate(2), .terminate(3), .terminate(4), .terminate(5), .terminate(6),
                .terminate(7),
            ])
    }
}

@Suite struct ScriptTimeTests {
    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: 1_000_000_000_000) + .milliseconds(milliseconds)
    }

    private func started() -> ScriptSchedule {
        var schedule = ScriptSchedule(
            [(interval: .milliseconds(5000), timeout: .milliseconds(1000))], at: at(0))
        #expect(schedule.due(at: at(0)) == [.start(0)])
        return schedule
    }

    @Test func whoseTimeIsUpIsNamedBeforeAnythingIsDoneAboutIt() {
        var schedule = started()
        #expect(schedule.overdue(at: at(999)) == [])
        #expect(schedule.overdue(at: at(1000)) == [0])
        #expect(schedule.ended(0, at: at(1000)) == true)
        #expect(schedule.due(at: at(1000)) == [])
        #expect(schedule.overdue(at: at(1000)) == [])
    }

    @Test func afterAPauseARunHasTheTimeThatItStillHad() {
        var schedule = started()
        schedule.makeUp(from: at(300), to: at(2000))
        #expect(schedule.deadline == at(2700))
        schedule = started()
        schedule.makeUp(from: at(300), to: at(700))
        #expect(schedule.deadline == at(1400))
    }

    @Test func whatItGetsBackIsAsMuchAsItsTimeoutInAll() {
        var schedule = started()
        schedule.makeUp(from: at(300), to: at(2000))
        schedule.makeUp(from: at(2100), to: at(4000))
        #expect(schedule.deadline == at(4300))
        schedule.makeUp(from: at(4000), to: at(5000))
        #expect(schedule.due(at: at(5000)) == [.terminate(0)])
    }

    @Test func whatCouldNotBeStartedWaitsForItsNextTurn() {
        var schedule = started()
        schedule.postpone(0, at: at(1), isUrgent: false)
        #expect(schedule.deadline == at(5000))
    }

    @Test func ofWhichNothingIsKnownIsTriedAgainAfterASecond() {
        var schedule = started()
        schedule.postpone(0, at: at(1), isUrgent: true)
        #expect(schedule.deadline == at(1001))
        #expect(schedule.due(at: at(1001)) == [.start(0)])
        #expect(schedule.ended(0, at: at(1002)) == true)
        #expect(schedule.deadline == at(6001))
    }

    @Test func aScriptThatDoesNotRunGetsNothing() {
        var schedule = started()
        #expect(schedule.ended(0, at: at(10)) == true)
        schedule.makeUp(from: at(10), to: at(4000))
        #expect(schedule.deadline == at(5000))
    }
}

@Suite struct OversleepTests {
    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: 0) + .milliseconds(milliseconds)
    }

    @Test func moreThanATenthOfASecondIsLate() {
        var sleep = Oversleep()
        #expect(sleep.lateSince(at: at(9000)) == nil)
        sleep.fallAsleep(at: at(0), until: at(1000))
        #expect(sleep.lateSince(at: at(1100)) == nil)
        #expect(sleep.lateSince(at: at(1101)) == at(0))
    }

    @Test func whatWasDueAlreadyCountsFromThere() {
        var sleep = Oversleep()
        sleep.fallAsleep(at: at(1000), until: at(0))
        #expect(sleep.lateSince(at: at(1100)) == nil)
        #expect(sleep.lateSince(at: at(1101)) == at(1000))
        sleep.fallAsleep(at: at(1000), until: nil)
        #expect(sleep.lateSince(at: at(9000)) == nil)
    }
}
