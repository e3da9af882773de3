import Net
import Testing
import VRRP

@testable import Daemon

// The daemon's policies on the simulated LAN: other clusters, floods, engines that die, and the
// budget of announcements.

private func host(_ number: UInt8) -> IPAddress { .v4(IPv4Address(192, 0, 2, number)) }

extension Simulation {
    fileprivate func discarded(_ reason: Discard, _ node: Int) -> Int {
        nodes[node].discards[Int(reason.rawValue)]
    }

    fileprivate func becameMaster(_ node: Int) -> UInt32 {
        nodes[node].router.virtualRouters[0].counters.becameMaster
    }

    /// Runs in steps of ten milliseconds; gives how many of them nobody held the address in.
    fileprivate mutating func stepsWithoutHolder(
        until end: Double, every period: Interval, _ body: (inout Simulation) -> Void
    ) -> Int {
        var without = 0
        var next = now + period
        while now < instant(end) {
            run(until: now + .milliseconds(10))
            if now >= next {
                next = next + period
                body(&self)
            }
            if masters.isEmpty { without += 1 }
        }
        return without
    }
}

// MARK: Other lists

/// Two clusters of two on one LAN and one VRID: each has its master, nobody obeys the other.
@Test func aForeignClusterIsNoRival() {
    var lan = lan([150, 100, 200, 120])
    for node in 2...3 {
        lan.nodes[node].plan.virtualRouters[0].addresses = [host(200)]
        lan.boot(node)
    }
    lan.run(seconds: 60)
    #expect(lan.masters == [0, 2])
    #expect((0...3).map { lan.becameMaster($0) } == [1, 0, 1, 0])
    // From 3.4 s on the other master advertises once a second.
    #expect(lan.discarded(.addressList, 0) == 57)
    lan.crash(0)
    lan.run(seconds: 64)
    #expect(lan.masters == [1, 2])
}

/// A list that overlaps is the same cluster's, in the middle of a change: one master, all the time.
@Test func overlappingListsAreOneCluster() {
    var lan = lan([150, 100])
    lan.nodes[1].plan.virtualRouters[0].addresses.append(host(200))
    lan.boot(1)
    lan.run(seconds: 60)
    #expect(lan.masters == [0])
    #expect(lan.discarded(.addressList, 1) == 0)
    #expect(lan.becameMaster(1) == 0)
    lan.crash(0)
    lan.run(seconds: 64)
    #expect(lan.masters == [1])
}

@Test func anOwnerHearsNobodyOnTheLAN() {
    var lan = lan([255, 255]) { $0.startsAsMaster = true }
    lan.run(seconds: 60)
    #expect(lan.masters == [0, 1])
    #expect(lan.discarded(.ownerIgnores, 0) > 50)
    #expect(lan.becameMaster(0) == 1)
}

// MARK: Floods

/// A thousand wrong packets a second for a minute: no transition, no late advertisement, and all of
/// them counted.
@Test func aFloodOfWrongPacketsChangesNothing() {
    var lan = lan([150, 100])
    lan.run(seconds: 10)
    let good = OutgoingAdvertisement(
        lan.nodes[0].plan.virtualRouters[0], from: host(9), to: .v4(.vrrpGroup))
    let message = [UInt8](good.bytes[good.messageOffset...])
    var flipped = message
    flipped[2] = 250
    var advertised: [Instant] = []
    for step in 1...60_000 {
        lan.run(until: instant(10) + .milliseconds(Int64(step)))
        switch step % 4 {
        case 0: lan.intrude(flipped, from: host(9))
        case 1: lan.intrude([UInt8](message.dropLast()), from: host(9))
        case 2: lan.intrude(message, from: host(9), hopLimit: 254)
        default: lan.intrude(message + [0, 0, 0, 0], from: host(9))
        }
        if let last = lan.nodes[0].lastSent[0], advertised.last != last { advertised.append(last) }
    }
    #expect(lan.masters == [0])
    #expect(lan.becameMaster(0) == 1 && lan.becameMaster(1) == 0)
    for reason in [Discard.checksum, .packetTooShort, .ttl, .packetLength] {
        #expect(lan.discarded(reason, 0) == 15_000)
        #expect(lan.discarded(reason, 1) == 15_000)
    }
    #expect(advertised.count == 61)
    for (before, after) in zip(advertised, advertised.dropFirst()) {
        #expect(after - before > .milliseconds(999) && after - before < .milliseconds(1_001))
    }
}

// MARK: Engines that die

/// Once is nothing; twice within ten seconds hands over, and then nobody is preempted for a minute.
@Test func anEngineThatDiesTwiceHandsOver() {
    var lan = lan([150, 100])
    lan.run(seconds: 10)
    lan.engineDies(0)
    lan.run(seconds: 12)
    #expect(lan.masters == [0])
    lan.engineDies(0)
    #expect(lan.masters == [])
    // Skew_Time of priority 100.
    lan.run(seconds: 12.62)
    #expect(lan.masters == [1])
    lan.run(seconds: 71)
    #expect(lan.masters == [1])
    // 60 s after the hand-over it may preempt: Master_Down_Interval later it does.
    lan.run(seconds: 76)
    #expect(lan.masters == [0])
    #expect(lan.failure == nil)
}

@Test func anEngineThatHangsHandsOverAtOnce() {
    var lan = lan([150, 100])
    lan.run(seconds: 10)
    lan.pause(0)
    lan.run(seconds: 12.2)
    lan.engineDies(0, hung: true)
    lan.run(seconds: 12.82)
    #expect(lan.masters == [1])
    #expect(lan.nodes[0].policy.preemptionPausedUntil(at: lan.now) == instant(72.2))
}

/// Nobody there to take over: it takes the address back from silence, and is then resumed.
@Test func aloneItComesBackFromSilence() {
    var lan = lan([150])
    lan.run(seconds: 10)
    lan.engineDies(0)
    lan.run(seconds: 10.5)
    lan.engineDies(0)
    #expect(lan.masters == [])
    // A new engine at once, which waits a Master_Down_Interval of priority 150: 3.4140625 s.
    lan.run(seconds: 13.90)
    #expect(lan.masters == [])
    lan.run(seconds: 13.92)
    #expect(lan.masters == [0])
    for second in 16...60 {
        lan.run(seconds: Double(second))
        lan.engineDies(0)
        #expect(lan.masters == [0])
    }
}

/// A packet that kills every engine, again and again. Whoever held the address a second time in ten
/// seconds gives it away, and whoever held nothing waits on for the same silence: at advert_int 0.1
/// each of two machines lets the address go once, for a Master_Down_Interval (0.341 and 0.361 s) at
/// most. Who got it back after that is resumed for an hour.
@Test(arguments: [600, 700, 900, 1_100, 1_300, 5_000])
func aPacketThatKillsEveryEngineDoesNotKillTheService(_ milliseconds: Int64) {
    var lan = lan([150, 100]) {
        $0.version = .v3
        $0.advertisementInterval = .centiseconds(10)
    }
    lan.run(seconds: 10)
    let kill: (inout Simulation) -> Void = { lan in
        for node in lan.nodes.indices { lan.engineDies(node) }
    }
    let early = lan.stepsWithoutHolder(until: 30, every: .milliseconds(milliseconds), kill)
    #expect(early <= 75)
    let late = lan.stepsWithoutHolder(until: 300, every: .milliseconds(milliseconds), kill)
    #expect(late == 0)
}

/// Kills that come faster than an engine counts as grown up leave the address with nobody for as long
/// as they go on, and no longer than a Master_Down_Interval and the rest between two starts after.
@Test(arguments: [50, 150, 250, 450])
func afterTheLastKillTheAddressIsBackInAMasterDownInterval(_ milliseconds: Int64) {
    for end in [13.0, 20.3, 61.7] {
        var lan = lan([150, 100]) {
            $0.version = .v3
            $0.advertisementInterval = .centiseconds(10)
        }
        lan.run(seconds: 10)
        _ = lan.stepsWithoutHolder(until: end, every: .milliseconds(milliseconds)) { lan in
            for node in lan.nodes.indices { lan.engineDies(node) }
        }
        let rest = milliseconds < 500 && end > 12 ? 1.0 : 0.2
        lan.run(seconds: end + 0.37 + rest)
        #expect(lan.masters.count == 1)
        #expect(lan.failure == nil)
    }
}

/// A backup whose engine is killed all the time still notices that its master is gone: it counts on,
/// and not from the beginning. Master_Down_Interval of priority 100 at 1 s is 3.609375 s.
@Test func whoIsKilledWhileItWaitsCountsOn() {
    var lan = lan([150, 100])
    lan.run(seconds: 10)
    let last = lan.nodes[0].lastSent[0] ?? instant(0)
    lan.crash(0)
    for step in 1...40 {
        lan.run(until: instant(10) + .milliseconds(Int64(step) * 100))
        if step % 7 == 0, lan.masters.isEmpty { lan.engineDies(1) }
    }
    #expect(lan.masters == [1])
    let waited = lan.nodes[1].router.virtualRouters[0].since - last
    #expect(waited > .milliseconds(3_609) && waited < .milliseconds(3_612))
}

/// Whose master lives does not take over for it: what it heard before the crash counts.
@Test func whoIsKilledWhileItsMasterLivesStaysBackup() {
    var lan = lan([150, 100])
    lan.run(seconds: 10)
    for step in 1...600 {
        lan.run(until: instant(10) + .milliseconds(Int64(step) * 100))
        if step % 3 == 0 { lan.engineDies(1) }
    }
    #expect(lan.masters == [0])
    #expect(lan.becameMaster(1) == 0 && lan.becameMaster(0) == 1)
}

// MARK: Announcements

/// The master of 150 virtual routers with two addresses each: 300 addresses, five frames each, and
/// five more each after five seconds. 500 frames a second and a burst of one second's worth.
@Test func announcementsKeepTheirBudget() {
    var simulation = Simulation(seed: 7)
    var plan = RouterPlan()
    for index in 0..<150 {
        var parameters = Bench.parameters("VI_\(index)", UInt8(1 + index))
        parameters.addresses = [
            .v4(IPv4Address(10, 0, 0, UInt8(index))), .v4(IPv4Address(10, 0, 1, UInt8(index))),
        ]
        parameters.priority = 150
        plan.virtualRouters.append(parameters)
    }
    simulation.nodes.append(SimulationNode(plan, address: host(1)))
    simulation.boot(0)
    simulation.nodes[0].countsAnnouncements = true
    simulation.run(seconds: 30)
    let announced = simulation.nodes[0].announced
    #expect(announced.count == 3_000)
    // Nobody's second frame before everybody's first.
    #expect(Set(announced.prefix(300).map { $0.address }).count == 300)
    var first = 0
    for (position, frame) in announced.enumerated() {
        while frame.time - announced[first].time >= .seconds(1) { first += 1 }
        #expect(position - first < 1_001)
    }
    // 1,500 frames at 500 a second, one second's worth at once.
    #expect(announced[1_499].time - announced[0].time >= .milliseconds(1_998))
    #expect(announced[1_499].time - announced[0].time < .milliseconds(2_100))
    #expect(simulation.failure == nil)
}
