import Config
import Net
import Testing

/// Lines of virtual_routes and virtual_rules, and what they mean to the kernel.
struct RouteLineTests {
    private func read(_ block: String, _ lines: [String], files: [String: String] = [:])
        -> ParseResult
    {
        let text = """
            vrrp_instance VI {
                interface eth0
                virtual_router_id 51
                virtual_ipaddress {
                    192.0.2.100/24
                }
                \(block) {
                    \(lines.joined(separator: "\n"))
                }
            }
            """
        return parse(
            SourceFile(path: "test.conf", text: [UInt8](text.utf8)), options: ParseOptions()
        ) { pattern, directory in
            let path = "\(directory)/\(pattern)"
            return files[path].map { [SourceFile(path: ByteString(path), text: [UInt8]($0.utf8))] }
                ?? []
        }
    }

    private func parsedRoute(_ line: String) -> Route? {
        read("virtual_routes", [line]).configuration.instances.first?.routes.first?.route
    }

    private func codes(_ block: String, _ line: String) -> [String] {
        read(block, [line]).diagnostics.map { $0.code }
    }

    @Test(
        arguments: [
            ("198.51.100.0/24 via 192.0.2.9", "198.51.100.0/24 via 192.0.2.9 proto 18"),
            ("default gw 192.0.2.9 dev eth0", "default via 192.0.2.9 dev eth0 proto 18"),
            (
                "src 192.0.2.1 to 1.2.3.4 via 192.0.2.9",
                "1.2.3.4 src 192.0.2.1 via 192.0.2.9 proto 18"
            ),
            ("blackhole 198.18.0.0/15", "blackhole 198.18.0.0/15 proto 18"),
            ("default via 2001:db8::1 metric 5", "default via 2001:db8::1 proto 18 metric 5"),
            ("10.0.0.0/8 via inet6 fe80::1 dev e1", "10.0.0.0/8 via fe80::1 dev e1 proto 18"),
            (
                "10.0.0.0/8 dev e1 table 7 scope link",
                "10.0.0.0/8 dev e1 table 7 proto 18 scope 253"
            ),
            (
                "10.0.0.0/8 nexthop via 192.0.2.9 weight 2 onlink nexthop dev e1",
                "10.0.0.0/8 proto 18 nexthop via 192.0.2.9 onlink weight 2 nexthop dev e1 weight 1"
            ),
            (
                "10.0.0.0/8 via 192.0.2.9 or 192.0.2.8",
                "10.0.0.0/8 proto 18 nexthop via 192.0.2.9 weight 1 nexthop via 192.0.2.8 weight 1"
            ),
        ])
    func aRouteInWords(line: String, expected: String) throws {
        #expect(try #require(parsedRoute(line)).description == expected)
    }

    @Test func metricsInTheKernelsUnits() throws {
        let route = try #require(
            parsedRoute(
                "10.0.0.0/8 via 192.0.2.9 mtu lock 1300 rtt 250ms rttvar 1s rto_min 300 features ecn"
            ))
        #expect(
            route.metrics == [
                Route.Metric(.mtu, 1300, isLocked: true), Route.Metric(.rtt, 2000),
                Route.Metric(.rttvar, 4000), Route.Metric(.rto_min, 300),
                Route.Metric(.features, 1),
            ])
    }

    @Test func encapsulations() throws {
        let mpls = try #require(parsedRoute("10.0.0.0/8 encap mpls 16/17 ttl 9 via 192.0.2.9"))
        #expect(mpls.hops.first?.encapsulation == .mpls(labels: [16, 17], ttl: 9))
        let ip = try #require(parsedRoute("10.0.0.0/8 encap ip id 7 dst 192.0.2.7 ttl 3 dev tun0"))
        guard case .ip(let tunnel)? = ip.hops.first?.encapsulation else {
            Issue.record("no tunnel")
            return
        }
        #expect(tunnel.identifier == 7)
        #expect(tunnel.destination?.description == "192.0.2.7")
        #expect(tunnel.timeToLive == 3)
        let ila = try #require(parsedRoute("10.0.0.0/8 encap ila 1:2:3:4 dev e1"))
        #expect(ila.hops.first?.encapsulation == .ila(0x0001_0002_0003_0004))
    }

    @Test func scopesOfTheirOwn() throws {
        #expect(try #require(parsedRoute("10.0.0.0/8 via 192.0.2.9")).effectiveScope == 0)
        #expect(try #require(parsedRoute("10.0.0.0/8 dev e1")).effectiveScope == 0)
        #expect(try #require(parsedRoute("local 10.0.0.1 dev lo")).effectiveScope == 254)
        #expect(try #require(parsedRoute("2001:db8::/32 dev e1")).effectiveScope == 0)
    }

    @Test func aVRFIsAnInterface() throws {
        let route = try #require(parsedRoute("10.0.0.0/8 via 192.0.2.9 vrf blue"))
        #expect(route.vrf == "blue")
        #expect(codes("virtual_routes", "10.0.0.0/8 via 192.0.2.9 vrf") == ["missing-value"])
    }

    /// keepalived has no destinations that are labels, and `as` belongs to those only.
    @Test func aNewLabelIsIgnored() throws {
        for line in ["10.0.0.0/8 via 192.0.2.9 dev e1 as to 300", "10.0.0.0/8 dev e1 as 300"] {
            #expect(codes("virtual_routes", line) == ["mpls-only"])
            #expect(try #require(parsedRoute(line)).hops.count == 1)
        }
        #expect(codes("virtual_routes", "10.0.0.0/8 via 192.0.2.9 as to") == ["missing-value"])
    }

    @Test func bitsBehindTheLengthAreCutOff() throws {
        #expect(
            try #require(parsedRoute("10.1.2.3/8 dev e1")).destination.description == "10.0.0.0/8")
        #expect(codes("virtual_routes", "10.1.2.3/8 dev e1") == ["host-bits"])
    }

    @Test(
        arguments: [
            ("10.0.0.0/8", "no-way"), ("via 192.0.2.9", "no-destination"),
            ("10.0.0.0/8 via 192.0.2", "bad-address"), ("10.0.0.0/8 via", "missing-value"),
            ("10.0.0.0/8 via 192.0.2.9 metrik 3", "unknown-word"),
            ("10.0.0.0/8 via 192.0.2.9 table nowhere", "bad-name"),
            ("10.0.0.0/8 via 192.0.2.9 metric 4294967296", "bad-number"),
            ("2001:db8::/32 via 192.0.2.9", "address-family"),
            ("blackhole 10.0.0.0/8 dev e1", "dead-end"),
            ("10.0.0.0/8 via 192.0.2.9 encap mpls 1048576", "bad-label"),
            ("10.0.0.0/8 dev an-interface-too-long", "bad-interface"),
            ("10.0.0.0/8 via 192.0.2.9 nexthop", "missing-value"),
        ])
    func aMistakeCostsTheRoute(line: String, code: String) {
        #expect(codes("virtual_routes", line) == [code])
        #expect(parsedRoute(line) == nil)
    }

    @Test func namesOfIproute2() throws {
        let result = read(
            "virtual_routes", ["10.0.0.0/8 dev e1 table blue realms lab/7 protocol bird no_track"],
            files: [
                "/etc/iproute2/rt_tables": "# a comment\n255\tlocal\n0x64 blue\n",
                "/etc/iproute2/rt_realms": "5 lab\n", "/usr/share/iproute2/rt_protos": "12 bird\n",
            ])
        let route = try #require(result.configuration.instances.first?.routes.first)
        #expect(result.diagnostics.isEmpty)
        #expect(route.route.table == 100)
        #expect(route.route.realms == 0x0005_0007)
        #expect(route.route.proto == 12)
        #expect(!route.isTracked)
    }

    @Test func aTrackedRouteKeepsTheProtocol() throws {
        let result = read("virtual_routes", ["10.0.0.0/8 dev e1 protocol static"])
        #expect(result.configuration.instances.first?.routes.first?.route.proto == 18)
        #expect(result.diagnostics.map { $0.code } == ["untracked-protocol"])
    }

    // Rules.

    private func parsedRule(_ line: String) -> Rule? {
        read("virtual_rules", [line]).configuration.instances.first?.rules.first?.rule
    }

    @Test(
        arguments: [
            ("from 10.0.0.0/8 table 2 priority 5", "from 10.0.0.0/8 priority 5 lookup 2"),
            ("to 2001:db8::/32 goto 9 order 5", "from all to 2001:db8::/32 priority 5 goto 9"),
            (
                "not iif e0 fwmark 3/7 blackhole preference 5",
                "not from all priority 5 fwmark 3 iif e0 blackhole"
            ),
            ("inet6 l3mdev preference 5", "from all priority 5 l3mdev"),
            (
                "from all to 10.0.0.0/8 type prohibit preference 5",
                "from all to 10.0.0.0/8 priority 5 prohibit"
            ),
        ])
    func aRuleInWords(line: String, expected: String) throws {
        #expect(try #require(parsedRule(line)).description == expected)
    }

    @Test func everySelector() throws {
        let rule = try #require(
            parsedRule(
                "ipproto tcp sport 80 dport 1000-2000 uidrange 1-9 realms 3/4 tunnel-id 7 "
                    + "suppress_prefixlength 0 suppress_ifgroup default lookup main preference 1"))
        #expect(rule.transport == 6)
        #expect(rule.sourcePorts == Rule.Ports(first: 80, last: 80))
        #expect(rule.destinationPorts == Rule.Ports(first: 1000, last: 2000))
        #expect(rule.users == Rule.Users(first: 1, last: 9))
        #expect(rule.realms == 0x0003_0004)
        #expect(rule.tunnel == 7)
        #expect(rule.suppressedLength == 0)
        #expect(rule.suppressedGroup == 0)
        #expect(rule.action == .lookup(table: 254))
    }

    @Test func withoutAPreferenceTheyCountDownwards() {
        let result = read(
            "virtual_rules", ["from 10.0.0.1 table 1", "from 10.0.0.2 table 1", "inet6 table 1"])
        let rules = result.configuration.instances.first?.rules ?? []
        #expect(rules.map { $0.rule.preference } == [16384, 16383, 16384])
        #expect(result.diagnostics.map { $0.code } == Array(repeating: "no-preference", count: 3))
    }

    @Test(
        arguments: [
            ("from 10.0.0.0/8", "no-action"), ("from 10.0.0 table 1", "bad-address"),
            ("from 10.0.0.1 to 2001:db8::1 table 1", "address-family"),
            ("fwmark x table 1", "bad-mark"), ("dport 5-1 table 1", "bad-range"),
            ("ipproto nothing table 1", "bad-protocol"), ("form 10.0.0.1 table 1", "unknown-word"),
        ])
    func aMistakeCostsTheRule(line: String, code: String) {
        #expect(codes("virtual_rules", line) == [code])
        #expect(parsedRule(line) == nil)
    }
}
