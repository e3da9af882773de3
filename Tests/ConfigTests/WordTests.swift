import Net
import Testing
import VRRP

@testable import Config

private func read(_ text: String) -> ParseResult {
    parse(SourceFile(path: "test.conf", text: [UInt8](text.utf8)), options: ParseOptions()) {
        _, _ in []
    }
}

private func instance(
    _ name: String = "A", _ body: String = "", address: String = "192.0.2.100/24"
) -> String {
    """
    vrrp_instance \(name) {
        interface eth0
        virtual_router_id 51
        \(body)
        virtual_ipaddress {
            \(address)
        }
    }

    """
}

private func peers(_ list: String) -> String { "unicast_peer {\n\(list)\n}" }

@Suite struct FirewallWordTests {
    @Test func acceptIsTheRuleOutsideOfStrictMode() {
        func accepts(_ body: String) -> Bool? {
            read(instance("A", body)).configuration.instances.first?.acceptsTraffic
        }
        #expect(accepts("") == true)
        #expect(accepts("no_accept") == false)
        #expect(accepts("no_accept\naccept") == true)
        #expect(accepts("accept\nno_accept") == false)
    }

    @Test func tablesHaveKeepalivedsDefaults() {
        let usual = read("global_defs {\nnftables\n}").configuration.globals.firewall
        #expect(usual.table == "keepalived")
        #expect(usual.priority == -1)
        #expect(!usual.counts)
        let result = read(
            "global_defs {\nnftables vips\nnftables_priority -300\nnftables_counters\n"
                + "nftables_ifindex\n}")
        #expect(result.diagnostics.isEmpty)
        #expect(result.configuration.globals.firewall.table == "vips")
        #expect(result.configuration.globals.firewall.priority == -300)
        #expect(result.configuration.globals.firewall.counts)
    }

    @Test func iptablesGiveWayToNftables() {
        let result = read("global_defs {\nvrrp_iptables IN OUT\nvrrp_ipsets a b c\n}")
        #expect(result.diagnostics.map { $0.code } == ["iptables", "iptables"])
        #expect(
            result.diagnostics.first?.message
                == "vrrp_iptables is ignored: nftables is used instead")
    }
}

@Suite struct LinkWordTests {
    private func delays(_ lines: String) -> [LinkDelay] {
        read("interface_up_down_delays {\n\(lines)\n}").configuration.globals.linkDelays
    }

    @Test func theUpDelayIsTheDownDelay() {
        #expect(
            delays("eth0 1.5\neth1 2 0\neth2 0.00001 255")
                == [
                    LinkDelay(
                        interface: "eth0", down: .milliseconds(1500), up: .milliseconds(1500)),
                    LinkDelay(interface: "eth1", down: .seconds(2), up: .zero),
                    LinkDelay(
                        interface: "eth2", down: .nanoseconds(10_000), up: .seconds(255)),
                ])
    }

    @Test func aLineThatIsWrongIsLeftOut() {
        for line in ["eth0", "eth0 x", "eth0 256", "eth0 -1", "eth0 1 256", "eth0 1\neth0 2"] {
            let result = read("interface_up_down_delays {\n\(line)\n}")
            #expect(result.diagnostics.count == 1, "\(line)")
            #expect(result.diagnostics.first?.severity == .error, "\(line)")
        }
        #expect(delays("eth0 256\neth1 1").map { $0.interface } == ["eth1"])
    }

    /// A backup that does not know yet that it is deaf must not become master.
    @Test func aDownDelayEndsBeforeTheMasterDownTimer() {
        let result = read("interface_up_down_delays {\neth0 5 9\neth1 5\n}\n" + instance())
        #expect(
            result.configuration.globals.linkDelays.map { $0.down } == [.seconds(2), .seconds(5)])
        #expect(result.configuration.globals.linkDelays.first?.up == .seconds(9))
        #expect(
            result.diagnostics.map { $0.message } == [
                "eth0 down counts after 2 s, not 5 s: a backup would become master before"
            ])
        #expect(result.diagnostics.first?.severity == .note)
    }

    @Test func theKernelTellsOfCarriers() {
        let result = read(
            "linkbeat_use_polling\nlinkbeat_interfaces {\neth0 MII\n}\n"
                + instance("A", "linkbeat_use_polling"))
        #expect(result.diagnostics.map { $0.code } == ["linkbeat", "linkbeat", "deprecated"])
        #expect(result.diagnostics.map { $0.severity } == [.note, .note, .warning])
    }

    @Test func secondariesAndReportsAreSettings() {
        let result = read(
            "global_defs {\ndisable_local_igmp\n}\n" + instance("A", "promote_secondaries"))
        #expect(result.diagnostics.isEmpty)
        #expect(result.configuration.globals.disablesLocalIGMP)
        #expect(result.configuration.instances.first?.promotesSecondaries == true)
        let virtual = read(instance("A", "promote_secondaries\nuse_vmac"))
        #expect(virtual.configuration.instances.first?.promotesSecondaries == false)
        #expect(
            virtual.diagnostics.map { $0.message } == [
                "promote_secondaries is always set on a virtual interface"
            ])
    }
}

@Suite struct SharedVRIDTests {
    private func names(_ first: String, _ second: String) -> [ByteString] {
        read(instance("A", first) + instance("B", second, address: "192.0.2.101/24"))
            .configuration.instances.map { $0.name }
    }

    @Test func oneGroupHasOne() {
        #expect(names("", "") == ["A"])
        #expect(names("", "mcast_dst_ip 224.0.0.19") == ["A", "B"])
        #expect(names("", peers("192.0.2.2")) == ["A", "B"])
    }

    @Test func peersTellThemApart() {
        #expect(names(peers("192.0.2.2"), peers("192.0.2.3")) == ["A", "B"])
        #expect(names(peers("192.0.2.2"), peers("192.0.2.2")) == ["A"])
        #expect(names(peers("192.0.2.2\n192.0.2.3"), peers("192.0.2.3\n192.0.2.4")) == ["A"])
    }
}

/// Combinations that cannot be, with keepalived's verdict (its exit code of -t) and our sentence.
@Suite struct IllegalCombinationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var said: ByteString
        /// Instances that run all the same.
        var running: Int
    }

    static let cases = [
        Case(
            testDescription: "authentication with version 3",
            text: instance("A", "version 3\nauthentication {\nauth_type PASS\nauth_pass x\n}"),
            said: "version 3 has no authentication: it is left out", running: 1),
        Case(
            testDescription: "addresses of both families",
            text: instance("A", "", address: "192.0.2.100/24\n2001:db8::1/64"),
            said: "2001:db8::1/64 is of another family than the instance: ignored", running: 1),
        Case(
            testDescription: "unicast in strict mode",
            text: instance("A", "strict_mode\n" + peers("192.0.2.2")),
            said: "strict mode has no unicast: A is left out", running: 0),
        Case(
            testDescription: "half a second with version 2", text: instance("A", "advert_int 0.5"),
            said: "advert_int 0.5 cannot be sent by version 2: 1 s is used", running: 1),
        Case(
            testDescription: "more than 255 addresses",
            text: instance(
                "A", "", address: (0..<256).map { "10.0.0.\($0)/8" }.joined(separator: "\n")),
            said: "an advertisement holds 255 addresses: the last 1 are treated as"
                + " virtual_ipaddress_excluded",
            running: 1),
        Case(
            testDescription: "one VRID twice on a link",
            text: instance("A") + instance("B", "", address: "192.0.2.101/24"),
            said: "B and A have VRID 51 on eth0: B is left out", running: 1),
        Case(
            testDescription: "one VRID twice with a peer in common",
            text: instance("A", peers("192.0.2.2"))
                + instance("B", peers("192.0.2.2"), address: "192.0.2.101/24"),
            said: "B and A have VRID 51 on eth0: B is left out", running: 1),
    ]

    @Test(arguments: cases) func isAnErrorThatIsNamed(_ combination: Case) {
        let result = read(combination.text)
        let errors = result.diagnostics.filter { $0.severity >= .error }
        #expect(errors.map { $0.message } == [combination.said])
        #expect(result.configuration.instances.count == combination.running)
    }
}
