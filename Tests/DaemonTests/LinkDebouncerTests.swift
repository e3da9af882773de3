@testable import Config
import Net
import Testing
import VRRP

@testable import Daemon

private func moment(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: 5_000_000_000 + milliseconds * 1_000_000)
}

@Suite struct LinkDebouncerTests {
    private let delay = LinkDelay(interface: "eth0", down: .milliseconds(200), up: .seconds(1))

    @Test func aChangeCountsOnceItHasLasted() {
        var links = LinkDebouncer()
        #expect(links.status(of: "eth0", .up, delay, at: moment(0)) == .up)
        #expect(links.deadline == nil)
        #expect(links.status(of: "eth0", .down, delay, at: moment(100)) == .up)
        #expect(links.deadline == moment(300))
        #expect(links.status(of: "eth0", .down, delay, at: moment(299)) == .up)
        #expect(links.status(of: "eth0", .down, delay, at: moment(300)) == .down)
        #expect(links.deadline == nil)
        #expect(links.status(of: "eth0", .up, delay, at: moment(400)) == .down)
        #expect(links.deadline == moment(1400))
        #expect(links.status(of: "eth0", .up, delay, at: moment(1400)) == .up)
    }

    @Test func whatIsTakenBackNeverHappened() {
        var links = LinkDebouncer()
        #expect(links.status(of: "eth0", .up, delay, at: moment(0)) == .up)
        #expect(links.status(of: "eth0", .down, delay, at: moment(100)) == .up)
        #expect(links.status(of: "eth0", .up, delay, at: moment(200)) == .up)
        #expect(links.deadline == nil)
        // The delay begins anew.
        #expect(links.status(of: "eth0", .down, delay, at: moment(250)) == .up)
        #expect(links.deadline == moment(450))
    }

    @Test func zeroIsAtOnce() {
        var links = LinkDebouncer()
        let none = LinkDelay(interface: "eth0", down: .zero, up: .zero)
        #expect(links.status(of: "eth0", .up, none, at: moment(0)) == .up)
        #expect(links.status(of: "eth0", .down, none, at: moment(1)) == .down)
    }

    @Test func whatIsMissingIsSoAtOnceAndComesBackAtOnce() {
        var links = LinkDebouncer()
        #expect(links.status(of: "eth0", .up, delay, at: moment(0)) == .up)
        #expect(links.status(of: "eth0", .missing, delay, at: moment(1)) == .missing)
        #expect(links.status(of: "eth0", .down, delay, at: moment(2)) == .down)
        #expect(links.status(of: "eth0", .up, delay, at: moment(3)) == .down)
        #expect(links.deadline == moment(1003))
    }
}
