import Net
import Testing
import VRRP

@testable import Config

private func read(_ body: String, global: String = "") -> ParseResult {
    let text = """
        global_defs {
            \(global)
        }
        vrrp_instance VI_1 {
            interface eth0
            virtual_router_id 51
            virtual_ipaddress {
                192.0.2.100/24
            }
            \(body)
        }
        """
    return parse(
        SourceFile(path: "test.conf", text: [UInt8](text.utf8)), options: ParseOptions()
    ) { _, _ in [] }
}

private func codes(_ result: ParseResult) -> [String] { result.diagnostics.map { $0.code } }

private let secret = "0123456789abcdef0123456789abcdef"

@Suite struct AuthenticationConfigurationTests {
    @Test func authenticationHeaderHasEightBytes() {
        let result = read("authentication {\nauth_type AH\nauth_pass s3cr\n}")
        #expect(
            result.configuration.plan.virtualRouters[0].authentication
                == .header(0x7333_6372_0000_0000))
        #expect(codes(result) == [])
    }

    @Test func keysAreTextHexadecimalOrFiles() {
        var result = read(
            """
            auth_hmac {
                key 1 \(secret)
                key 2 hex:\(String(repeating: "a5", count: 32))
                key 3 file:/etc/martlet/key
                active_key 2
                time_window 30
                anti_replay time
                mode permissive
            }
            """)
        #expect(codes(result) == [])
        let findings = result.configuration.resolveKeys { path in
            path == "/etc/martlet/key" ? [UInt8](repeating: 7, count: 40) + [10] : nil
        }
        #expect(findings.isEmpty)
        let trailer = result.configuration.plan.virtualRouters[0].trailer
        #expect(trailer?.keys.map { $0.id } == [1, 2, 3])
        #expect(trailer?.keys[1].secret == [UInt8](repeating: 0xa5, count: 32))
        #expect(trailer?.keys[2].secret == [UInt8](repeating: 7, count: 40))
        #expect(trailer?.signingKey?.id == 2)
        #expect(trailer?.window == .seconds(30))
        #expect(trailer?.mode == .permissive)
    }

    @Test func theWindowIsThreeIntervalsAtLeastFiveSeconds() {
        let result = read("advert_int 4\nauth_hmac {\nkey 1 \(secret)\n}")
        #expect(result.configuration.plan.virtualRouters[0].trailer?.window == .seconds(12))
        let usual = read("auth_hmac {\nkey 1 \(secret)\n}")
        #expect(usual.configuration.plan.virtualRouters[0].trailer?.window == .seconds(5))
    }

    @Test func withoutAKeyNothingIsSigned() {
        for body in ["key 1 short", "key 1 hex:zz", "key 1 file:/nowhere", "active_key 3"] {
            var result = read("auth_hmac {\n\(body)\n}")
            let findings = result.configuration.resolveKeys { _ in nil }
            #expect(findings.last?.code == "no-active-key")
            #expect(findings.last?.severity == .security)
            #expect(result.configuration.plan.virtualRouters[0].trailer?.mode == .keyless)
        }
    }

    /// Peers with the key would be master beside one whose signature they miss: it yields to all.
    @Test func withoutAKeyItIsTheLastResort() {
        var result = read(
            "state MASTER\npriority 200\nauth_hmac {\nkey 1 file:/nowhere\n}\n"
                + "track_interface {\neth1 weight 20\neth2\n}")
        _ = result.configuration.resolveKeys { _ in nil }
        let parameters = result.configuration.plan.virtualRouters[0]
        #expect(parameters.priority == 1)
        #expect(!parameters.startsAsMaster)
        #expect(!parameters.preempts)
        #expect(parameters.tracking.map { $0.weight.value } == [0])
    }

    @Test func anOwnerWithoutAKeyStaysTheOwner() {
        var result = read("priority 255\nauth_hmac {\nkey 1 file:/nowhere\n}")
        _ = result.configuration.resolveKeys { _ in nil }
        #expect(result.configuration.plan.virtualRouters[0].priority == 255)
    }

    @Test func theLegacyBlockIsDropped() {
        let result = read(
            "authentication {\nauth_type PASS\nauth_pass x\n}\nauth_hmac {\nkey 1 \(secret)\n}")
        #expect(codes(result) == ["auth-replaced"])
        #expect(result.configuration.plan.virtualRouters[0].authentication == .none)
    }

    @Test func strictModeEnforces() {
        let result = read(
            "auth_hmac {\nkey 1 \(secret)\nmode permissive\n}", global: "vrrp_strict")
        #expect(codes(result).contains("strict"))
        #expect(result.configuration.plan.virtualRouters[0].trailer?.mode == .enforce)
    }

    @Test func noFindingShowsASecret() {
        let result = read(
            "auth_hmac {\nkey 300 \(secret)\nkey 1 hex:\(secret)0\nkeys \(secret)\n}\n"
                + "authentication {\nauth_pass 9\(secret)\n}")
        #expect(result.diagnostics.count >= 3)
        for finding in result.diagnostics where finding.word != "keys" {
            let text = String(decoding: render(finding, result.files), as: UTF8.self)
            #expect(!text.contains(secret), "\(text)")
        }
    }

    /// Also where the line is wrong, or the word misspelt.
    @Test(arguments: [
        "smtp_password hush1 hush2", "smtp_pasword hush1", "SMTP_PASSWORD hush1",
        "smtp_password \"hush1", "smtp_passwd hush1 hush2", "smtp_server a b smtp_password hush1",
    ]) func noFindingShowsTheMailPassword(_ line: String) {
        let result = read("", global: line)
        #expect(!result.diagnostics.isEmpty)
        for finding in result.diagnostics {
            let text = String(decoding: render(finding, result.files), as: UTF8.self)
            #expect(!text.contains("hush"), "\(text)")
        }
    }

    @Test func itStandsInTheWrongPlace() {
        let result = read("smtp_password hush1\nauthentication {\nauth_pas hush2\n}")
        #expect(result.diagnostics.count >= 2)
        for finding in result.diagnostics {
            let text = String(decoding: render(finding, result.files), as: UTF8.self)
            #expect(!text.contains("hush"), "\(text)")
        }
    }
}

@Suite struct UnicastConfigurationTests {
    private func parameters(_ result: ParseResult) -> VirtualRouterParameters {
        result.configuration.plan.virtualRouters[0]
    }

    @Test func peersHaveHopLimits() {
        let result = read(
            "unicast_peer {\n192.0.2.2 min_ttl 254\n192.0.2.3 max_ttl 10 min_ttl 5\n192.0.2.4\n}")
        #expect(codes(result) == [])
        #expect(
            parameters(result).peerHopLimits == [
                PeerHopLimits(peer: IPAddress("192.0.2.2")!, range: 254...255),
                PeerHopLimits(peer: IPAddress("192.0.2.3")!, range: 5...10),
            ])
        #expect(parameters(result).checksUnicastSource)
    }

    @Test func anyTTLIsRemarkedOn() {
        #expect(codes(read("unicast_peer {\n192.0.2.2\n}")) == ["unicast-ttl"])
    }

    @Test func wrongLimitsAreErrors() {
        let reversed = "unicast_peer {\n192.0.2.2 min_ttl 9 max_ttl 3\n}"
        #expect(codes(read(reversed)).contains("bad-value"))
        #expect(codes(read("unicast_peer {\n192.0.2.2 min_ttl\n}")).contains("missing-value"))
        #expect(codes(read("unicast_ttl 4")) == ["not-unicast"])
    }

    @Test func withoutPeersItIsInFaultIfWanted() {
        let result = read("unicast_fault_no_peer\nunicast_peer {\n}")
        #expect(parameters(result).transport == .unicast(peers: []))
        #expect(parameters(result).needsPeer)
    }

    @Test func aVRFIsForThoseWithoutAnInterface() {
        let text = """
            vrrp_instance VI_1 {
                virtual_router_id 51
                vrf blue
                unicast_src_ip 192.0.2.1
                unicast_peer {
                    192.0.2.2 min_ttl 255
                }
                virtual_ipaddress {
                    192.0.2.100/24 dev eth0
                }
            }
            """
        let result = parse(
            SourceFile(path: "test.conf", text: [UInt8](text.utf8)), options: ParseOptions()
        ) { _, _ in [] }
        #expect(codes(result) == [])
        #expect(result.configuration.instances[0].vrf == "blue")
        let bound = read("vrf blue")
        #expect(codes(bound) == ["vrf-of-interface"])
        #expect(bound.configuration.instances[0].vrf == nil)
    }

    @Test func anInterfaceIsNotNeeded() {
        let text = """
            vrrp_instance VI_1 {
                virtual_router_id 51
                unicast_src_ip 192.0.2.1
                unicast_peer {
                    192.0.2.2 min_ttl 255
                }
                virtual_ipaddress {
                    192.0.2.100/24 dev eth0
                    192.0.2.101/24
                }
            }
            """
        let result = parse(
            SourceFile(path: "test.conf", text: [UInt8](text.utf8)), options: ParseOptions()
        ) { _, _ in [] }
        #expect(codes(result) == ["no-device"])
        #expect(result.configuration.instances[0].interface == "")
        #expect(parameters(result).addresses == [IPAddress("192.0.2.100")!])
    }

    @Test func checksumsHaveKeywords() {
        let peers = "unicast_peer {\n192.0.2.2\n}\nversion 3\n"
        let old = parameters(read(peers + "old_unicast_checksum"))
        #expect(old.checksum == .multicastPseudoHeader)
        let never = parameters(read(peers + "old_unicast_checksum never"))
        #expect(never.checksum == .pseudoHeader && !never.acceptsOldUnicastChecksum)
        #expect(parameters(read("version 3\nv3_checksum_as_v2")).checksum == .messageOnly)
    }

    @Test func theLinkLocalAddressComesFirst() {
        let text = """
            vrrp_instance VI_6 {
                interface eth0
                virtual_router_id 51
                virtual_ipaddress {
                    2001:db8::1/64
                    2001:db8::2/64
                    fe80::1/64
                }
            }
            """
        let result = parse(
            SourceFile(path: "test.conf", text: [UInt8](text.utf8)), options: ParseOptions()
        ) { _, _ in [] }
        #expect(
            parameters(result).addresses == [
                IPAddress("fe80::1")!, IPAddress("2001:db8::1")!, IPAddress("2001:db8::2")!,
            ])
    }

    @Test func multicastGroupsOfIPv6StayOnTheLink() {
        #expect(codes(read("mcast_dst_ip ff05::12")) == ["bad-address"])
        let other = read("mcast_dst_ip 224.0.0.77")
        #expect(parameters(other).transport == .multicast(group: IPAddress("224.0.0.77")!))
    }
}
