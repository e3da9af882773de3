import Net
import Testing
import VRRP

// Longer tales: start and resumption, preemption and its delay, startup delay.

@Test func aLifeFromStartToStop() {
    var bench = Bench()
    bench.start()
    var story = bench.run(until: 5)
    story += bench.hear(150, from: 9, at: 5.2).map { "5.200000 \($0.words)" }
    story += bench.run(until: 10)
    story += bench.tell(.stop, at: 10).map { "10.000000 \($0.words)" }
    #expect(
        story == [
            "3.609375 0 advertises 100",
            "3.609375 0 adds its addresses",
            "3.609375 0 announces 5",
            "3.609375 0 goes from backup to master",
            "4.609375 0 advertises 100",
            "5.200000 0 removes its addresses",
            "5.200000 0 goes from master to backup",
            "8.809375 0 advertises 100",
            "8.809375 0 adds its addresses",
            "8.809375 0 announces 5",
            "8.809375 0 goes from backup to master",
            "9.809375 0 advertises 100",
            "10.000000 0 advertises 0",
            "10.000000 0 removes its addresses",
            "10.000000 0 goes from master to initialize",
        ])
}

/// Seen with keepalived: delay 4 s, 150 against 100, start at 0, first advertisement at 1; master
/// after the delay and what then remains of Master_Down_Timer, here 3.4140625 s after 4.
@Test func preemptDelayCountsFromTheFirstLowerAdvertisement() {
    var bench = Bench {
        $0.priority = 150
        $0.preemptDelay = .seconds(4)
    }
    bench.start()
    for second in 1...7 { bench.hear(100, from: 9, at: Double(second)) }
    #expect(bench.state() == .backup)
    #expect(bench.deadline == 7.4140625)
    let effects = bench.timers(at: 7.4140625)
    #expect(
        effects.last
            == .transition(
                virtualRouter: 0, from: .backup, to: .master, reason: .preemption(Bench.host(9))))
}

@Test func anAdvertisementAsGoodAsOursCancelsPreemptDelay() {
    var bench = Bench {
        $0.priority = 150
        $0.preemptDelay = .seconds(4)
    }
    bench.start()
    bench.hear(100, from: 9, at: 1)
    bench.hear(150, from: 8, at: 4)
    // Counted anew.
    #expect(
        bench.hear(100, from: 9, at: 4.5) == [
            .note(virtualRouter: 0, .preemptDelayStarted(until: instant(8.5)))
        ])
    #expect(bench.router.virtualRouters[0].preemptDelayEnd == instant(8.5))
    bench.hear(100, from: 9, at: 8.4)
    #expect(bench.deadline == 11.8140625)
}

@Test func preemptDelayDoesNotDelayTakingOverFromSilence() {
    var bench = Bench {
        $0.priority = 150
        $0.preemptDelay = .seconds(1_000)
    }
    bench.start()
    bench.hear(100, from: 9, at: 1)
    bench.timers(at: 4.4140625)
    #expect(bench.state() == .master)
}

@Test func preemptDelayDoesNotDelayTakingOverFromWhoResigns() {
    var bench = Bench {
        $0.priority = 150
        $0.preemptDelay = .seconds(1_000)
    }
    bench.start()
    bench.hear(100, from: 9, at: 1)
    bench.hear(0, from: 9, at: 2)
    let effects = bench.timers(at: 2.4140625)
    #expect(
        effects.last
            == .transition(
                virtualRouter: 0, from: .backup, to: .master,
                reason: .masterResigned(Bench.host(9))))
}

@Test func preemptionWaitsForTheTimerToRunOut() {
    var bench = Bench()
    bench.start()
    for second in 1...3 {
        let note = bench.hear(50, from: 9, at: Double(second))
        #expect(
            note == [.note(virtualRouter: 0, .lowerPriorityHeard(50, from: Bench.host(9)))])
    }
    #expect(bench.deadline == 3.609375)
}

@Test func startupDelayHoldsEverythingBack() {
    var plan = RouterPlan()
    plan.virtualRouters = [Bench.parameters("VI_1", 51)]
    plan.startupDelay = .seconds(60)
    var bench = Bench(plan)
    bench.plugIn()
    #expect(bench.start() == [])
    #expect(bench.deadline == 60)
    #expect(bench.hear(0, from: 9, at: 1) == [])
    #expect(bench.tell(.interface(virtualRouter: 0, .down), at: 2) == [])
    #expect(bench.tell(.interface(virtualRouter: 0, .up), at: 3) == [])
    #expect(bench.timers(at: 59) == [])
    #expect(
        bench.timers(at: 60) == [
            .transition(virtualRouter: 0, from: .initialize, to: .backup, reason: .started)
        ])
    #expect(bench.deadline == 63.609375)
}

@Test func aResumedMasterGoesOnWithoutATransition() {
    var bench = Bench()
    #expect(
        bench.tell(.resume(masters: [0]), at: 0) == [
            .sendAdvertisement(virtualRouter: 0, priority: 100), .addAddresses(virtualRouter: 0),
        ])
    #expect(bench.state() == .master)
    #expect(bench.deadline == 1)
    #expect(bench.router.virtualRouters[0].reason == .resumed)
}

@Test func whoWasNoMasterStartsAnew() {
    var bench = Bench()
    #expect(
        bench.tell(.resume(masters: []), at: 0) == [
            .transition(virtualRouter: 0, from: .initialize, to: .backup, reason: .started)
        ])
}

@Test func aResumedMasterWhoseLinkFailedResigns() {
    var bench = Bench()
    bench.tell(.interface(virtualRouter: 0, .down), at: 0)
    #expect(
        bench.tell(.resume(masters: [0]), at: 0) == [
            .sendAdvertisement(virtualRouter: 0, priority: 0), .removeAddresses(virtualRouter: 0),
            .transition(
                virtualRouter: 0, from: .master, to: .fault, reason: .fault(.interfaceDown)),
        ])
}

@Test func aGroupCaughtBetweenTwoStatesGoesOnAsMaster() {
    var bench = Bench.group(2)
    bench.tell(.resume(masters: [1]), at: 0)
    #expect(bench.router.statesByGroup[0] == .master)
    #expect(bench.state(0) == .master)
}

@Test func aGroupThatIsResumedDoesNotWaitForItsScripts() {
    var bench = Bench.group(2) {
        $0.trackedObjects = [.script(rise: 1, fall: 1, startsFailed: false)]
        $0.virtualRouters[0].tracking = [TrackingEntry(object: 0, weight: Weight(0))]
    }
    bench.tell(.resume(masters: [1]), at: 0)
    #expect(bench.state(0) == .master)
    #expect(bench.state(1) == .master)
}

@Test func aResumedMasterDoesNotWaitForItsScript() {
    var parameters = Bench.parameters("VI_1", 51)
    parameters.tracking = [TrackingEntry(object: 0, weight: Weight(0))]
    var plan = RouterPlan()
    plan.virtualRouters = [parameters]
    plan.trackedObjects = [.script(rise: 1, fall: 3, startsFailed: true)]
    var bench = Bench(plan)
    bench.plugIn()
    bench.tell(.resume(masters: [0]), at: 0)
    #expect(bench.state() == .master)
    bench.tell(.tracked(object: 0, .result(success: false)), at: 1)
    #expect(bench.state() == .fault)
}

@Test func remarksAreMadeOnceUntilTheyChange() {
    var bench = Bench()
    bench.start()
    let differs = Effect.note(virtualRouter: 0, .addressListDiffers(from: Bench.host(9)))
    #expect(bench.hear(150, from: 9, at: 1, listDiffers: true) == [differs])
    #expect(bench.hear(150, from: 9, at: 2, listDiffers: true) == [])
    #expect(bench.hear(150, from: 9, at: 3) == [])
    #expect(bench.hear(150, from: 9, at: 4, listDiffers: true) == [differs])
}

@Test func countersCount() {
    var bench = Bench()
    bench.start()
    bench.hear(150, from: 9, at: 1)
    bench.hear(0, from: 9, at: 2)
    _ = bench.run(until: 4)
    bench.tell(.interface(virtualRouter: 0, .down), at: 4.5)
    var expected = Counters()
    expected.becameMaster = 1
    expected.releasedMaster = 1
    expected.advertisementsSent = 3
    expected.advertisementsReceived = 2
    expected.priorityZeroSent = 1
    expected.priorityZeroReceived = 1
    #expect(bench.router.virtualRouters[0].counters == expected)
    bench.router.clearCounters()
    #expect(bench.router.virtualRouters[0].counters == Counters())
}

@Test func statusKnowsTheMasterAndSinceWhen() {
    var bench = Bench()
    bench.start(at: 1)
    bench.hear(150, from: 9, at: 2)
    let router = bench.router.virtualRouters[0]
    #expect(router.master?.address == Bench.host(9))
    #expect(router.master?.priority == 150)
    #expect(router.since == instant(1))
    #expect(router.reason == .started)
    #expect(router.masterDownDeadline == instant(5.609375))
}
