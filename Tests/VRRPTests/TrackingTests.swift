import Net
import Testing
import VRRP

// Tracked objects: weights, faults, scripts.

private func bench(
    _ plan: TrackedObjectPlan, weight: Int, reversed: Bool = false, priority: UInt8 = 100
) -> Bench {
    var parameters = Bench.parameters("VI_1", 51)
    parameters.priority = priority
    parameters.tracking = [
        TrackingEntry(object: 0, weight: Weight(weight, isReversed: reversed))
    ]
    var router = RouterPlan()
    router.virtualRouters = [parameters]
    router.trackedObjects = [plan]
    var bench = Bench(router)
    bench.plugIn()
    return bench
}

private let script = TrackedObjectPlan.script(rise: 1, fall: 1, startsFailed: false)

private func priority(_ bench: Bench) -> UInt8 {
    bench.router.virtualRouters[0].effectivePriority
}

private func total(_ bench: Bench) -> Int { bench.router.virtualRouters[0].totalPriority }

/// keepalived's arithmetic: +w while it works, -w while it does not, `reverse` flips the sign.
@Test(arguments: [
    (10, false, 110, 100), (-10, false, 100, 90), (10, true, 90, 100), (-10, true, 100, 110),
])
func weights(_ weight: Int, _ reversed: Bool, _ working: Int, _ failed: Int) {
    var bench = bench(script, weight: weight, reversed: reversed)
    bench.start()
    #expect(total(bench) == 100)
    bench.tell(.tracked(object: 0, .result(success: true)), at: 1)
    #expect(total(bench) == working)
    bench.tell(.tracked(object: 0, .result(success: false)), at: 2)
    #expect(total(bench) == failed)
}

@Test func priorityIsLimitedButTheSumIsKept() {
    var high = bench(.link, weight: 200, priority: 200)
    high.start()
    #expect(priority(high) == 254)
    #expect(total(high) == 400)
    var low = bench(.link, weight: -200, priority: 50)
    low.start()
    low.tell(.tracked(object: 0, .working(false)), at: 1)
    #expect(priority(low) == 1)
    #expect(total(low) == -150)
}

@Test func anOwnersPriorityNeverChanges() {
    var bench = bench(.link, weight: -20, priority: 255)
    bench.start()
    #expect(bench.tell(.tracked(object: 0, .working(false)), at: 1).count == 1)
    #expect(priority(bench) == 255)
}

@Test func aFilesNumberIsMultiplied() {
    var bench = bench(.file, weight: 2)
    bench.start()
    bench.tell(.tracked(object: 0, .value(-20)), at: 1)
    #expect(priority(bench) == 60)
    bench.tell(.tracked(object: 0, .value(500)), at: 2)
    #expect(total(bench) == 353)
    bench.tell(.tracked(object: 0, .value(-127)), at: 3)
    #expect(bench.state() == .fault)
    bench.tell(.tracked(object: 0, .value(-126)), at: 4)
    #expect(bench.state() == .backup)
    #expect(total(bench) == -152)
    bench.tell(.tracked(object: 0, .value(.max)), at: 5)
    #expect(total(bench) == 353)
    bench.tell(.tracked(object: 0, .value(.min)), at: 6)
    #expect(bench.state() == .fault)
}

@Test func aFileWithoutWeightIsAFaultWhenNotZero() {
    var bench = bench(.file, weight: 0)
    bench.start()
    #expect(bench.state() == .backup)
    bench.tell(.tracked(object: 0, .value(1)), at: 1)
    #expect(bench.state() == .fault)
    bench.tell(.tracked(object: 0, .value(0)), at: 2)
    #expect(bench.state() == .backup)
}

@Test func aPriorityChangeMovesARunningTimer() {
    var bench = bench(.link, weight: -10)
    bench.start()
    bench.tell(.tracked(object: 0, .working(true)), at: 0.5)
    #expect(bench.deadline == 3.609375)
    let effects = bench.tell(.tracked(object: 0, .working(false)), at: 1)
    #expect(
        effects == [
            .note(virtualRouter: 0, .trackedObject(0, working: false)),
            .note(virtualRouter: 0, .priorityChanged(from: 100, to: 90)),
        ])
    // Ten parts of 256 more.
    #expect(bench.deadline == 3.6484375)
}

@Test func aMastersNextAdvertisementHasTheNewPriority() {
    var bench = bench(.link, weight: -10)
    bench.start()
    bench.timers(at: 3.609375)
    bench.tell(.tracked(object: 0, .working(false)), at: 4)
    #expect(bench.deadline == 4.609375)
    #expect(
        bench.timers(at: 4.609375) == [.sendAdvertisement(virtualRouter: 0, priority: 90)])
}

@Test func theSameObservationTwiceChangesNothing() {
    var bench = bench(.link, weight: 0)
    bench.start()
    #expect(bench.tell(.tracked(object: 0, .working(true)), at: 1) == [])
    bench.tell(.tracked(object: 0, .working(false)), at: 2)
    #expect(bench.tell(.tracked(object: 0, .working(false)), at: 3) == [])
}

@Test func aScriptWithoutWeightKeepsItsRouterOutOfServiceInSilence() {
    var bench = bench(script, weight: 0)
    #expect(bench.start() == [])
    #expect(bench.state() == .initialize)
    #expect(bench.deadline == nil)
    #expect(bench.router.faultReasons(of: 0) == [.trackedObject(0)])
    let effects = bench.tell(.tracked(object: 0, .result(success: true)), at: 2)
    #expect(
        effects == [
            .note(virtualRouter: 0, .trackedObject(0, working: true)),
            .transition(virtualRouter: 0, from: .initialize, to: .backup, reason: .started),
        ])
    #expect(bench.deadline == 5.609375)
}

@Test func aScriptsFirstResultDecidesAlone() {
    var bench = bench(.script(rise: 3, fall: 3, startsFailed: false), weight: 0)
    bench.start()
    bench.tell(.tracked(object: 0, .result(success: false)), at: 1)
    #expect(bench.state() == .fault)
}

@Test func aScriptNeedsRiseAndFallInARow() {
    var bench = bench(.script(rise: 2, fall: 3, startsFailed: false), weight: 0)
    bench.start()
    let results = [true, false, false, true, false, false, false, true, false, true, true]
    var states: [StateName] = []
    for (number, success) in results.enumerated() {
        bench.tell(.tracked(object: 0, .result(success: success)), at: 1 + Double(number) / 8)
        states.append(bench.state())
    }
    #expect(
        states == [
            .backup, .backup, .backup, .backup, .backup, .backup, .fault, .fault, .fault, .fault,
            .backup,
        ])
}

@Test func initFailStartsFailedAndTheFirstResultDecides() {
    var bench = bench(.script(rise: 2, fall: 1, startsFailed: true), weight: 0)
    #expect(
        bench.start() == [
            .transition(
                virtualRouter: 0, from: .initialize, to: .fault,
                reason: .fault(.trackedObject(0)))
        ])
    bench.tell(.tracked(object: 0, .result(success: true)), at: 1)
    #expect(bench.state() == .backup)
    bench.tell(.tracked(object: 0, .result(success: false)), at: 2)
    #expect(bench.state() == .fault)
    bench.tell(.tracked(object: 0, .result(success: true)), at: 3)
    #expect(bench.state() == .fault)
    bench.tell(.tracked(object: 0, .result(success: true)), at: 4)
    #expect(bench.state() == .backup)
}

@Test func anUnweightedReversedObjectIsAFaultWhileItWorks() {
    var bench = bench(.process, weight: 0, reversed: true)
    bench.start()
    #expect(bench.state() == .initialize)
    bench.tell(.tracked(object: 0, .working(true)), at: 1)
    #expect(bench.state() == .fault)
    bench.tell(.tracked(object: 0, .working(false)), at: 2)
    #expect(bench.state() == .backup)
}

@Test func severalFaultsAreClearedOneByOne() {
    var bench = bench(.link, weight: 0)
    bench.start()
    bench.tell(.interface(virtualRouter: 0, .down), at: 1)
    bench.tell(.source(virtualRouter: 0, nil), at: 2)
    bench.tell(.tracked(object: 0, .working(false)), at: 3)
    #expect(
        bench.router.faultReasons(of: 0) == [
            .interfaceDown, .noSourceAddress, .trackedObject(0),
        ])
    bench.tell(.interface(virtualRouter: 0, .up), at: 4)
    bench.tell(.tracked(object: 0, .working(true)), at: 5)
    #expect(bench.state() == .fault)
    #expect(bench.router.faultReasons(of: 0) == [.noSourceAddress])
    bench.tell(.source(virtualRouter: 0, Bench.host(2)), at: 6)
    #expect(bench.state() == .backup)
    #expect(bench.deadline == 9.609375)
}

@Test func whatDoesNotExistIsIgnored() {
    var bench = Bench()
    bench.start()
    #expect(bench.tell(.tracked(object: 7, .working(false)), at: 1) == [])
    #expect(bench.tell(.interface(virtualRouter: -1, .down), at: 1) == [])
    #expect(bench.tell(.source(virtualRouter: 1, nil), at: 1) == [])
    #expect(bench.hear(200, from: 9, on: 5, at: 1) == [])
}
