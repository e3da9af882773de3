import Net
import Testing
import VRRP

// Virtual routers that are master together or not at all.

private func send(_ index: Int, _ priority: UInt8) -> Effect {
    .sendAdvertisement(virtualRouter: index, priority: priority)
}

private func move(
    _ index: Int, _ from: StateName, _ to: StateName, _ reason: TransitionReason
) -> Effect {
    .transition(virtualRouter: index, from: from, to: to, reason: reason)
}

/// Two members that are masters since 3.609375 s.
private func masters(_ change: (inout RouterPlan) -> Void = { _ in }) -> Bench {
    var bench = Bench.group(2, change)
    bench.start()
    bench.timers(at: 3.7)
    return bench
}

/// Only there it is named before its members.
@Test func aGroupStartsAsBackup() {
    var bench = Bench.group(2)
    #expect(
        bench.start() == [
            .groupTransition(group: 0, to: .backup),
            move(0, .initialize, .backup, .started), move(1, .initialize, .backup, .started),
        ])
}

@Test func aGroupTakesOverInOneListOfEffects() {
    var bench = Bench.group(2)
    bench.start()
    let silence = TransitionReason.silence(lastMaster: nil)
    #expect(
        bench.timers(at: 3.609375) == [
            send(0, 100), send(1, 100),
            .addAddresses(virtualRouter: 0), .announce(virtualRouter: 0, count: 5),
            .addAddresses(virtualRouter: 1), .announce(virtualRouter: 1, count: 5),
            move(0, .backup, .master, silence), move(1, .backup, .master, silence),
            .groupTransition(group: 0, to: .master),
        ])
}

@Test func theSlowestMemberTriggersTheGroup() {
    var bench = Bench.group(2) { $0.virtualRouters[1].priority = 90 }
    bench.start()
    #expect(bench.timers(at: 3.609375) == [])
    #expect(bench.router.virtualRouters[0].isWaitingForGroup)
    #expect(!bench.router.virtualRouters[1].isWaitingForGroup)
    #expect(bench.deadline == 3.6484375)
    #expect(bench.timers(at: 3.6484375).count == 9)
    #expect(bench.router.statesByGroup[0] == .master)
}

/// As with keepalived: notify commands and FIFOs name the cause before those that follow it.
@Test func whoGivesRiseToAMoveIsTheFirstToMove() {
    var bench = Bench.group(3) { $0.virtualRouters[1].priority = 90 }
    func order(_ effects: [Effect]) -> [Int] {
        effects.compactMap { effect in
            if case .transition(let index, _, _, _) = effect { index } else { nil }
        }
    }
    #expect(order(bench.start()) == [0, 1, 2])
    bench.timers(at: 3.609375)
    #expect(order(bench.timers(at: 3.6484375)) == [1, 0, 2])
    #expect(order(bench.tell(.interface(virtualRouter: 2, .down), at: 5)) == [2, 0, 1])
    #expect(order(bench.tell(.interface(virtualRouter: 2, .up), at: 6)) == [2, 0, 1])
    bench.timers(at: 9.609375)
    bench.timers(at: 9.6484375)
    #expect(order(bench.hear(150, from: 9, on: 1, at: 10)) == [1, 0, 2])
}

@Test func aMemberThatHearsItsMasterHoldsTheGroupBack() {
    var bench = Bench.group(2)
    bench.start()
    for second in 1...20 {
        bench.hear(150, from: 9, on: 1, at: Double(second))
        #expect(bench.run(until: Double(second) + 0.9) == [])
    }
    #expect(bench.state(0) == .backup)
    bench.timers(at: 23.609375)
    #expect(bench.state(0) == .master)
    #expect(bench.state(1) == .master)
}

@Test func aMemberWhoseTimerExpiredMayHearAMasterAgain() {
    var bench = Bench.group(2)
    bench.start()
    bench.hear(150, from: 9, on: 1, at: 3)
    bench.timers(at: 3.609375)
    bench.hear(150, from: 9, on: 0, at: 6)
    bench.timers(at: 6.609375)
    #expect(bench.state(1) == .backup)
    #expect(bench.deadline == 9.609375)
}

@Test func oneBetterMasterEndsTheGroup() {
    var bench = masters()
    #expect(
        bench.hear(150, from: 9, on: 1, at: 4) == [
            // The other member heard nobody: it resigns, before any address goes.
            send(0, 0),
            .removeAddresses(virtualRouter: 1), .removeAddresses(virtualRouter: 0),
            move(1, .master, .backup, .higherPriority(150, from: Bench.host(9))),
            move(0, .master, .backup, .group),
            .groupTransition(group: 0, to: .backup),
        ])
    // The one that heard it waits in full, the other as after a priority 0.
    #expect(bench.router.virtualRouters[1].masterDownDeadline == instant(7.609375))
    #expect(bench.router.virtualRouters[0].masterDownDeadline == instant(4.609375))
}

@Test func aFaultOfOneIsTheFaultOfAll() {
    var bench = masters()
    #expect(
        bench.tell(.interface(virtualRouter: 1, .down), at: 4) == [
            send(1, 0), send(0, 0),
            .removeAddresses(virtualRouter: 1), .removeAddresses(virtualRouter: 0),
            move(1, .master, .fault, .fault(.interfaceDown)),
            move(0, .master, .fault, .fault(.groupMember(1))),
            .groupTransition(group: 0, to: .fault),
        ])
    #expect(bench.router.faultReasons(of: 0) == [.groupMember(1)])
}

@Test func aGroupLeavesFaultWhenAllAreClear() {
    var bench = masters()
    bench.tell(.interface(virtualRouter: 1, .down), at: 4)
    bench.tell(.interface(virtualRouter: 0, .down), at: 5)
    #expect(bench.tell(.interface(virtualRouter: 1, .up), at: 6) == [])
    #expect(bench.router.faultReasons(of: 1) == [.groupMember(0)])
    #expect(
        bench.tell(.interface(virtualRouter: 0, .up), at: 7) == [
            move(0, .fault, .backup, .faultCleared), move(1, .fault, .backup, .faultCleared),
            .groupTransition(group: 0, to: .backup),
        ])
    #expect(bench.deadline == 10.609375)
}

@Test func aMemberWaitingForItsScriptHoldsTheGroupBackInSilence() {
    var bench = Bench.group(2) {
        $0.trackedObjects = [.script(rise: 1, fall: 1, startsFailed: false)]
        $0.virtualRouters[1].tracking = [TrackingEntry(object: 0, weight: Weight(0))]
    }
    #expect(bench.start() == [])
    let effects = bench.tell(.tracked(object: 0, .result(success: true)), at: 1)
    #expect(
        effects == [
            .note(virtualRouter: 1, .trackedObject(0, working: true)),
            move(1, .initialize, .backup, .started), move(0, .initialize, .backup, .started),
            .groupTransition(group: 0, to: .backup),
        ])
}

@Test func stopResignsForAllBeforeAnyAddressGoes() {
    var bench = masters()
    #expect(
        bench.tell(.stop, at: 4) == [
            send(0, 0), send(1, 0),
            .removeAddresses(virtualRouter: 0), .removeAddresses(virtualRouter: 1),
            move(0, .master, .initialize, .stopped), move(1, .master, .initialize, .stopped),
            .groupTransition(group: 0, to: .initialize),
        ])
    #expect(bench.deadline == nil)
    #expect(bench.tell(.interface(virtualRouter: 0, .down), at: 5) == [])
}

@Test func groupWeightsApplyToAllMembersAndTheirOwnDoNot() {
    let change: (inout RouterPlan) -> Void = {
        $0.trackedObjects = [.link, .link, .link]
        $0.virtualRouters[0].tracking = [
            TrackingEntry(object: 0, weight: Weight(-50)),
            TrackingEntry(object: 2, weight: Weight(-7)),
        ]
        $0.groups[0].tracking = [
            TrackingEntry(object: 1, weight: Weight(-10)),
            TrackingEntry(object: 2, weight: Weight(-1)),
        ]
    }
    func priorities(_ change: (inout RouterPlan) -> Void) -> [UInt8] {
        var bench = Bench.group(2, change)
        bench.start()
        for object in 0...2 { bench.tell(.tracked(object: object, .working(false)), at: 1) }
        return bench.router.virtualRouters.map { $0.effectivePriority }
    }
    #expect(priorities(change) == [89, 89])
    #expect(
        priorities {
            change(&$0)
            $0.groups[0].usesMemberWeights = true
        } == [39, 89])
    #expect(
        priorities {
            change(&$0)
            $0.virtualRouters[0].tracking[0].countsInGroup = true
        } == [39, 89])
}

@Test func aMembersUnweightedLineIsAFaultWhateverTheGroupSays() {
    var bench = Bench.group(2) {
        $0.trackedObjects = [.link]
        $0.virtualRouters[0].tracking = [TrackingEntry(object: 0, weight: Weight(0))]
        $0.groups[0].tracking = [TrackingEntry(object: 0, weight: Weight(-10))]
    }
    bench.start()
    bench.tell(.tracked(object: 0, .working(false)), at: 1)
    #expect(bench.state(0) == .fault)
    #expect(bench.state(1) == .fault)
    #expect(bench.router.virtualRouters[1].effectivePriority == 90)
}

@Test func anImitatorOfOneMemberIsAnnouncedAgainstForAll() {
    var bench = masters()
    #expect(
        bench.hear(50, from: 9, on: 0, at: 4) == [
            send(0, 100), .announce(virtualRouter: 0, count: 5),
            .note(virtualRouter: 0, .lowerPriorityHeard(50, from: Bench.host(9))),
            .announce(virtualRouter: 1, count: 5),
        ])
}

@Test func aGroupOfOwnersIsMasterAtOnce() {
    var bench = Bench.group(2) {
        for index in 0...1 {
            $0.virtualRouters[index].priority = 255
            $0.virtualRouters[index].startsAsMaster = true
        }
    }
    bench.start()
    #expect(bench.router.statesByGroup[0] == .master)
}

@Test func anOwnerAmongOthersStartsAsBackup() {
    var bench = Bench.group(2) {
        $0.virtualRouters[0].priority = 255
        $0.virtualRouters[0].startsAsMaster = true
    }
    bench.start()
    #expect(bench.router.statesByGroup[0] == .backup)
    #expect(bench.state(0) == .backup)
}
