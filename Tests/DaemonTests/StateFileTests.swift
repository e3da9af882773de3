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
            routes: [route], rules: [rule])
    }

    @Test func whatIsWrittenIsRead() {
        #expect(StateFile.parse(StateFile.text(held())) == held())
        #expect(StateFile.parse(StateFile.text(Leftovers())) == Leftovers())
    }

    @Test func oneLineEach() {
        let lines = StateFile.text(held()).split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 3)
        #expect(lines[0].elementsEqual("192.0.2.100/24 eth0".utf8))
        #expect(lines[1].starts(with: "route-1 04000000c63364".utf8))
        #expect(lines[2].starts(with: "rule-1 ".utf8))
    }

    /// Every prefix of a file names less, and nothing else; so do lines that were distorted.
    @Test func aBrokenFileNamesNothingElse() {
        let text = StateFile.text(held())
        for length in text.indices {
            let found = StateFile.parse([UInt8](text[..<length]))
            #expect(found.routes.isEmpty || found.routes == held().routes)
            #expect(found.rules.isEmpty || found.rules == held().rules)
        }
        for line in [
            "route-1 ", "route-1 0", "route-1 zz", "route-2 00", "rule-1 00", "x", "1 2 3",
        ] {
            #expect(StateFile.parse([UInt8](line.utf8)) == Leftovers())
        }
    }

    @Test func routesAndRulesInTheOrderOfAdding() {
        #expect(
            held().holdings.map { $0.key.description }.first
                == "route 198.51.100.0/24 via 192.0.2.9 dev eth0 vrf blue")
        #expect(held().holdings.count == 2)
    }
}
