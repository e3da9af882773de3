import Net
import Testing

@testable import Daemon

@Suite struct RestartPolicyTests {
    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: 0) + .seconds(seconds) }

    @Test func oneDeathIsResumedTwoInTenSecondsAreHandedOver() {
        var policy = RestartPolicy()
        #expect(policy.engineDied(at: at(100), hung: false, respawns: true) == .resume)
        #expect(policy.preemptionPausedUntil(at: at(100)) == nil)
        #expect(
            policy.engineDied(at: at(109), hung: false, respawns: true)
                == .handOver(restartAfter: .seconds(1)))
        #expect(policy.preemptionPausedUntil(at: at(110)) == at(169))
        #expect(
            policy.engineDied(at: at(111), hung: false, respawns: true)
                == .handOver(restartAfter: .seconds(2)))
        #expect(policy.preemptionPausedUntil(at: at(112)) == at(231))
        #expect(policy.engineDied(at: at(200), hung: false, respawns: true) == .resume)
        #expect(policy.preemptionPausedUntil(at: at(230)) == at(231))
        #expect(policy.preemptionPausedUntil(at: at(231)) == nil)
    }

    @Test func aHangIsHandedOverAtOnce() {
        var policy = RestartPolicy()
        #expect(
            policy.engineDied(at: at(100), hung: true, respawns: true)
                == .handOver(restartAfter: .seconds(1)))
    }

    @Test func thePauseGrowsToAnHourAndAQuietHourForgives() {
        var policy = RestartPolicy()
        for second in 0..<20 {
            _ = policy.engineDied(at: at(Int64(second)), hung: true, respawns: true)
        }
        #expect(policy.preemptionPausedUntil(at: at(20)) == at(3619))
        #expect(
            policy.engineDied(at: at(3620), hung: true, respawns: true)
                == .handOver(restartAfter: .seconds(1)))
        #expect(policy.preemptionPausedUntil(at: at(3620)) == at(3680))
    }

    @Test func withoutRespawningEveryDeathIsHandedOver() {
        var policy = RestartPolicy()
        #expect(
            policy.engineDied(at: at(100), hung: false, respawns: false)
                == .handOver(restartAfter: .seconds(1)))
    }

    @Test func whatSilenceGaveIsResumedForAnHourUnlessTheEngineDiesAtOnce() {
        var policy = RestartPolicy()
        policy.engineStarted(at: at(90))
        #expect(!policy.resumesWhatSilenceGave(at: at(100)))
        _ = policy.engineDied(at: at(100), hung: true, respawns: true)
        policy.engineStarted(at: at(101))
        #expect(!policy.resumesWhatSilenceGave(at: at(101) + .milliseconds(499)))
        #expect(policy.resumesWhatSilenceGave(at: at(101) + .milliseconds(500)))
        #expect(policy.resumesWhatSilenceGave(at: at(3699)))
        #expect(!policy.resumesWhatSilenceGave(at: at(3700)))
    }
}
