import Net
import Testing
import VRRP

@testable import Config

private func read(
    _ lines: String, above: String = "", below: String = "", address: String = "192.0.2.10"
) -> ParseResult {
    let text = """
        \(above)
        vrrp_instance VI_1 {
            interface eth0
            virtual_router_id 51
            \(lines)
            virtual_ipaddress {
                \(address)
            }
        }
        \(below)
        """
    let file = SourceFile(path: "/a.conf", text: [UInt8](text.utf8))
    return parse(file, options: ParseOptions()) { _, _ in [] }
}

private func weights(_ result: ParseResult) -> [Int] {
    result.configuration.plan.virtualRouters[0].tracking.map { $0.weight.value }
}

/// Codes of what makes keepalived's `-t` end with 5.
private func errors(_ result: ParseResult) -> [String] {
    result.diagnostics.filter { $0.isErrorOfKeepalived }.map { $0.code }
}

/// Where keepalived reads a text in a way that its manual does not tell of, and it is read so here.
@Suite struct AgreementTests {
    private let script = "vrrp_script s {\nscript /bin/true\nweight 5\n}"
    private let file = "vrrp_track_file f {\nfile /run/f\n}"
    private let process = "vrrp_track_process p {\nprocess nginx\n}"

    @Test func whatIsTrackedIsDefinedAbove() {
        let tracked = "track_script {\ns\n}"
        #expect(weights(read(tracked, above: script)) == [5])
        let late = read(tracked, below: script)
        #expect(weights(late) == [])
        #expect(errors(late).contains("defined-later"))
    }

    @Test(arguments: [
        "vrrp_script {\nscript /bin/true\n}", "vrrp_track_process {\nprocess x\n}",
        "global_defs {\nvrrp_version {\n}\n}",
    ])
    func nothingStartsWithABraceForAName(above: String) {
        let result = read("", above: above)
        #expect(
            result.diagnostics.filter { $0.preventsStart }.map { $0.code } == ["brace-for-value"])
        #expect(result.configuration.instances.count == 1)
    }

    @Test(arguments: [
        "vrrp_instance {\n}", "vrrp_sync_group {\n}", "global_defs {\nrouter_id {\n}\n}",
        "global_defs {\nvrrp_version\n}", "virtual_server {\n}",
        "virtual_server 192.0.2.1 80 {\nreal_server {\n}\n}",
    ])
    func oneWithoutANameIsLeftOut(above: String) {
        let result = read("", above: above)
        #expect(errors(result).contains("missing-value"))
        #expect(!result.diagnostics.contains { $0.preventsStart })
    }

    @Test func wordsThatAreLeftOverAreNoErrors() {
        #expect(errors(read("nopreempt 1\npriority 100 high")) == [])
        #expect(errors(read("priority 100 advert_int 1")) == ["lost-statement"])
    }

    @Test(arguments: [
        ("garp_master_repeat 0", "zero-count"), ("garp_master_delay 4295", "bad-number"),
        ("check_unicast_src", "no-peers"), ("old_unicast_checksum", "no-peers"),
        ("vmac_xmit_base", "no-vmac"), ("lvs_sync_daemon_interface eth0", "lvs-daemon-place"),
        ("use_ipvlan", "ipvlan-address"),
    ])
    func whatKeepalivedTakesForAnError(line: String, code: String) {
        #expect(errors(read(line)) == [code])
    }

    @Test(arguments: [
        ("persistence_timeout 0", ["bad-number"]), ("persistence_timeout 300", []),
        ("quorum abc", ["bad-number"]), ("delay_loop 0", ["bad-number"]), ("delay_loop 1.5", []),
        ("retry 0", ["bad-number"]), ("sorry_server <IP> 80", ["bad-address"]),
        ("sorry_server 192.0.2.9 80", []), ("smtp_alert maybe", ["bad-boolean"]),
        ("quorum 2", ["quorum"]),
    ])
    func valuesOfAVirtualServerAreLookedAt(line: String, codes: [String]) {
        let check = "TCP_CHECK {\nconnect_port 80\nretry 0\n}\nnotify_down \"/bin/true x\""
        let server =
            "protocol TCP\nlvs_sched rr\nlvs_method NAT\nreal_server 192.0.2.7 80 {\n\(check)\n}"
        let result = read("", above: "virtual_server 192.0.2.1 80 {\n\(line)\n\(server)\n}")
        #expect(errors(result) == codes)
        #expect(result.configuration.balancerCommands.map { $0.words } == [["/bin/true", "x"]])
    }

    @Test func aServerOfNoWeightNeverMeetsTheQuorum() {
        let real =
            "protocol TCP\nlvs_sched rr\nlvs_method NAT\nreal_server 192.0.2.7 80 {\nweight 0\n}"
        #expect(errors(read("", above: "virtual_server 192.0.2.1 80 {\n\(real)\n}")) == ["quorum"])
    }

    @Test func nativeIPv6HasToComeFirst() {
        #expect(errors(read("unicast_peer {\n192.0.2.9\n}\nnative_ipv6")) == ["native-ipv6"])
    }

    @Test func dynamicInterfacesHasOneOption() {
        #expect(
            errors(read("", above: "global_defs {\ndynamic_interfaces yes\n}")) == ["unknown-word"])
        #expect(
            errors(read("", above: "global_defs {\ndynamic_interfaces allow_if_changes\n}")) == [])
    }

    @Test func anUnknownOptionRefusesTheLine() {
        let result = read("track_script {\ns weight=0\n}", above: script)
        #expect(weights(result) == [])
        #expect(errors(result).contains("unknown-word"))
    }

    @Test func aTrackedProcessHasNoWeightOfItsOwn() {
        #expect(weights(read("track_process {\np\n}", above: process)) == [0])
    }

    @Test func noWeightCountsForAnOwner() {
        let owner = "priority 255\n"
        let scripts = read(owner + "track_script {\ns\n}", above: script)
        #expect(weights(scripts) == [])
        #expect(errors(scripts) == ["owner-weight"])
        let interfaces = read(owner + "track_interface {\neth1 weight 5\n}")
        #expect(weights(interfaces) == [])
        let files = read(owner + "track_file {\nf\n}", above: file)
        #expect(weights(files) == [0])
        #expect(errors(files) == ["owner-weight"])
        let unweighted = read(owner + "track_script {\ns weight 0\n}", above: script)
        #expect(weights(unweighted) == [0])
        #expect(errors(unweighted) == [])
    }

    @Test(arguments: ["unicast_peer {\n}", "unicast_src_ip 192.0.2.1"])
    func unicastWithoutPeersIsMulticast(lines: String) {
        let result = read(lines)
        #expect(
            result.configuration.plan.virtualRouters[0].transport
                == .multicast(group: .v4(.vrrpGroup)))
        #expect(errors(result) == ["no-peers"])
    }

    @Test func aPeersMaskIsPassedOver() {
        let result = read("unicast_peer {\n192.0.2.2/24\n}")
        #expect(
            result.configuration.plan.virtualRouters[0].transport
                == .unicast(peers: [IPAddress("192.0.2.2")!]))
        #expect(errors(result) == [])
    }

    @Test func withAHOnlyAnOwnerStartsAsMaster() {
        let header = "state MASTER\nauthentication {\nauth_type AH\nauth_pass x\n}\n"
        let result = read(header + "priority 150")
        #expect(!result.configuration.plan.virtualRouters[0].startsAsMaster)
        #expect(errors(result) == ["state-with-ah"])
        let owner = read(header + "priority 255")
        #expect(owner.configuration.plan.virtualRouters[0].startsAsMaster)
        #expect(errors(owner) == [])
    }

    @Test func devWithTheOwnInterfaceMeansItsVirtualOne() {
        let own = read("use_vmac", address: "192.0.2.10 dev eth0").configuration.instances[0]
        #expect(own.addresses[0].interface == nil)
        #expect(own.addressInterface == "vrrp.51")
        let other = read("use_vmac", address: "192.0.2.10 dev eth1").configuration.instances[0]
        #expect(other.addresses[0].interface == "eth1")
    }

    @Test func strictModeWithoutAnAddressLeavesNothingToRun() {
        let result = read("strict_mode yes", address: "VIRTUAL_IP")
        #expect(result.configuration.instances.isEmpty)
        #expect(result.lostInstances)
    }

    @Test func aFirewallMarkHasNoProtocol() {
        let result = read("", below: "virtual_server fwmark 1 {\ndelay_loop 6\nprotocol TCP\n}")
        #expect(errors(result).contains("fwmark-protocol"))
    }
}
