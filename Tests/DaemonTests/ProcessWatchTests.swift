import Config
import Linux
import Net
import Testing

@testable import Daemon

@Suite struct ProcessWatchTests {
    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: 1_000_000_000_000) + .milliseconds(milliseconds)
    }

    private func entry(
        _ words: String..., matching: ProcessMatching = .name, quorum: Int = 1,
        maximum: Int? = nil, delay: Int64 = 0
    ) -> ProcessEntry {
        ProcessEntry(
            name: "p", words: words.map { ByteString($0) }, matching: matching, quorum: quorum,
            quorumMaximum: maximum, forkDelay: .milliseconds(delay),
            terminateDelay: .milliseconds(delay))
    }

    private func image(_ name: String, _ words: String...) -> ProcessImage {
        ProcessImage(name: ByteString(name), words: words.map { ByteString($0) })
    }

    private func changes(_ watch: inout ProcessWatch, at milliseconds: Int64) -> [Bool] {
        watch.changes(at: at(milliseconds)).map { $0.isWorking }
    }

    @Test func theFirstLookDecidesAtOnce() {
        var watch = ProcessWatch([entry("nginx", delay: 5000)])
        #expect(watch.results == [nil])
        watch.replace([(7, image("nginx"))], at: at(0))
        #expect(changes(&watch, at: 0) == [true])
        #expect(watch.results == [true])
    }

    @Test func aQuorumIsGainedAndLost() {
        var watch = ProcessWatch([entry("nginx", quorum: 2)])
        watch.replace([(7, image("nginx")), (8, image("sh"))], at: at(0))
        #expect(changes(&watch, at: 0) == [false])
        watch.update(8, image("nginx"), at: at(1))
        #expect(changes(&watch, at: 1) == [true])
        watch.update(7, nil, at: at(2))
        #expect(changes(&watch, at: 2) == [false])
        watch.update(99, nil, at: at(3))
        #expect(changes(&watch, at: 3) == [])
    }

    @Test func moreThanTheMaximumIsAFailure() {
        var watch = ProcessWatch([entry("nginx", maximum: 1)])
        watch.replace([(7, image("nginx"))], at: at(0))
        #expect(changes(&watch, at: 0) == [true])
        watch.update(8, image("nginx"), at: at(1))
        #expect(changes(&watch, at: 1) == [false])
    }

    @Test func aLossThatDoesNotLastIsNone() {
        var watch = ProcessWatch([entry("nginx", delay: 100)])
        watch.replace([(7, image("nginx"))], at: at(0))
        #expect(changes(&watch, at: 0) == [true])
        watch.update(7, nil, at: at(10))
        #expect(watch.deadline == at(110))
        watch.update(8, image("nginx"), at: at(60))
        #expect(watch.deadline == nil)
        watch.update(8, nil, at: at(200))
        #expect(changes(&watch, at: 299) == [])
        #expect(changes(&watch, at: 300) == [false])
    }

    @Test func namesAreComparedWhole() {
        #expect(entry("nginx").matches(image("nginx")))
        #expect(!entry("nginx").matches(image("nginx2")))
        // The kernel keeps 15 bytes.
        #expect(entry("a-name-of-twenty-one").matches(image("a-name-of-twent")))
        #expect(entry("/usr/bin/x").matches(image("x", "/usr/bin/x", "-v")))
        #expect(!entry("/usr/bin/x").matches(image("x", "x")))
    }

    @Test func commandLinesAreComparedAsFarAsIsWanted() {
        let running = image("sleep", "sleep", "100")
        #expect(entry("sleep", "100", matching: .command).matches(running))
        #expect(!entry("sleep", matching: .command).matches(running))
        #expect(entry("sleep", matching: .partial).matches(running))
        #expect(entry("sleep", "10", matching: .initial).matches(running))
        #expect(!entry("sleep", "10", matching: .partial).matches(running))
        #expect(!entry("sleep", "100", "x", matching: .initial).matches(running))
    }
}
