import Net
import Testing
import VRRP

// Skew_Time and Master_Down_Interval in literal numbers.

private func times(
    _ priority: UInt8, _ version: ProtocolVersion, _ interval: Interval, adverts: Int = 3
) -> (skew: Int64, down: Int64) {
    let bench = Bench {
        $0.priority = priority
        $0.version = version
        $0.advertisementInterval = interval
        $0.downTimerAdvertisements = adverts
    }
    let router = bench.router.virtualRouters[0]
    return (router.skewTime.nanoseconds, router.masterDownInterval.nanoseconds)
}

@Test func version2SkewIsInSecondsWhateverTheInterval() {
    #expect(times(100, .v2, .seconds(1)) == (609_375_000, 3_609_375_000))
    #expect(times(100, .v2, .seconds(10)) == (609_375_000, 30_609_375_000))
    #expect(times(254, .v2, .seconds(1)) == (7_812_500, 3_007_812_500))
    #expect(times(1, .v2, .seconds(1)) == (996_093_750, 3_996_093_750))
    #expect(times(255, .v2, .seconds(255)) == (3_906_250, 765_003_906_250))
}

@Test func version3SkewIsAPartOfTheInterval() {
    #expect(times(100, .v3, .seconds(1)) == (609_375_000, 3_609_375_000))
    #expect(times(100, .v3, .centiseconds(1)) == (6_093_750, 36_093_750))
    #expect(times(200, .v3, .milliseconds(40_950)) == (8_957_812_500, 131_807_812_500))
}

@Test func downTimerAdvertsCountsIntervals() {
    #expect(times(100, .v2, .seconds(1), adverts: 1) == (609_375_000, 1_609_375_000))
    #expect(times(100, .v2, .seconds(1), adverts: 100) == (609_375_000, 100_609_375_000))
}

@Test func aVersion3BackupLearnsTheMastersInterval() {
    var bench = Bench { $0.version = .v3 }
    bench.start()
    let notes = bench.hear(150, from: 9, at: 1, interval: .milliseconds(100))
    #expect(
        notes == [
            .note(
                virtualRouter: 0, .intervalDiffers(.milliseconds(100), from: Bench.host(9)))
        ])
    // 3 x 0.1 s + 156/256 x 0.1 s.
    #expect(bench.deadline == 1.3609375)
    #expect(bench.router.virtualRouters[0].masterAdverInterval == .milliseconds(100))
    #expect(bench.hear(150, from: 9, at: 1.1, interval: .milliseconds(100)) == [])
    // As master it keeps its own.
    bench.timers(at: 1.4609375)
    #expect(bench.state() == .master)
    #expect(bench.deadline == 2.4609375)
}

@Test func aVersion3SenderThatSaysZeroIsTakenToMeanTheLeast() {
    var bench = Bench { $0.version = .v3 }
    bench.start()
    bench.hear(150, from: 9, at: 1, interval: .zero)
    #expect(bench.deadline == 1.03609375)
}

@Test func aVersion2BackupKeepsItsOwnInterval() {
    var bench = Bench()
    bench.start()
    bench.hear(150, from: 9, at: 1, interval: .milliseconds(100))
    #expect(bench.deadline == 4.609375)
}

@Test func theRhythmOfAdvertisementsNeverDrifts() {
    var bench = Bench()
    bench.start()
    bench.timers(at: 3.609375)
    for beat in 1...1_000 {
        #expect(bench.timers(at: 3.609375 + Double(beat) + 0.125).count >= 1)
    }
    #expect(bench.deadline == 1_004.609375)
}

@Test func aMasterThatSleptAnHourSendsOneAdvertisement() {
    var bench = Bench()
    bench.start()
    bench.timers(at: 3.609375)
    bench.timers(at: 8.609375)
    let effects = bench.timers(at: 3_608.609375)
    #expect(
        effects == [
            .sendAdvertisement(virtualRouter: 0, priority: 100),
            .announce(virtualRouter: 0, count: 5),
        ])
    #expect(bench.deadline == 3_609.609375)
    #expect(bench.timers(at: 3_608.609376) == [])
}

/// A flood that drops packets for ever must not keep the addresses away for ever: four
/// Master_Down_Intervals, 14.4375 s, after the last that was accepted.
@Test func deafnessEndsAfterFourMasterDownIntervals() {
    var bench = Bench()
    bench.start()
    bench.hear(150, from: 9, at: 1)
    var time = 1.5
    while time < 15.4 {
        #expect(bench.tell(.lost(virtualRouters: [0]), at: time) == [])
        #expect(bench.timers(at: time) == [])
        time += 0.5
    }
    #expect(bench.deadline == 15.4375)
    bench.tell(.lost(virtualRouters: [0]), at: 15.5)
    bench.timers(at: 15.5)
    #expect(bench.state() == .master)
}

/// Stopped for a while with a full queue, a backup learns first that packets are lost, then reads the
/// old ones that waited: they cannot have told of the master's later advertisements.
@Test func whatWaitedBeforeALossDoesNotShortenTheTimer() {
    var bench = Bench()
    bench.start()
    bench.hear(150, from: 9, at: 1)
    #expect(bench.tell(.lost(virtualRouters: [0]), at: 5.2) == [])
    #expect(bench.deadline == 8.809375)
    bench.hear(150, from: 9, at: 5.2, received: 1.5)
    #expect(bench.deadline == 8.809375)
    bench.hear(150, from: 9, at: 5.5)
    #expect(bench.deadline == 9.109375)
}

@Test func announcementsHaveKeepalivedsCountsAndDelays() {
    var bench = Bench {
        $0.announcements.count = 2
        $0.announcements.delay = .seconds(3)
        $0.announcements.refresh = .seconds(4)
        $0.announcements.refreshCount = 1
    }
    bench.start()
    let announcements = bench.run(until: 20).filter { $0.contains("announces") }
    #expect(
        announcements == [
            "3.609375 0 announces 2",
            "6.609375 0 announces 2",
            "10.609375 0 announces 1",
            "14.609375 0 announces 1",
            "18.609375 0 announces 1",
        ])
}

@Test func aRivalThatWasAnsweredIsAnnouncedAgainstTwice() {
    var bench = Bench { $0.announcements.lowerPriorityCount = 3 }
    bench.start()
    bench.timers(at: 3.609375)
    bench.hear(99, from: 9, at: 4)
    let announcements = bench.run(until: 20).filter { $0.contains("announces") }
    #expect(
        announcements == [
            "8.609375 0 announces 5", "9.000000 0 announces 3", "12.609375 0 announces 5",
        ])
}

@Test func announcementsEndWithTheMaster() {
    var bench = Bench()
    bench.start()
    bench.timers(at: 3.609375)
    bench.hear(101, from: 9, at: 4)
    #expect(bench.run(until: 7.6) == [])
}

/// A rival's packets that waited in the queue, or a flood: one answer a turn.
@Test func whatArrivedBeforeTheAnswerIsAnswered() {
    var bench = Bench()
    bench.start()
    bench.timers(at: 3.609375)
    #expect(bench.hear(99, from: 9, at: 4, received: 3.8).count == 3)
    #expect(bench.hear(99, from: 9, at: 4, received: 3.9) == [])
    #expect(bench.hear(0, from: 9, at: 4, received: 4) == [])
    #expect(bench.hear(99, from: 9, at: 4.1, received: 4.05).count == 3)
    #expect(bench.deadline == 5.1)
}

/// A flood on one link makes nobody wait who hears another.
@Test func onlyTheDeafWaitLonger() {
    var plan = RouterPlan()
    plan.virtualRouters = [Bench.parameters("VI_1", 51), Bench.parameters("VI_2", 52)]
    var bench = Bench(plan)
    bench.plugIn()
    bench.start()
    #expect(bench.tell(.lost(virtualRouters: [1]), at: 3) == [])
    #expect(bench.router.virtualRouters[0].masterDownDeadline == instant(3.609375))
    #expect(bench.router.virtualRouters[1].masterDownDeadline == instant(6.609375))
}

/// After a crash the deadline that was published counts, also where the master is slower than we would
/// be: 3 x 8 s and 156 parts of 256 of it. Beyond the slowest that can be it is no deadline of ours.
@Test func aCrashDoesNotForgetASlowMaster() {
    for (told, deadline) in [(29.0, 29.0), (1.0, 1.0), (0.2, 0.5), (1_000.0, 148.30390625)] {
        var bench = Bench { $0.version = .v3 }
        bench.tell(.resume(masters: []), at: 0.5)
        let event = Event.wait(virtualRouter: 0, masterDownDeadline: instant(told))
        #expect(bench.tell(event, at: 0.5) == [])
        #expect(bench.deadline == deadline)
    }
}
