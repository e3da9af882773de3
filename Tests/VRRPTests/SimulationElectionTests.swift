import Net
import Testing
import VRRP

// Elections in trouble, on the simulated LAN.

@Test func ofTwoOwnersOnOneLANOneStaysMaster() {
    for seed in 1...50 {
        var lan = lan([255, 255], seed: UInt64(seed)) {
            $0.startsAsMaster = true
            $0.ownerIgnoresAdvertisements = false
        }
        lan.run(seconds: 3)
        #expect(lan.masters == [1])
        lan.crash(1)
        // 3 s and 1/256 s after the last advertisement, which was at 3 s at the latest.
        lan.run(seconds: 6.1)
        #expect(lan.masters == [0])
    }
}

@Test func aMasterThatStalledLeavesTheAddressToItsSuccessor() {
    var lan = lan([150, 100]) {
        $0.preempts = false
        $0.stallPriority = 254
    }
    lan.run(seconds: 10)
    #expect(lan.masters == [0])
    lan.pause(0)
    lan.run(seconds: 20)
    #expect(lan.masters == [0, 1])
    lan.proceed(0)
    #expect(lan.masters == [1])
    lan.run(seconds: 60)
    #expect(lan.masters == [1])
}

/// Both stall, as two machines on one host do: whoever was master says that it lets go, so the LAN
/// is without the address for a Skew_Time and not for a Master_Down_Interval.
@Test func aStallOfEverybodyEnds() {
    var lan = lan([150, 100]) {
        $0.preempts = false
        $0.stallPriority = 254
    }
    lan.run(seconds: 10)
    for node in 0...1 { lan.pause(node) }
    lan.run(seconds: 20)
    for node in 0...1 { lan.proceed(node) }
    lan.run(seconds: 20.65)
    #expect(lan.masters == [1])
}

/// A port that does not forward at first: two masters until it does, one at once after.
@Test func aDeafNodeLetsGoAsSoonAsItHears() {
    var lan = lan([150, 100])
    lan.nodes[1].side = 1
    lan.run(seconds: 10)
    #expect(lan.masters == [0, 1])
    lan.nodes[1].side = 0
    lan.run(seconds: 11.01)
    #expect(lan.masters == [0])
}

@Test func aDeafNodeWaitsUnderAStartupDelay() {
    var lan = lan([150, 100])
    lan.nodes[1].plan.startupDelay = .seconds(15)
    lan.boot(1)
    lan.nodes[1].side = 1
    lan.run(seconds: 12)
    lan.nodes[1].side = 0
    lan.run(seconds: 60)
    #expect(lan.masters == [0])
    #expect(lan.nodes[1].router.virtualRouters[0].counters.becameMaster == 0)
}

/// A queue that overflowed while the backup was busy: the master's advertisements are among what
/// was lost, and the backup listens again before it takes over.
@Test func anOverflowedQueueIsNoSilence() {
    var lan = lan([150, 100])
    lan.run(seconds: 10)
    lan.pause(1)
    lan.run(seconds: 14.2)
    lan.nodes[1].queue = []
    lan.nodes[1].isLossy = true
    lan.proceed(1)
    #expect(lan.masters == [0])
    lan.run(seconds: 60)
    #expect(lan.nodes[1].router.virtualRouters[0].counters.becameMaster == 0)
}
