import Net
import Testing

@testable import Daemon

@Suite struct AuditScheduleTests {
    private func at(milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    @Test func onceAMinute() {
        var schedule = AuditSchedule()
        var times: [Int64] = []
        for second in Int64(0)...200
        where schedule.begins(at: at(milliseconds: second * 1_000), next: nil) {
            times.append(second)
        }
        #expect(times == [60, 120, 180])
    }

    @Test func notJustBeforeAnAdvertisement() {
        var schedule = AuditSchedule()
        _ = schedule.begins(at: at(milliseconds: 0), next: nil)
        let now = at(milliseconds: 60_000)
        let tooSoon = schedule.begins(at: now, next: at(milliseconds: 60_019))
        #expect(!tooSoon)
        let soonEnough = schedule.begins(at: now, next: at(milliseconds: 60_020))
        #expect(soonEnough)
    }

    /// advert_int 0.01: there is never room, and it is done all the same.
    @Test func aMinuteLaterWhereThereIsNeverRoom() {
        var schedule = AuditSchedule()
        var times: [Int64] = []
        for step in Int64(0)...25_000 {
            let now = at(milliseconds: step * 10)
            if schedule.begins(at: now, next: now + .milliseconds(10)) { times.append(step * 10) }
        }
        #expect(times == [120_000, 240_000])
    }

    @Test func whatToldNotAllIsTriedAgainEverMoreRarely() {
        var schedule = AuditSchedule()
        #expect(schedule.retryDue == nil)
        var pauses: [Interval] = []
        for _ in 0..<10 {
            schedule.toldNotAll(at: at(milliseconds: 0))
            pauses.append(schedule.retryDue! - at(milliseconds: 0))
        }
        #expect(
            pauses
                == [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 60_000]
                .map { .milliseconds($0) })
        schedule.succeeded()
        #expect(schedule.retryDue == nil)
        schedule.toldNotAll(at: at(milliseconds: 1_000))
        #expect(schedule.retryDue == at(milliseconds: 1_200))
    }
}
