import Net
import Testing

@testable import Daemon

@Suite struct AnnouncerTests {
    private let first = IPAddress.v4(IPv4Address(192, 0, 2, 1))
    private let second = IPAddress.v4(IPv4Address(192, 0, 2, 2))
    private let third = IPAddress.v6(IPv6Address(high: 0xfe80 << 48, low: 3))
    private let start = Instant(nanoseconds: 1_000_000_000_000)

    private func take(
        _ announcer: inout Announcer, at now: Instant, limit: Int = 1000
    ) -> [IPAddress] {
        var sent: [IPAddress] = []
        announcer.due(at: now, limit: limit) { sent.append($0.address) }
        return sent
    }

    @Test func framesGoRoundRobinOverAddresses() {
        var announcer = Announcer()
        announcer.schedule(first, on: 2, count: 2)
        announcer.schedule(second, on: 2, count: 1)
        #expect(take(&announcer, at: start) == [first, second, first])
        #expect(announcer.deadline == nil)
    }

    @Test func fiveHundredFramesASecondAfterABurst() {
        var announcer = Announcer()
        announcer.schedule(first, on: 2, count: 2000)
        #expect(take(&announcer, at: start).count == 501)
        #expect(take(&announcer, at: start).isEmpty)
        #expect(take(&announcer, at: start + .milliseconds(100)).count == 50)
    }

    @Test func afterTheBurstTenFramesGoTogether() {
        var announcer = Announcer()
        announcer.schedule(first, on: 2, count: 514)
        #expect(take(&announcer, at: start).count == 501)
        #expect(announcer.deadline == start + .milliseconds(20))
        #expect(take(&announcer, at: start + .milliseconds(20)).count == 10)
        // Three are left.
        #expect(announcer.deadline == start + .milliseconds(26))
        #expect(take(&announcer, at: start + .milliseconds(26)).count == 3)
        #expect(announcer.deadline == nil)
    }

    @Test func manyInterfacesTakeTurns() {
        var announcer = Announcer()
        for interface in Int32(1)...6 { announcer.schedule(first, on: interface, count: 3) }
        var sent: [Int32] = []
        for _ in 0..<3 {
            sent.append(0)
            announcer.due(at: start, limit: 2) { sent.append($0.interface) }
        }
        #expect(
            sent == [
                0, 1, 1, 2, 2, 3, 3, 4, 4, 0, 5, 5, 6, 6, 1, 2, 3, 4, 0, 5, 6,
            ])
        #expect(announcer.deadline == nil)
    }

    @Test func whileMoreAddressesComeOnlyFirstFramesGo() {
        var announcer = Announcer()
        var sent: [IPAddress] = []
        announcer.schedule(first, on: 2, count: 2)
        announcer.due(at: start, limit: 100, firstOnly: true) { sent.append($0.address) }
        announcer.schedule(second, on: 2, count: 2)
        announcer.due(at: start, limit: 100, firstOnly: true) { sent.append($0.address) }
        announcer.due(at: start, limit: 100, firstOnly: true) { sent.append($0.address) }
        #expect(sent == [first, second])
        #expect(announcer.deadline != nil)
        #expect(take(&announcer, at: start) == [first, second])
        #expect(announcer.deadline == nil)
    }

    @Test func aThousandAddressesKeepTheirOrderAndLoseNone() {
        var announcer = Announcer()
        let addresses = (0..<1000).map {
            IPAddress.v4(IPv4Address(10, 0, UInt8($0 / 250), UInt8($0 % 250)))
        }
        for address in addresses { announcer.schedule(address, on: 2, count: 2) }
        for address in addresses[100..<200] { announcer.cancel(address, on: 2) }
        announcer.schedule(addresses[150], on: 2, count: 1)
        var sent: [IPAddress] = []
        for second in 0..<6 {
            sent += take(&announcer, at: start + .seconds(Int64(second)), limit: 5000)
        }
        let kept = Array(addresses[..<100] + addresses[200...])
        #expect(sent == kept + [addresses[150]] + kept)
        #expect(announcer.deadline == nil)
    }

    @Test func interfacesHaveTheirOwnBudget() {
        var announcer = Announcer()
        announcer.schedule(first, on: 2, count: 600)
        announcer.schedule(first, on: 3, count: 600)
        #expect(take(&announcer, at: start).count == 1002)
    }

    @Test func gapsBetweenFramesOfAnInterface() {
        var announcer = Announcer()
        announcer.paces[2] = .init(gate: 2, arp: .milliseconds(3), neighbor: .zero)
        announcer.schedule(first, on: 2, count: 1)
        announcer.schedule(second, on: 2, count: 1)
        announcer.schedule(third, on: 2, count: 2)
        // Neighbor Advertisements have no gap.
        #expect(take(&announcer, at: start) == [first, third, third])
        #expect(announcer.deadline == start + .milliseconds(3))
        #expect(take(&announcer, at: start + .milliseconds(2)).isEmpty)
        #expect(take(&announcer, at: start + .milliseconds(3)) == [second])
        #expect(announcer.deadline == nil)
    }

    @Test func interfacesOfAGroupTakeTurns() {
        var announcer = Announcer()
        announcer.paces[2] = .init(gate: -1, arp: .milliseconds(3), neighbor: .zero)
        announcer.paces[3] = .init(gate: -1, arp: .milliseconds(3), neighbor: .zero)
        announcer.schedule(first, on: 2, count: 1)
        announcer.schedule(second, on: 3, count: 1)
        #expect(take(&announcer, at: start).count == 1)
        #expect(announcer.deadline == start + .milliseconds(3))
        #expect(take(&announcer, at: start + .milliseconds(3)).count == 1)
        #expect(announcer.deadline == nil)
    }

    @Test func whatIsCancelledIsNotSent() {
        var announcer = Announcer()
        announcer.schedule(first, on: 2, count: 5)
        announcer.schedule(second, on: 2, count: 1)
        announcer.cancel(first, on: 2)
        #expect(take(&announcer, at: start) == [second])
    }
}
