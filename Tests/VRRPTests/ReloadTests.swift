import Net
import Testing
import VRRP

// A plan swapped for a plan: what does not change goes on as if nothing had happened.

private func plan(_ count: Int, _ change: (inout RouterPlan) -> Void = { _ in }) -> RouterPlan {
    var plan = RouterPlan()
    for number in 0..<count {
        plan.virtualRouters.append(Bench.parameters("VI_\(number)", UInt8(51 + number)))
    }
    change(&plan)
    return plan
}

/// All are masters since 3.609375 s and advertised last at 4.609375 s.
private func masters(_ plan: RouterPlan) -> Bench {
    var bench = Bench(plan)
    bench.plugIn()
    bench.start()
    _ = bench.run(until: 5)
    return bench
}

extension Bench {
    fileprivate mutating func reload(
        _ plan: RouterPlan, _ mapping: [Int?], objects: [Int?] = [], at seconds: Double
    ) -> [Effect] {
        effects.removeAll()
        let kept = Set(mapping.compactMap { $0 })
        let retired = router.virtualRouters.indices.filter { !kept.contains($0) }
        router.retire(retired, at: instant(seconds), into: &effects)
        router.reconfigure(
            plan, virtualRouterMapping: mapping, objectMapping: objects, at: instant(seconds),
            into: &effects)
        let before = effects
        for (index, old) in mapping.enumerated() where old == nil { plugIn(index, at: seconds) }
        return before + start(at: seconds)
    }
}

@Test func withoutADifferenceNothingHappens() {
    var bench = masters(plan(2))
    #expect(bench.reload(plan(2), [0, 1], at: 5) == [])
    #expect(bench.deadline == 5.609375)
    #expect(bench.router.virtualRouters[0].counters.advertisementsSent == 2)
}

@Test func anotherOrderIsNoDifference() {
    var bench = masters(plan(2))
    bench.hear(150, from: 9, on: 0, at: 5)
    let swapped = plan(2) { $0.virtualRouters.swapAt(0, 1) }
    #expect(bench.reload(swapped, [1, 0], at: 5.1) == [])
    #expect(bench.state(0) == .master)
    #expect(bench.state(1) == .backup)
    #expect(
        bench.timers(at: 5.609375) == [.sendAdvertisement(virtualRouter: 0, priority: 100)])
}

@Test func aChangedMasterStaysAndAdvertisesAtOnce() {
    var bench = masters(plan(1))
    let effects = bench.reload(plan(1) { $0.virtualRouters[0].priority = 90 }, [0], at: 5)
    #expect(
        effects == [
            .sendAdvertisement(virtualRouter: 0, priority: 90), .addAddresses(virtualRouter: 0),
        ])
    #expect(bench.deadline == 6)
}

@Test func addedAddressesAreAnnounced() {
    var bench = masters(plan(1))
    let effects = bench.reload(
        plan(1) { $0.virtualRouters[0].addresses.append(Bench.host(77)) }, [0], at: 5)
    #expect(
        effects == [
            .sendAdvertisement(virtualRouter: 0, priority: 100), .addAddresses(virtualRouter: 0),
            .announce(virtualRouter: 0, count: 5),
        ])
}

@Test func aChangedBackupsTimerMoves() {
    var bench = Bench(plan(1))
    bench.plugIn()
    bench.start()
    let effects = bench.reload(
        plan(1) {
            $0.virtualRouters[0].priority = 90
            $0.virtualRouters[0].advertisementInterval = .seconds(2)
        }, [0], at: 1)
    #expect(effects == [])
    // 3.609375 s, and three seconds and ten parts of 256 more.
    #expect(bench.deadline == 6.6484375)
}

/// RFC 9568 section 6.1: Master_Adver_Interval is the one that the master was heard to say, also where
/// it was ours until now. A backup with a shorter one does not take over from a master that lives.
@Test func aBackupKeepsTheIntervalOfTheMasterThatItHears() {
    let version3 = plan(1) { $0.virtualRouters[0].version = .v3 }
    for (interval, deadline) in [(Interval.centiseconds(10), 4.109375), (.seconds(10), 4.109375)] {
        var bench = Bench(version3)
        bench.plugIn()
        bench.start()
        bench.hear(150, from: 9, at: 0.5)
        let effects = bench.reload(
            plan(1) {
                $0.virtualRouters[0].version = .v3
                $0.virtualRouters[0].advertisementInterval = interval
            }, [0], at: 1)
        #expect(effects == [])
        #expect(bench.deadline == deadline)
    }
}

@Test func whatIsRemovedResignsFirst() {
    var bench = masters(plan(2))
    #expect(
        bench.reload(plan(1), [0], at: 5) == [
            .sendAdvertisement(virtualRouter: 1, priority: 0), .removeAddresses(virtualRouter: 1),
            .transition(virtualRouter: 1, from: .master, to: .initialize, reason: .reconfigured),
        ])
    #expect(bench.deadline == 5.609375)
}

@Test func whatIsNewStartsAsBackup() {
    var bench = masters(plan(1))
    #expect(
        bench.reload(plan(2), [0, nil], at: 5) == [
            .transition(virtualRouter: 1, from: .initialize, to: .backup, reason: .started)
        ])
    #expect(bench.router.virtualRouters[1].masterDownDeadline == instant(8.609375))
}

@Test func aNewMemberOfAGroupOfMastersJoinsThem() {
    let group = SyncGroupPlan(name: "G", members: [0, 1])
    var bench = masters(plan(1) { $0.groups = [SyncGroupPlan(name: "G", members: [0])] })
    #expect(
        bench.reload(plan(2) { $0.groups = [group] }, [0, nil], at: 5) == [
            .sendAdvertisement(virtualRouter: 1, priority: 100),
            .addAddresses(virtualRouter: 1), .announce(virtualRouter: 1, count: 5),
            .transition(virtualRouter: 1, from: .initialize, to: .master, reason: .group),
        ])
}

@Test func aMasterGroupedWithABackupLetsGo() {
    var bench = masters(plan(2))
    bench.hear(150, from: 9, on: 1, at: 5)
    let group = SyncGroupPlan(name: "G", members: [0, 1])
    #expect(
        bench.reload(plan(2) { $0.groups = [group] }, [0, 1], at: 5.1) == [
            .sendAdvertisement(virtualRouter: 0, priority: 0), .removeAddresses(virtualRouter: 0),
            .transition(virtualRouter: 0, from: .master, to: .backup, reason: .group),
            .groupTransition(group: 0, to: .backup),
        ])
}

@Test func whoLosesAFaultyFellowLeavesFault() {
    let group = SyncGroupPlan(name: "G", members: [0, 1])
    var bench = masters(plan(2) { $0.groups = [group] })
    bench.tell(.interface(virtualRouter: 1, .down), at: 5)
    #expect(
        bench.reload(plan(2), [0, 1], at: 6) == [
            .transition(virtualRouter: 0, from: .fault, to: .backup, reason: .faultCleared)
        ])
}

@Test func aScriptKeepsItsResult() {
    let script = TrackedObjectPlan.script(rise: 1, fall: 1, startsFailed: false)
    func tracked(_ objects: Int, by object: Int) -> RouterPlan {
        plan(1) {
            $0.trackedObjects = Array(repeating: script, count: objects)
            $0.virtualRouters[0].tracking = [TrackingEntry(object: object, weight: Weight(0))]
        }
    }
    var bench = Bench(tracked(1, by: 0))
    bench.plugIn()
    bench.start()
    bench.tell(.tracked(object: 0, .result(success: false)), at: 1)
    #expect(bench.reload(tracked(2, by: 1), [0], objects: [nil, 0], at: 2) == [])
    #expect(bench.state() == .fault)
    #expect(bench.router.state(ofObject: 0) == .assumed)
    #expect(bench.router.state(ofObject: 1) == .failed)
}

@Test func aNewScriptCountsAsWorkingUntilItsFirstResult() {
    var bench = masters(plan(1))
    let tracked = plan(1) {
        $0.trackedObjects = [.script(rise: 1, fall: 3, startsFailed: true)]
        $0.virtualRouters[0].tracking = [TrackingEntry(object: 0, weight: Weight(0))]
    }
    #expect(bench.reload(tracked, [0], objects: [nil], at: 5) == [])
    #expect(bench.state() == .master)
    bench.tell(.tracked(object: 0, .result(success: false)), at: 6)
    #expect(bench.state() == .fault)
}

@Test func aReloadDuringTheStartupDelayKeepsTheDelay() {
    var bench = Bench(plan(1) { $0.startupDelay = .seconds(60) })
    bench.plugIn()
    bench.start()
    #expect(bench.reload(plan(2), [0, nil], at: 5) == [])
    #expect(bench.deadline == 60)
    #expect(bench.timers(at: 60).count == 2)
}
