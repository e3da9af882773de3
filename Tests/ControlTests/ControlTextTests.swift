import Foundation
import Net
import Testing
import VRRP

@testable import Control

// What status and explain print, to the letter.

private func address(_ text: String) -> IPAddress { IPAddress(text)! }

private func held(_ text: String, _ isHeld: Bool) -> InstanceReport.Address {
    InstanceReport.Address(
        prefix: Prefix(address: address(text), length: 24), interface: "eth0", isExcluded: false,
        isHeld: isHeld)
}

private func master(_ name: ByteString = "gw4", vrid: UInt8 = 51) -> InstanceReport {
    var report = InstanceReport(name: name, interface: "eth0", vrid: vrid)
    report.link = .up
    report.state = .master
    report.age = .seconds(3 * 86_400 + 4 * 3_600)
    report.reason = "no master heard"
    report.priority = 150
    report.effectivePriority = 150
    report.totalPriority = 150
    report.source = address("192.0.2.3")
    report.sent = .milliseconds(410)
    report.next = .milliseconds(590)
    report.skewTime = .nanoseconds(414_062_500)
    report.masterDownInterval = .nanoseconds(3_414_062_500)
    report.addresses = [held("192.0.2.1", true), held("192.0.2.2", true)]
    return report
}

private func check(_ effect: TrackedEffect, ifWorking: TrackedEffect) -> InstanceReport.Share {
    var share = InstanceReport.Share(
        name: "script nginx", state: .failed, effect: effect, effectIfWorking: ifWorking)
    share.age = .seconds(125)
    share.outcome = "exit status 1"
    return share
}

private func backup() -> InstanceReport {
    var report = InstanceReport(name: "web", interface: "eth1", vrid: 60)
    report.link = .up
    report.state = .backup
    report.age = .seconds(660)
    report.reason = "198.51.100.7 has the higher priority 100"
    report.priority = 100
    report.effectivePriority = 80
    report.totalPriority = 80
    report.shares = [check(.points(-20), ifWorking: .points(0))]
    report.source = address("198.51.100.8")
    report.master = address("198.51.100.7")
    report.masterPriority = 100
    report.heard = .milliseconds(220)
    report.skewTime = .nanoseconds(687_500_000)
    report.masterDownInterval = .nanoseconds(3_687_500_000)
    report.takeOver = .nanoseconds(3_467_500_000)
    report.addresses = [held("198.51.100.1", false)]
    return report
}

private func fault() -> InstanceReport {
    var report = InstanceReport(name: "lab", interface: "eth2", vrid: 51)
    report.link = .down
    report.state = .fault
    report.age = .seconds(4)
    report.reason = "the interface is down"
    report.faults = ["the interface is down"]
    report.masterDownInterval = .nanoseconds(3_609_375_000)
    report.addresses = [held("203.0.113.1", false)]
    return report
}

private func snapshot(_ instances: InstanceReport..., groups: [GroupStatus] = []) -> Snapshot {
    var keeper = KeeperReport(version: "0.1.0")
    keeper.host = "edge1"
    keeper.uptime = .seconds(12 * 86_400 + 3 * 3_600)
    keeper.now = 1_795_630_510_184_323
    keeper.file = "/etc/keepalived/keepalived.conf"
    keeper.configurationAge = .seconds(3_600 * 3 + 120)
    var engine = EngineReport()
    engine.instances = instances
    engine.groups = groups
    return Snapshot(keeper: keeper, engine: engine, localTime: { ByteString("T\($0)") })
}

private func lines(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        .map { String($0) }
}

@Suite struct StatusTextTests {
    @Test func aTableOfAGroupABackupAndAFault() {
        var member = master()
        member.group = 0
        let group = GroupStatus(name: "gw", state: .master, members: ["gw4"])
        let text = lines(snapshot(member, backup(), fault(), groups: [group]).statusText())
        #expect(
            text == [
                "NODE edge1  martletd 0.1.0  up 12 d 03 h  configuration accepted 3 h 02 min ago"
                    + "  not real-time  memory not locked",
                "GROUP/INSTANCE  IF    VRID  STATE   SINCE     PRIO         MASTER             "
                    + "LAST ADVERT       ADDRESSES  NOTE",
                "gw              -     -     MASTER  -         -            -                  "
                    + "-                 2/2",
                "  gw4           eth0  51    MASTER  3 d 04 h  150          self               "
                    + "sent 0.41 s       2/2",
                "web             eth1  60    BACKUP  11 min    80 (100-20)  198.51.100.7 p100  "
                    + "0.22 s of 3.68 s  0/1        script nginx failing for 2 min",
                "lab             eth2  51    FAULT   4.00 s    100          -                  "
                    + "-                 0/1        the interface is down",
                "",
            ])
    }

    @Test func theNodeTellsWhatIsWrongWithIt() {
        var status = snapshot(master())
        status.keeper.refusal = .init(age: .seconds(180), reason: "/a.conf:3:5: unknown keyword x")
        status.keeper.realTime = .refused("Operation not permitted")
        status.keeper.locking = .locked(4096)
        status.keeper.deaths = 2
        status.keeper.lastDeath = .init(age: .seconds(42), how: "signal 9")
        status.engine?.preemptionPause = .seconds(18)
        let text = lines(status.statusText())
        #expect(
            text[0...5] == [
                "NODE edge1  martletd 0.1.0  up 12 d 03 h  configuration older than its file"
                    + "  real-time refused  memory locked",
                "     reload refused 3 min ago: /a.conf:3:5: unknown keyword x",
                "     after a hand-over nobody is preempted for 18 s",
                "     vrrp_rt_priority not in force: Operation not permitted",
                "     the engine died 2 times, last 42 s ago: signal 9",
                "INSTANCE  IF    VRID  STATE   SINCE     PRIO  MASTER  LAST ADVERT  ADDRESSES  NOTE",
            ])
        #expect(status.health == .degraded)
    }

    @Test func aFileThatIsNewerIsNoFault() {
        var status = snapshot(master())
        status.keeper.changeAge = .seconds(300)
        let text = lines(status.statusText())
        #expect(text[0].contains("  configuration older than its file  "))
        #expect(text[1] == "     its file was changed 5 min ago and not read since")
        #expect(status.health == .well)
    }

    @Test func withoutAnEngineThereIsNoTable() {
        var status = snapshot()
        status.engine = nil
        status.keeper.engine = .restarts(in: .milliseconds(800))
        #expect(lines(status.statusText()).count == 3)
        #expect(
            lines(status.statusText())[1] == "     the engine died; a new one starts in 0.80 s")
        #expect(status.health == .fault)
    }

    @Test func howWellThingsAre() {
        #expect(snapshot(master()).health == .well)
        #expect(snapshot(master(), backup()).health == .degraded)
        #expect(snapshot(master(), fault()).health == .fault)
        var pinned = master()
        pinned.couldPinHopLimit = true
        #expect(snapshot(pinned).health == .well)
        #expect(
            pinned.remarks.first?.text
                == "every peer arrives with TTL 255: min_ttl 255 could pin it")
        var missing = master()
        missing.addresses[1].isHeld = false
        #expect(missing.remarks == [Remark(.degraded, "1 of 2 addresses missing")])
        var unheard = backup()
        unheard.shares = []
        unheard.master = nil
        #expect(unheard.remarks == [Remark(.degraded, "no master heard yet")])
        var waiting = InstanceReport(name: "a", interface: "eth0", vrid: 1)
        waiting.awaited = ["script nginx"]
        #expect(
            waiting.remarks == [Remark(.degraded, "waits for the first result of script nginx")])
    }

    @Test func conflictsComeFirst() {
        var status = backup()
        status.rejections = [
            .init(source: address("10.0.0.8"), reason: .discarded(.authenticationMismatch)),
            .init(source: address("10.0.0.9"), reason: .discarded(.addressList)),
        ]
        #expect(
            status.remarks == [
                Remark(.fault, "foreign cluster: 10.0.0.9 uses VRID 60 for other addresses"),
                Remark(
                    .degraded, "discards packets of 10.0.0.8: authentication data mismatch"),
                Remark(.degraded, "script nginx failing for 2 min"),
            ])
        status.rejections = [.init(source: address("10.0.0.9"), reason: .ourOwn)]
        #expect(status.health == .fault)
    }

    @Test func whoIsPatientSaysSo() {
        var status = backup()
        status.shares = []
        status.masterPriority = 50
        status.preempts = false
        #expect(status.remarks == [Remark(.well, "nopreempt: stays BACKUP below priority 50")])
        status.preempts = true
        status.preemptDelayLeft = .seconds(12)
        #expect(status.remarks == [Remark(.well, "preempt_delay: 12 s left")])
    }

    @Test(arguments: [
        (Interval.zero, "0.000 s"), (.milliseconds(32), "0.032 s"), (.milliseconds(220), "0.22 s"),
        (.nanoseconds(9_999_999_999), "9.99 s"), (.seconds(42), "42 s"), (.seconds(99), "99 s"),
        (.seconds(100), "1 min"), (.seconds(5_999), "99 min"), (.seconds(6_000), "1 h 40 min"),
        (.seconds(172_799), "47 h 59 min"), (.seconds(172_800), "2 d 00 h"),
        (.seconds(-5), "0.000 s"), (Interval(nanoseconds: .max), "106751 d 23 h"),
    ]) func agesHaveUnits(age: Interval, text: String) {
        #expect(ageText(age) == text)
    }

    @Test func jsonHasAllThatTheTableHas() {
        var status = snapshot(fault())
        status.engine?.instances[0].counters = InstanceCounters(
            Counters(), discards: [0, 3] + [UInt64](repeating: 0, count: 19))
        #expect(
            lines(status.statusJSON())[0]
                == #"{"schema":1,"health":"fault","node":{"name":"edge1","version":"0.1.0","#
                + #""time":1795630510.184323,"uptime":1047600,"engine":"running","#
                + #""configuration":{"file":"\/etc\/keepalived\/keepalived.conf","#
                + #""accepted_age":10920,"older_than_file":false},"#
                + #""real_time":{"state":"not-asked"},"memory_locked":{"state":"not-asked"},"#
                + #""engine_deaths":0,"handovers":0,"notes":[]},"groups":[],"#
                + #""instances":[{"name":"lab","interface":"eth2","link":"down","vrid":51,"#
                + #""version":2,"family":"ipv4","state":"fault","state_age":4,"#
                + #""reason":"the interface is down","health":"fault","#
                + #""notes":[{"health":"fault","text":"the interface is down"}],"#
                + #""base_priority":100,"effective_priority":100,"tracked":[],"preempt":true,"#
                + #""preempt_delay":0,"master":null,"interval":1,"master_interval":1,"#
                + #""skew_time":0,"master_down_interval":3.609375,"#
                + #""addresses":[{"address":"203.0.113.1","prefix_length":24,"#
                + #""interface":"eth0","advertised":true,"held":false}],"#
                + #""could_pin_hop_limit":false,"counters":{"advertisements_sent":0,"#
                + #""advertisements_received":0,"became_master":0,"released_master":0,"#
                + #""priority_zero_sent":0,"priority_zero_received":0,"discarded":{"ttl":3}}}]}"#)
    }
}

@Suite struct JSONManualTests {
    /// A snapshot in which everything is there that may be.
    private var full: Snapshot {
        var one = backup()
        one.group = 0
        one.virtualLink = "vrrp.60"
        one.preemptDelayLeft = .seconds(1)
        one.shares[0].state = .value(3)
        var status = snapshot(
            one, master(), groups: [GroupStatus(name: "g", state: .backup, members: ["web"])])
        status.keeper.refusal = .init(age: .seconds(1), reason: "r")
        status.keeper.changeAge = .seconds(1)
        status.keeper.realTime = .refused("r")
        status.keeper.locking = .locked(1)
        status.keeper.lastDeath = .init(age: .seconds(1), how: "signal 9")
        status.engine?.preemptionPause = .seconds(1)
        status.engine?.startupDelayLeft = .seconds(1)
        status.history = [PastTransition(age: .zero, from: .backup, to: .fault, reason: "r")]
        return status
    }

    /// Every member has its name in docs/martletctl.8.
    @Test func theManualNamesEveryMember() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/martletctl.8")
        let page = try String(contentsOf: path, encoding: .utf8)
        let start = try #require(page.range(of: ".Sh JSON"))
        let words = Set(page[start.upperBound...].split { $0 == " " || $0 == "\n" })
        var real = full
        real.keeper.realTime = .inForce(50)
        var names = 0
        for text in [full.statusJSON(), full.explainJSON(), real.statusJSON()] {
            for piece in String(decoding: text, as: UTF8.self).split(separator: ",\"") {
                guard let end = piece.range(of: "\":"),
                    piece[..<end.lowerBound].allSatisfy({
                        $0.isLowercase || $0 == "_"
                    })
                else { continue }
                names += 1
                #expect(words.contains(piece[..<end.lowerBound]), "\(piece[..<end.lowerBound])")
            }
        }
        #expect(names > 100)
    }
}

@Suite struct ExplainTextTests {
    @Test func aBackupWhoseCheckFails() {
        var status = snapshot(backup())
        status.history = [
            PastTransition(
                age: .seconds(660), from: .master, to: .backup,
                reason: "198.51.100.7 has the higher priority 100"),
            PastTransition(age: .seconds(700), from: nil, to: .backup, reason: "started"),
        ]
        #expect(
            lines(status.explainText(of: "VI_1")) == [
                "web is BACKUP: 198.51.100.7 advertises priority 100, ours is 80",
                "  since        T1795629850, 11 min ago: 198.51.100.7 has the higher priority 100",
                "  interface    eth1 up, VRID 60, VRRPv2, from 198.51.100.8",
                "  priority     80 = 100 configured - 20 script nginx (failing for 2 min: exit "
                    + "status 1)",
                "  last advert  0.22 s ago; without another we take over in 3.46 s (3 x 1 s + skew "
                    + "0.6875 s = 3.6875 s)",
                "  what if      198.51.100.7 leaves with priority 0: we take over after 0.6875 s",
                "               script nginx works again: priority 100 = 100: equal never "
                    + "preempts, we stay BACKUP",
                "  as master    would not work: script nginx failing for 2 min",
                "  addresses    198.51.100.1/24 dev eth0",
                "  packets      0 sent, 0 received; with priority 0 0 and 0",
                "  history      T1795629850  MASTER -> BACKUP  198.51.100.7 has the higher "
                    + "priority 100",
                "               T1795629810  BACKUP  started",
                "",
            ])
    }

    @Test func anOwnerWhoseFaultEndsIsMasterAtOnce() {
        var report = fault()
        #expect(
            Explanation(report, EngineReport()).forecasts.map { "\($0.event): \($0.outcome)" }
                == ["that is mended: BACKUP, and MASTER after 3.609375 s without a better master"])
        report.returnsAsMaster = true
        #expect(
            Explanation(report, EngineReport()).forecasts.map { "\($0.event): \($0.outcome)" }
                == ["that is mended: MASTER at once"])
    }

    private func recovery(_ change: (inout InstanceReport) -> Void) -> String? {
        var report = backup()
        change(&report)
        let forecasts = Explanation(report, EngineReport()).forecasts
        return forecasts.last.map { "\($0.event): \($0.outcome)" }
    }

    @Test func whatARecoveryWouldChange() {
        #expect(
            recovery { $0.masterPriority = 101 }
                == "script nginx works again: priority 100 < 101: we stay BACKUP")
        // 3 x 1 s + 156/256 s
        #expect(
            recovery { $0.masterPriority = 90 }
                == "script nginx works again: priority 100 > 90: we preempt 198.51.100.7 within "
                + "3.609375 s")
        // 3 x 2 s + 2 s x 156/256
        #expect(
            recovery {
                $0.masterPriority = 90
                $0.version = .v3
                $0.masterInterval = .seconds(2)
            }
                == "script nginx works again: priority 100 > 90: we preempt 198.51.100.7 within "
                + "7.21875 s")
        #expect(
            recovery {
                $0.masterPriority = 90
                $0.preempts = false
            } == "script nginx works again: priority 100 > 90: nopreempt is set, we stay BACKUP")
        #expect(
            recovery {
                $0.masterPriority = 90
                $0.preemptDelay = .seconds(30)
            }
                == "script nginx works again: priority 100 > 90: we preempt 198.51.100.7 after "
                + "preempt_delay 30 s and 3.609375 s at most")
        #expect(
            recovery {
                $0.state = .fault
                $0.faults = ["script nginx failed"]
                $0.shares = [check(.fault, ifWorking: .points(0))]
            } == "script nginx works again: BACKUP with priority 80")
        #expect(
            recovery {
                $0.state = .master
            } == "script nginx works again: priority 100, and we stay MASTER")
    }

    @Test func whetherItWouldWorkAsMaster() {
        let engine = EngineReport()
        #expect(Explanation(master(), engine).ability.isAble)
        #expect(
            Explanation(master(), engine).ability.reason == "link up, 2 of 2 addresses held")
        #expect(Explanation(fault(), engine).ability.reason == "the interface is down")
        var deaf = backup()
        deaf.shares = []
        #expect(Explanation(deaf, engine).ability.isAble)
        deaf.source = nil
        #expect(
            Explanation(deaf, engine).ability.reason == "there is no address to send from")
        var torn = master()
        torn.addresses[0].isHeld = false
        #expect(Explanation(torn, engine).ability.reason == "1 of 2 addresses are missing")
    }

    @Test func whatASuccessorOfTheEngineDoesNotKnow() {
        var report = backup()
        report.age = .seconds(5)
        report.reason = "started"
        report.shares[0].age = .seconds(5)
        var status = snapshot(report)
        status.keeper.lastDeath = .init(age: .seconds(6), how: "signal 9")
        status.recall([
            "web": PastTransition(
                age: .seconds(660), from: .master, to: .backup, reason: "it was better")
        ])
        #expect(status.engine?.instances[0].age == .seconds(660))
        #expect(status.engine?.instances[0].reason == "it was better")
        #expect(status.engine?.instances[0].shares[0].age == nil)
        // Never started: since the machine's start, by its own clock.
        var unborn = snapshot(InstanceReport(name: "a", interface: "eth0", vrid: 1))
        unborn.engine?.instances[0].age = .seconds(9_000_000)
        unborn.recall([:])
        #expect(unborn.engine?.instances[0].age == .seconds(12 * 86_400 + 3 * 3_600))
        // Another state than the world was told: the engine knows better.
        var other = snapshot(report)
        other.recall([
            "web": PastTransition(age: .seconds(660), from: nil, to: .master, reason: "")
        ])
        #expect(other.engine?.instances[0].age == .seconds(5))
    }
}
