import Net
import Testing

@testable import Daemon

@Suite struct RestartPolicyTests {
    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: 0) + .seconds(seconds) }

    @Test func oneDeathIsResumedTwoInTenSecondsAreHandedOver() {
        var policy = RestartPolicy()
        #expect(
            policy.engineDied(at: at(100), held: true, resumable: true, respawns: true)
                == .resume(after: .zero))
        #expect(policy.preemptionPausedUntil(at: at(100)) == nil)
        #expect(
            policy.engineDied(at: at(109), held: true, resumable: true, respawns: true)
                == .handOver(restartAfter: .zero))
        #expect(policy.preemptionPausedUntil(at: at(110)) == at(169))
        #expect(
            policy.engineDied(at: at(111), held: true, resumable: true, respawns: true)
                == .handOver(restartAfter: .zero))
        #expect(policy.preemptionPausedUntil(at: at(112)) == at(231))
        #expect(
            policy.engineDied(at: at(200), held: true, resumable: true, respawns: true)
                == .resume(after: .zero))
        #expect(policy.preemptionPausedUntil(at: at(230)) == at(231))
        #expect(policy.preemptionPausedUntil(at: at(231)) == nil)
    }

    @Test func aHangIsHandedOverAtOnce() {
        var policy = RestartPolicy()
        #expect(
            policy.engineDied(at: at(100), held: true, resumable: false, respawns: true)
                == .handOver(restartAfter: .zero))
    }

    @Test func thePauseGrowsToAnHourAndAQuietHourForgives() {
        var policy = RestartPolicy()
        for second in 0..<20 {
            _ = policy.engineDied(
                at: at(Int64(second)), held: true, resumable: false, respawns: true)
        }
        #expect(policy.preemptionPausedUntil(at: at(20)) == at(3619))
        #expect(
            policy.engineDied(at: at(3620), held: true, resumable: false, respawns: true)
                == .handOver(restartAfter: .zero))
        #expect(policy.preemptionPausedUntil(at: at(3620)) == at(3680))
    }

    @Test func withoutRespawningEveryDeathIsHandedOver() {
        var policy = RestartPolicy()
        #expect(
            policy.engineDied(at: at(100), held: true, resumable: true, respawns: false)
                == .handOver(restartAfter: .zero))
    }

    @Test func whatCameBackIsResumedForAnHourUnlessTheEngineDiesAtOnce() {
        var policy = RestartPolicy()
        policy.engineStarted(at: at(90))
        #expect(!policy.resumesWhatCameBack(at: at(100)))
        _ = policy.engineDied(at: at(100), held: true, resumable: false, respawns: true)
        policy.engineStarted(at: at(101))
        #expect(!policy.resumesWhatCameBack(at: at(101) + .milliseconds(499)))
        #expect(policy.resumesWhatCameBack(at: at(101) + .milliseconds(500)))
        #expect(policy.resumesWhatCameBack(at: at(3699)))
        #expect(!policy.resumesWhatCameBack(at: at(3700)))
    }

    @Test func whoHeldNothingIsNeverHandedOver() {
        var policy = RestartPolicy()
        for tenth in 0..<200 {
            let now = at(100) + .milliseconds(Int64(tenth) * 700)
            policy.engineStarted(at: now)
            #expect(
                policy.engineDied(
                    at: now + .milliseconds(700), held: false, resumable: true, respawns: true)
                    == .resume(after: .zero))
        }
        #expect(policy.preemptionPausedUntil(at: at(240)) == nil)
        #expect(
            policy.engineDied(at: at(250), held: false, resumable: false, respawns: true)
                == .handOver(restartAfter: .zero))
        #expect(
            policy.engineDied(at: at(300), held: false, resumable: true, respawns: false)
                == .handOver(restartAfter: .zero))
    }

    /// 0.2 s from one start to the next; 1 s after ten that died within half a second; and one that
    /// lived ends the row.
    @Test func twoStartsAreApart() {
        var policy = RestartPolicy()
        var now = at(100)
        for death in 1...12 {
            policy.engineStarted(at: now)
            now = now + .milliseconds(50)
            #expect(
                policy.engineDied(
                    at: now, held: death % 2 == 0, resumable: death % 2 != 0, respawns: true)
                    == (death % 2 == 0
                        ? .handOver(restartAfter: .milliseconds(death > 10 ? 950 : 150))
                        : .resume(after: .milliseconds(death > 10 ? 950 : 150))))
        }
        policy.engineStarted(at: now)
        _ = policy.engineDied(at: now + .seconds(1), held: false, resumable: true, respawns: true)
        policy.engineStarted(at: now + .seconds(1))
        #expect(
            policy.engineDied(
                at: now + .milliseconds(1_150), held: false, resumable: true, respawns: true)
                == .resume(after: .milliseconds(50)))
    }
}
