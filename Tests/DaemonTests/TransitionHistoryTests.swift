import Config
import Control
import Net
import Testing
import VRRP

@testable import Daemon

@Suite struct TransitionHistoryTests {
    private func transition(_ second: Int64, _ reason: String = "no master heard") -> Transition {
        Transition(
            time: Instant(nanoseconds: second * 1_000_000_000), from: .backup, to: .master,
            reason: ByteString(reason))
    }

    private func table(_ generation: UInt32, _ names: ByteString...) -> KeeperTable {
        var table = KeeperTable()
        table.generation = generation
        for name in names { table.instances.append(SubjectEntry(name: name, sendsMail: false)) }
        return table
    }

    @Test func theLatestComesFirst() {
        var history = TransitionHistory(generation: 1)
        history.add(0, transition(1))
        history.add(3, transition(2))
        history.add(0, transition(3, ""))
        #expect(history.transitions(of: 0) == [transition(3, ""), transition(1)])
        #expect(history.transitions(of: 3) == [transition(2)])
        #expect(history.transitions(of: 1) == [])
        #expect(history.last == [0: transition(3, ""), 3: transition(2)])
    }

    @Test func firstTransitionsComeFromNowhere() {
        var history = TransitionHistory(generation: 1)
        var first = transition(1)
        first.from = nil
        first.to = .fault
        history.add(0, first)
        #expect(history.transitions(of: 0) == [first])
    }

    /// 27 bytes each: 606 of them fit into 16 KiB; of those a quarter goes when there is no room.
    @Test func theOldestMakeRoom() {
        var history = TransitionHistory(generation: 1)
        func varied(_ second: Int) -> Transition {
            transition(Int64(second), second % 2 == 0 ? "no master heard" : "still none here")
        }
        for second in 1...606 { history.add(0, varied(second)) }
        #expect(history.transitions(of: 0).count == 606)
        history.add(0, varied(607))
        let rest = history.transitions(of: 0)
        #expect(rest.count == 455)
        #expect(rest.first == varied(607))
        #expect(rest.last == varied(153))
        for second in 608...5_000 { history.add(0, varied(second)) }
        #expect(history.transitions(of: 0).first == varied(5_000))
        #expect((455...606).contains(history.transitions(of: 0).count))
    }

    /// A mass take-over: 27 bytes, then 12 each.
    @Test func oneReasonIsWrittenOnce() {
        var history = TransitionHistory(generation: 1)
        for instance in 0..<1364 { history.add(instance, transition(1)) }
        #expect(history.last.count == 1364)
        history.add(2000, transition(2, "another"))
        history.add(2001, transition(2, "another"))
        #expect(history.transitions(of: 2001) == [transition(2, "another")])
        #expect(history.transitions(of: 0) == [])
        #expect(history.transitions(of: 1363) == [transition(1)])
        #expect(history.last.count == 1364 - 342 + 2)
    }

    @Test func aLongReasonIsCut() {
        var history = TransitionHistory(generation: 1)
        history.add(0, transition(1, String(repeating: "x", count: 300)))
        #expect(history.transitions(of: 0)[0].reason.count == 200)
    }

    @Test func namesGoOnThroughAReload() {
        var history = TransitionHistory(generation: 1)
        history.add(0, transition(1))
        history.add(1, transition(2))
        history.add(2, transition(3))
        let old = table(1, "a", "b", "c")
        let new = table(2, "c", "d", "a")
        history.move(from: old, to: new)
        #expect(history.transitions(of: 0) == [transition(3)])
        #expect(history.transitions(of: 1) == [])
        #expect(history.transitions(of: 2) == [transition(1)])
        // A second call for the same table changes nothing.
        history.move(from: old, to: new)
        #expect(history.transitions(of: 2) == [transition(1)])
    }

    @Test func positionsThatCannotBeAreNotKept() {
        var history = TransitionHistory(generation: 1)
        history.add(-1, transition(1))
        history.add(70_000, transition(1))
        #expect(history.last == [:])
    }
}

@Suite struct ReportCodingTests {
    private var report: EngineReport {
        var report = EngineReport()
        report.routerID = "edge1"
        report.preemptionPause = .seconds(5)
        report.groups = [GroupStatus(name: "g", state: .fault, members: ["a", "b"])]
        var instance = InstanceReport(name: "a", interface: "eth0", vrid: 7)
        instance.group = 0
        instance.virtualLink = "vrrp.7"
        instance.link = .up
        instance.version = .v3
        instance.family = .ipv6
        instance.state = .backup
        instance.faults = ["x"]
        instance.awaited = ["y"]
        instance.totalPriority = -7
        var share = InstanceReport.Share(
            name: "file f", state: .value(-3), effect: .points(-6), effectIfWorking: .wait)
        share.age = .seconds(2)
        share.outcome = "o"
        instance.shares = [share]
        instance.preempts = false
        instance.preemptDelayLeft = .milliseconds(5)
        instance.isWaitingForGroup = true
        instance.source = IPAddress("fe80::1")
        instance.master = IPAddress("fe80::2")
        instance.masterPriority = 200
        instance.heard = .zero
        instance.takeOver = .seconds(3)
        let prefix = Prefix(address: IPAddress("fe80::9")!, length: 64)
        instance.addresses = [
            .init(prefix: prefix, interface: "eth0", isExcluded: true, isHeld: true)
        ]
        instance.couldPinHopLimit = true
        instance.rejections = [
            .init(source: IPAddress("fe80::3")!, reason: .discarded(.addressList)),
            .init(source: IPAddress("fe80::3")!, reason: .ourOwn),
        ]
        instance.differingList = IPAddress("fe80::4")
        instance.counters.discards = [1, 2]
        instance.counters.core.advertisementsSent = 9
        instance.counters.core.becameMaster = 2
        report.instances = [instance, InstanceReport(name: "b", interface: "", vrid: 8)]
        return report
    }

    private func encoded(_ report: EngineReport) -> [UInt8] {
        var writer = ByteWriter()
        report.encodeHead(into: &writer)
        for instance in report.instances { instance.encode(into: &writer) }
        return writer.bytes
    }

    @Test func aReportComesBackAsItWas() throws {
        #expect(try EngineReport(encoded(report)) == report)
    }

    /// Instances follow one another to the end, so a report may end behind each.
    @Test func whatEndsEarlyIsNone() {
        var whole = EngineReport()
        whole = report
        whole.instances = [report.instances[0]]
        let bytes = encoded(whole)
        var head = ByteWriter()
        whole.encodeHead(into: &head)
        for length in 0..<bytes.count where length != head.bytes.count {
            #expect(throws: DecodingError.self) { try EngineReport([UInt8](bytes[..<length])) }
        }
    }

    /// What a taken-over engine may write: refused or read, never a trap.
    @Test func anyByteMayBeWrong() {
        let bytes = encoded(report)
        for position in bytes.indices {
            for value: UInt8 in [0, 1, 0x7f, 0x80, 0xff] {
                var changed = bytes
                changed[position] = value
                guard let read = try? EngineReport(changed) else { continue }
                let snapshot = Snapshot(
                    keeper: KeeperReport(version: "0"), engine: read,
                    localTime: { ByteString("\($0)") })
                #expect(!snapshot.statusText().isEmpty && !snapshot.statusJSON().isEmpty)
                #expect(!snapshot.explainText(of: "web").isEmpty && !snapshot.explainJSON().isEmpty)
            }
        }
    }

    @Test func lockedMemoryIsReadFromProc() {
        let status = [UInt8]("Name:\tmartletd\nVmLck:\t    3128 kB\nVmPin:\t 0 kB\n".utf8)
        #expect(lockedKilobytes(status) == 3128)
        #expect(lockedKilobytes([]) == nil)
        #expect(lockedKilobytes([UInt8]("VmLck:\n".utf8)) == nil)
    }

    @Test func messagesComeBack() throws {
        for message in [
            KeeperMessage.report(number: 7, instance: "web"), .report(number: 8, instance: nil),
        ] { #expect(try KeeperMessage(message.encode()) == message) }
        let answer = EngineMessage.report(number: 7)
        #expect(try EngineMessage(answer.encode()) == answer)
    }
}
