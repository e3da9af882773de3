import Net
import Testing

@testable import Daemon

/// The state file: what a start after a kill of both processes finds, and what it makes of a file
/// that is not its own.
@Suite struct StateFileTests {
    private func held() -> Leftovers {
        let address = Prefix(address: .v4(IPv4Address(192, 0, 2, 100)), length: 24)
        var route = Route(
            destination: Prefix(address: .v4(IPv4Address(198, 51, 100, 0)), length: 24))
        route.hops = [Route.Hop(gateway: IPAddress("192.0.2.9"), interface: "eth0")]
        route.metric = 7
        route.vrf = "blue"
        var rule = Rule(family: .ipv6, preference: 500, action: .lookup(table: 1234))
        rule.inputInterface = "eth0"
        rule.mark = 3
        return Leftovers(
            addresses: [DeclaredAddress(prefix: address, interface: "eth0", isOwners: false)],
            routes: [route], rules: [rule], links: ["vrrp.51"],
            promoted: [PromotedInterface(name: "eth0", index: 5)], localIGMP: 1)
    }

    @Test func whatIsWrittenIsRead() {
        #expect(StateFile.parse(StateFile.text(held())) == held())
        #expect(StateFile.parse(StateFile.text(Leftovers())) == Leftovers())
    }

    @Test func oneLineEach() {
        let lines = StateFile.text(held()).split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 6)
        #expect(lines[0].elementsEqual("192.0.2.100/24 eth0".utf8))
        #expect(lines[1].starts(with: "route-1 04000000c63364".utf8))
        #expect(lines[2].starts(with: "rule-1 ".utf8))
        #expect(lines[3].elementsEqual("link vrrp.51".utf8))
        #expect(lines[4].elementsEqual("promoted eth0 5".utf8))
        #expect(lines[5].elementsEqual("igmp_link_local_mcast_reports 1".utf8))
    }

    /// Every prefix of a file names less, and nothing else; so do lines that were distorted.
    @Test func aBrokenFileNamesNothingElse() {
        let text = StateFile.text(held())
        for length in text.indices {
            let found = StateFile.parse([UInt8](text[..<length]))
            #expect(found.addresses.isEmpty || found.addresses == held().addresses)
            #expect(found.routes.isEmpty || found.routes == held().routes)
            #expect(found.rules.isEmpty || found.rules == held().rules)
            #expect(found.links.isEmpty || found.links == held().links)
            #expect(found.promoted.isEmpty || found.promoted == held().promoted)
            #expect(found.localIGMP == nil)
        }
        for line in [
            "route-1 ", "route-1 0", "route-1 zz", "route-2 00", "rule-1 00", "x", "1 2 3",
            "link", "link a b", "promoted eth0", "promoted eth0 x", "promoted eth0 5 6",
            "igmp_link_local_mcast_reports -1", "igmp_link_local_mcast_reports",
        ] {
            #expect(StateFile.parse([UInt8]("\(line)\n".utf8)) == Leftovers())
        }
    }

    /// What one daemon left, and what another would leave, in one file.
    @Test func leftoversAddUp() {
        var both = Leftovers(links: ["vrrp.52"])
        #expect(!both.isEmpty && Leftovers().isEmpty)
        both.add(held())
        #expect(both.links == ["vrrp.52", "vrrp.51"])
        #expect(both.addresses == held().addresses && both.localIGMP == 1)
        both.add(Leftovers(localIGMP: 7))
        #expect(both.localIGMP == 1, "the value from before stays")
    }

    @Test func routesAndRulesInTheOrderOfAdding() {
        #expect(
            held().holdings.map { $0.key.description }.first
                == "route 198.51.100.0/24 via 192.0.2.9 dev eth0 vrf blue")
        #expect(held().holdings.count == 2)
    }
}
