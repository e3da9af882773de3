import Net
import Testing
import VRRP

@testable import Config

private func read(_ body: String, addresses: String = "192.0.2.100/24") -> ParseResult {
    let text = """
        vrrp_instance VI_1 {
            interface eth0
            virtual_router_id 51
            strict_mode
            virtual_ipaddress {
                \(addresses)
            }
            \(body)
        }
        """
    return parse(
        SourceFile(path: "test.conf", text: [UInt8](text.utf8)), options: ParseOptions()
    ) { _, _ in [] }
}

private func parameters(_ body: String) throws -> VirtualRouterParameters {
    try #require(read(body).configuration.plan.virtualRouters.first)
}

private func said(_ body: String) -> [ByteString] { read(body).diagnostics.map { $0.message } }

/// Each rule of strict mode: what is forced, and what is said about what was written otherwise.
@Suite struct StrictTests {
    @Test func plainInstancesRunWithoutAWord() throws {
        #expect(said("") == [])
        #expect(try parameters("").priority == 100)
    }

    @Test func needsAnAddress() {
        let result = read("", addresses: "")
        #expect(result.configuration.instances.isEmpty)
        #expect(
            result.diagnostics.first?.message
                == "strict mode needs a virtual_ipaddress: VI_1 is left out")
    }

    @Test func hasNoUnicast() {
        let result = read("unicast_peer {\n192.0.2.2\n}")
        #expect(result.configuration.instances.isEmpty)
        #expect(result.diagnostics.map { $0.code } == ["strict-unicast"])
    }

    @Test func ipv6IsVersion3() throws {
        let result = read("", addresses: "fe80::100/64")
        #expect(result.configuration.plan.virtualRouters.first?.version == .v3)
    }

    @Test func onlyTheOwnerStartsAsMaster() throws {
        #expect(try parameters("state MASTER\npriority 100").startsAsMaster == false)
        #expect(
            said("state MASTER\npriority 100")
                == ["strict mode: only the owner (priority 255) starts as MASTER: BACKUP is used"])
        #expect(try parameters("state BACKUP\npriority 255").startsAsMaster)
        #expect(
            said("state BACKUP\npriority 255")
                == ["strict mode: the owner (priority 255) starts as MASTER"])
        #expect(said("state MASTER\npriority 255") == [])
    }

    @Test func hasNoAuthentication() throws {
        let body = "authentication {\nauth_type PASS\nauth_pass x\n}"
        #expect(try parameters(body).authentication == .none)
        #expect(said(body) == ["strict mode: authentication is left out"])
    }

    @Test func hasNoPreemptDelay() throws {
        #expect(try parameters("preempt_delay 5").preemptDelay == .zero)
        #expect(said("preempt_delay 5") == ["strict mode: preempt_delay is left out"])
    }

    @Test func threeAdvertisementsMeanSilence() throws {
        #expect(try parameters("down_timer_adverts 5").downTimerAdvertisements == 3)
        #expect(said("down_timer_adverts 5") == ["strict mode: down_timer_adverts is 3"])
    }

    @Test func lowerPrioritiesAreNeitherAnsweredNorFollowedByAnnouncements() throws {
        let result = try parameters(
            "lower_prio_no_advert no\ngarp_lower_prio_repeat 4\ngarp_lower_prio_delay 2")
        #expect(!result.answersLowerPriority)
        #expect(result.announcements.lowerPriorityCount == 0)
        #expect(result.announcements.lowerPriorityDelay == .zero)
    }

    @Test func nothingIsSentBeforeSteppingDown() throws {
        #expect(try !parameters("higher_prio_send_advert yes").sendsBeforeSteppingDown)
    }

    @Test func anOwnerDoesNotListen() throws {
        #expect(try parameters("owner_ignore_adverts no").ownerIgnoresAdvertisements)
    }

    @Test func theVirtualMACIsTheRFCs() throws {
        let result = read("use_vmac vr51 02:00:00:00:00:05")
        let mac = MACAddress.virtualRouter(51, .ipv4)
        #expect(result.configuration.instances.first?.virtualInterface?.kind == .macvlan(mac))
        #expect(
            result.diagnostics.map { $0.message }
                == ["strict mode: a MAC other than the RFC's is left out"])
        #expect(said("use_vmac vr51") == [])
    }

    @Test func advertisementsLeaveWithTheVirtualMAC() {
        let result = read("use_vmac\nvmac_xmit_base")
        #expect(result.configuration.instances.first?.sendsFromVirtualInterface == true)
        #expect(
            result.diagnostics.map { $0.message }
                == ["vmac_xmit_base is not allowed in strict mode: ignored"])
    }

    @Test func trailersAreEnforced() throws {
        let body = "auth_hmac {\nkey 1 0123456789abcdef0123456789abcdef\nmode permissive\n}"
        #expect(try parameters(body).trailer?.mode == .enforce)
        #expect(said(body) == ["strict mode enforces auth_hmac: its mode is ignored"])
    }

    @Test func acceptsNothingButForAnOwner() {
        func accepts(_ body: String) -> Bool? {
            read(body).configuration.instances.first?.acceptsTraffic
        }
        #expect(accepts("") == false)
        #expect(accepts("no_accept") == false)
        #expect(accepts("priority 255") == true)
        #expect(accepts("version 3\naccept") == true)
        #expect(said("version 3\naccept") == [])
        #expect(accepts("accept") == false)
        #expect(said("accept") == ["strict mode: version 2 has no accept: it is left out"])
    }
}
