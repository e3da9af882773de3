import Net
import Testing
import VRRP

@testable import Config

private func read(
    _ text: String, id: ByteString = "high", files: [ByteString: String] = [:]
) -> ParseResult {
    var options = ParseOptions()
    options.configurationID = id
    return parse(SourceFile(path: "test.conf", text: [UInt8](text.utf8)), options: options) {
        pattern, _ in
        files[pattern].map { [SourceFile(path: pattern, text: [UInt8]($0.utf8))] } ?? []
    }
}

private func codes(_ text: String) -> [String] { read(text).diagnostics.map { $0.code } }

/// The codes that keepalived's `-t` ends with 5 for.
private func complaints(_ text: String) -> [String] {
    read(text).diagnostics.filter { $0.isErrorOfKeepalived }.map { $0.code }
}

private func instance(
    _ name: String = "A", _ body: String = "", vrid: Int = 51, address: String = "192.0.2.100/24"
) -> String {
    """
    vrrp_instance \(name) {
        interface eth0
        virtual_router_id \(vrid)
        \(body)
        virtual_ipaddress {
            \(address)
        }
    }

    """
}

private func addresses(_ result: ParseResult) -> [String] {
    result.configuration.instances.flatMap { $0.addresses }.map { "\($0.prefix)" }
}

@Suite struct SequenceArgumentTests {
    @Test func numbersMayBeDefinitions() {
        let result = read("$N=3\n" + instance(address: "~SEQ(v,1,$N) 192.0.2.${v}/24"))
        #expect(addresses(result) == ["192.0.2.1/24", "192.0.2.2/24", "192.0.2.3/24"])
        #expect(result.diagnostics.isEmpty)
    }

    @Test func anInnerSequenceCountsFromTheOuterOne() {
        let result = read(instance(address: "~SEQ(v,2) ~SEQ(w,${v},2) 192.0.${v}.${w}/24"))
        #expect(addresses(result) == ["192.0.1.1/24", "192.0.1.2/24", "192.0.2.2/24"])
    }

    @Test func itemsOfAListAreReplacedWhereTheyAreUsed() {
        let result = read("$X=7\n" + instance(address: "~LST(v,$X,8) 192.0.2.${v}"))
        #expect(addresses(result) == ["192.0.2.7/32", "192.0.2.8/32"])
    }
}

@Suite struct ConditionalIncludeTests {
    private let files: [ByteString: String] = ["more.conf": "global_defs { router_id R\n}\n"]

    @Test func anIncludeForThisNodeIsRead() {
        let result = read("@high include more.conf\n" + instance(), files: files)
        #expect(result.configuration.globals.routerID == "R")
        #expect(result.diagnostics.map { $0.code } == ["conditional-include"])
    }

    @Test(arguments: ["@low include more.conf\n", "@^high include more.conf\n"])
    func anIncludeForAnotherIsNot(line: String) {
        let result = read(line + instance(), files: files)
        #expect(result.configuration.globals.routerID == nil)
        #expect(result.diagnostics.isEmpty)
    }
}

@Suite struct LoopbackTests {
    @Test func loHasNoNeighbours() {
        let result = read(instance().replacing("eth0", with: "lo"))
        #expect(result.configuration.instances.isEmpty)
        #expect(Set(result.diagnostics.map { $0.code }) == ["loopback", "missing-interface-name"])
    }
}

@Suite struct BFDBlockTests {
    private let session = "bfd_instance P {\nneighbor_ip 192.0.2.9\nweight 7\n}\n"

    private func tracking(_ line: String) -> [TrackingEntry] {
        read(session + instance("A", "track_bfd {\n\(line)\n}"))
            .configuration.plan.virtualRouters.first?.tracking ?? []
    }

    @Test func whoTracksASessionWithWeightFindsItDown() {
        #expect(tracking("P").map { $0.weight } == [Weight(7)])
        #expect(tracking("P weight -20").map { $0.weight } == [Weight(-20)])
        #expect(read(session).configuration.trackedObjects == [])
    }

    @Test func withoutWeightItWouldBeAFaultForEver() {
        #expect(tracking("P weight 0") == [])
        #expect(
            codes(session + instance("A", "track_bfd {\nP weight 0\n}"))
                == ["unsupported", "bfd-without-weight"])
    }

    @Test func onlyASessionAboveIsFound() {
        #expect(complaints(instance("A", "track_bfd {\nP\n}") + session) == ["unknown-object"])
    }

    @Test(arguments: [
        ("", "no-neighbor"), ("neighbor_ip nowhere", "bad-address"),
        ("neighbor_ip 192.0.2.9\nmin_rx 0", "bad-number"),
        ("neighbor_ip 192.0.2.9\nmin_tx 1001", "bad-number"),
        ("neighbor_ip 192.0.2.9\nidle_tx 999", "bad-number"),
        ("neighbor_ip 192.0.2.9\nmultiplier 256", "bad-number"),
        ("neighbor_ip 192.0.2.9\nweight 254", "bad-number"),
        ("neighbor_ip 192.0.2.9\nsource_ip fe80::1", "family"),
        ("neighbor_ip 192.0.2.9\nmultihop", "unknown-keyword"),
    ])
    func aBlockIsChecked(body: String, code: String) {
        #expect(complaints("bfd_instance P {\n\(body)\n}\n") == [code])
    }

    @Test func twoSessionsNeedTwoNeighbors() {
        let other = "bfd_instance Q {\nneighbor_ip 192.0.2.9\n}\n"
        #expect(complaints(session + other) == ["duplicate-neighbor"])
        #expect(complaints(session + session) == ["duplicate-name"])
    }
}

@Suite struct VirtualServerCheckTests {
    private func server(_ body: String, name: String = "192.0.2.1 80") -> String {
        "virtual_server \(name) {\n\(body)\n}\n"
    }

    private let usual = "protocol TCP\nlvs_sched rr\nlvs_method"
    private func real(_ port: String, _ body: String = "") -> String {
        "real_server 198.51.100.1 \(port) {\n\(body)\n}"
    }

    @Test func aWholeServerIsFine() {
        #expect(complaints(server("\(usual) NAT\n\(real("8080"))")) == [])
        #expect(complaints(server("\(usual) DR\n\(real("80"))")) == [])
    }

    @Test func whatKeepalivedWouldAssumeIsMissing() {
        #expect(
            complaints(server(real("80"))) == ["no-protocol", "no-scheduler", "no-method"])
        #expect(complaints(server("\(usual) NAT")) == ["no-real-server"])
    }

    @Test func onlyNATChangesThePort() {
        #expect(complaints(server("\(usual) DR\n\(real("81"))")) == ["port"])
        #expect(complaints(server("\(usual) TUN\n\(real("81", "lvs_method NAT"))")) == [])
        #expect(complaints(server("\(usual) NAT\n\(real("81", "lvs_method TUN"))")) == ["port"])
        #expect(
            complaints(server("\(usual) DR\nsorry_server 198.51.100.9 81\n\(real("80"))")) == [
                "port"
            ])
    }

    @Test func aMarkNeedsNoPort() {
        #expect(
            complaints(server("lvs_sched rr\nlvs_method NAT\n\(real(""))", name: "fwmark 3")) == [])
        #expect(
            complaints(server("lvs_sched rr\nlvs_method NAT\n\(real("80"))", name: "fwmark 3"))
                == ["port"])
    }

    @Test func theQuorumCanBeMet() {
        #expect(complaints(server("\(usual) NAT\nquorum 2\n\(real("80"))")) == ["quorum"])
        #expect(complaints(server("\(usual) NAT\nquorum 2\n\(real("80", "weight 2"))")) == [])
        #expect(
            complaints(server("\(usual) NAT\nhysteresis 1\nquorum 1\n\(real("80"))"))
                == ["hysteresis"])
    }

    @Test func realServersAreOfOneFamilyAndDifferent() {
        #expect(
            Set(complaints(server("\(usual) NAT\n\(real("80"))", name: "2001:db8::1 80")))
                == ["no-real-server", "family"])
        #expect(
            complaints(server("\(usual) NAT\n\(real("80"))\n\(real("80"))")) == ["duplicate-server"]
        )
    }

    @Test func keysOfTLSAreGivenOnce() {
        #expect(
            complaints("SSL {\npassword a\npassword b\n}\nSSL {\nkey k\n}\n") == [
                "repeated", "repeated",
            ])
    }
}

@Suite struct KeepalivedComplaintTests {
    @Test func aUnicastKeywordWithoutPeersMeansMulticast() {
        #expect(complaints(instance("A", "unicast_src_ip 192.0.2.1")) == ["no-peers"])
        #expect(complaints(instance("A", "unicast_peer {\n}")) == ["no-peers"])
    }

    @Test func unicastLeavesByTheParentOfAVMAC() {
        let peers = "unicast_peer {\n192.0.2.9\n}"
        #expect(complaints(instance("A", "use_vmac\n\(peers)")) == ["unicast-vmac"])
        #expect(complaints(instance("A", "use_vmac\nvmac_xmit_base\n\(peers)")) == [])
    }

    @Test func aRouteWithoutInterfaceIsNotWatchedThere() {
        func routes(_ line: String) -> String {
            instance("A", "virtual_routes {\n\(line)\n}")
        }
        #expect(complaints(routes("203.0.113.0/24 via 192.0.2.1")) == ["untracked-route"])
        #expect(complaints(routes("203.0.113.0/24 via 192.0.2.1 no_track")) == [])
        #expect(complaints(routes("203.0.113.0/24 via 192.0.2.1 dev eth0")) == [])
        #expect(
            complaints(routes("203.0.113.0/24 nexthop via 192.0.2.1 dev eth0"))
                == ["untracked-route"])
    }

    /// keepalived says nothing of them.
    @Test func whatNobodyTracksIsNoError() {
        let text = "vrrp_script S {\nscript /bin/true\n}\nvrrp_track_process P {\nprocess p\n}\n"
        #expect(complaints(text + "vrrp_track_file F {\nfile /f\n}\n" + instance()) == [])
    }

    @Test func anEmptyListOfRecipientsIsAnError() {
        let text = "global_defs {\nnotification_email {\n}\n}\n" + instance()
        #expect(complaints(text) == ["no-recipient"])
    }

    /// An interface that a member tracks is a fault when it fails, and its weight stays as if it
    /// never failed.
    @Test func aMembersInterfaceWeight() {
        func entries(_ weight: String) -> [TrackingEntry] {
            let result = read(
                "vrrp_sync_group G {\ngroup {\nA\nB\n}\n}\n"
                    + instance("A", "track_interface {\neth9 weight \(weight)\n}")
                    + instance("B", vrid: 52))
            return result.configuration.plan.virtualRouters.first?.tracking ?? []
        }
        #expect(entries("20").map { $0.weight } == [Weight(0), Weight(20)])
        #expect(entries("20").map { $0.countsInGroup } == [false, true])
        #expect(entries("-20").map { $0.weight } == [Weight(0)])
    }
}

@Suite struct VMACAddressTests {
    private func interfaces(_ body: String, _ lines: String, excluded: String = "") -> [ByteString?]
    {
        let text =
            instance("A", body, address: lines).dropLast(3)
            + "virtual_ipaddress_excluded {\n\(excluded)\n}\n}\n"
        let instances = read(String(text)).configuration.instances
        return instances.flatMap { $0.addresses + $0.excludedAddresses }.map { $0.interface }
    }

    @Test func theParentsNameMeansTheVMAC() {
        #expect(interfaces("use_vmac", "192.0.2.1/24 dev eth0") == [nil])
        #expect(interfaces("use_vmac", "192.0.2.1/24 dev eth1") == ["eth1"])
        #expect(interfaces("", "192.0.2.1/24 dev eth0") == ["eth0"])
    }

    @Test func theOtherFamilyStaysOnTheParent() {
        #expect(interfaces("use_vmac", "192.0.2.1/24", excluded: "2001:db8::1") == [nil, "eth0"])
    }
}
