import Net
import Testing
import VRRP

// Elections beyond the RFC's table: two owners, a master that stalled, delays at the start, and
// what neighbours are told of a rival that is gone.

private func owner() -> Bench {
    var bench = Bench {
        $0.priority = 255
        $0.startsAsMaster = true
        $0.ownerIgnoresAdvertisements = false
    }
    bench.start()
    return bench
}

@Test func ofTwoOwnersTheOneWithTheLowerAddressGivesWay() {
    var bench = owner()
    let effects = bench.hear(255, from: 9, at: 0.5)
    #expect(
        effects == [
            .removeAddresses(virtualRouter: 0),
            .transition(
                virtualRouter: 0, from: .master, to: .backup,
                reason: .higherAddress(Bench.host(9))),
        ])
}

/// 192.0.2.1 ought to give way and does not. Two advertisements of ours (the answers at 0.5 and
/// 1.5 s), 1.2 intervals more (2.7 s), and the next that is heard decides.
@Test func anOwnerThatDoesNotGiveWayIsGivenWayTo() {
    var bench = owner()
    #expect(bench.hear(255, from: 1, at: 0.5).contains(.announce(virtualRouter: 0, count: 5)))
    bench.hear(255, from: 1, at: 1.5)
    bench.timers(at: 2.5)
    bench.hear(255, from: 1, at: 2.6)
    #expect(bench.state() == .master)
    let effects = bench.hear(255, from: 1, at: 2.7)
    #expect(
        effects == [
            .note(virtualRouter: 0, .ownershipYielded(to: Bench.host(1))),
            .removeAddresses(virtualRouter: 0),
            .transition(
                virtualRouter: 0, from: .master, to: .backup,
                reason: .higherPriority(255, from: Bench.host(1))),
        ])
    #expect(bench.router.virtualRouters[0].effectivePriority == 254)
    // 3 s and 2/256 s after the last it heard, as an owner again.
    #expect(bench.deadline == 5.7078125)
    bench.timers(at: 5.7078125)
    #expect(bench.state() == .master)
    #expect(bench.router.virtualRouters[0].effectivePriority == 255)
}

@Test func anOwnerThatGivesWayInTimeEndsTheContest() {
    var bench = owner()
    bench.hear(255, from: 1, at: 0.5)
    bench.hear(255, from: 1, at: 1.5)
    // It is quiet for longer than its Master_Down_Interval, then comes back: counted anew.
    _ = bench.run(until: 10)
    bench.hear(255, from: 1, at: 10)
    #expect(bench.state() == .master)
}

private func stallable(_ priority: UInt8, preempts: Bool = false) -> Bench {
    var bench = Bench {
        $0.preempts = preempts
        $0.stallPriority = priority
    }
    bench.start()
    bench.timers(at: 3.609375)
    return bench
}

/// timer_expired_backup 254: 3 s and 2/256 s without an advertisement.
@Test func aMasterThatStalledLetsGoByItself() {
    var bench = stallable(254)
    #expect(bench.timers(at: 6.6171875).count == 2)
    #expect(bench.state() == .master)
    let effects = bench.timers(at: 9.75)
    #expect(
        effects == [
            .sendAdvertisement(virtualRouter: 0, priority: 0), .removeAddresses(virtualRouter: 0),
            .transition(
                virtualRouter: 0, from: .master, to: .backup,
                reason: .stalled(.nanoseconds(3_132_812_500))),
        ])
    #expect(bench.deadline == 13.359375)
}

@Test func aStalledMasterDoesNotFightItsSuccessor() {
    var bench = stallable(254)
    let effects = bench.hear(50, from: 9, at: 8.609375, received: 7)
    #expect(
        effects == [
            .removeAddresses(virtualRouter: 0),
            .transition(
                virtualRouter: 0, from: .master, to: .backup, reason: .stalled(.seconds(5))),
        ])
    #expect(bench.deadline == 10.609375)
}

@Test func withPreemptionAStallChangesNothing() {
    var bench = stallable(254, preempts: true)
    bench.timers(at: 60)
    #expect(bench.state() == .master)
}

@Test func vrrpDelayAfterBootCountsFromTheBoot() {
    var plan = RouterPlan()
    plan.virtualRouters = [Bench.parameters("VI_1", 51)]
    plan.startupDelay = .seconds(2)
    plan.delayAfterBoot = .seconds(60)
    var bench = Bench(plan)
    bench.plugIn()
    bench.start(at: 20)
    #expect(bench.deadline == 60)
    bench.hear(0, from: 9, at: 30)
    #expect(bench.state() == .initialize)
    bench.timers(at: 60)
    #expect(bench.deadline == 63.609375)

    var late = Bench(plan)
    late.plugIn()
    late.start(at: 100)
    #expect(late.deadline == 102)
}

/// The second burst after garp_lower_prio_delay, 5 s, and a Master_Down_Interval, 3.609375 s.
@Test func aRivalThatWasOutlivedIsAnnouncedAgainstOnceMore() {
    var bench = Bench { $0.announcements.delay = .zero }
    bench.start()
    bench.timers(at: 3.609375)
    bench.hear(99, from: 9, at: 4)
    bench.hear(99, from: 9, at: 5)
    let announcements = bench.run(until: 30).filter { $0.contains("announces") }
    #expect(announcements == ["10.000000 0 announces 5", "13.609375 0 announces 5"])
}

@Test func withoutLowerPriorityAnnouncementsNothingIsSaidOfTheOutlived() {
    var bench = Bench {
        $0.announcements.delay = .zero
        $0.announcements.lowerPriorityCount = 0
    }
    bench.start()
    bench.timers(at: 3.609375)
    bench.hear(99, from: 9, at: 4)
    #expect(bench.run(until: 30).filter { $0.contains("announces") } == [])
}
