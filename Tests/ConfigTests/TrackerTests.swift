import Config
import Net
import Testing
import VRRP

/// Two members of a group; what the first one tracks, and more words of the group.
private func tracking(_ objects: String, _ lines: String, group: String = "") -> ParseResult {
    let text = """
        \(objects)
        vrrp_sync_group G {
            group {
                a
                b
            }
            \(group)
        }
        vrrp_instance a {
            interface eth0
            virtual_router_id 1
            virtual_ipaddress {
                192.0.2.1
            }
            \(lines)
        }
        vrrp_instance b {
            interface eth0
            virtual_router_id 2
            virtual_ipaddress {
                192.0.2.2
            }
        }
        """
    let file = SourceFile(path: "/a.conf", text: [UInt8](text.utf8))
    return parse(file, options: ParseOptions()) { _, _ in [] }
}

private func weights(_ result: ParseResult) -> [Int] {
    result.configuration.plan.virtualRouters[0].tracking.map { $0.weight.value }
}

private func warnings(_ result: ParseResult) -> [String] {
    result.diagnostics.filter { $0.severity >= .warning }.map { $0.code }
}

@Suite struct ScriptTimeTests {
    private func script(_ lines: String) -> CheckScript? {
        tracking("vrrp_script s {\nscript /bin/true\n\(lines)\n}", "track_script {\ns\n}")
            .configuration.scripts.first
    }

    @Test func toTheMillisecond() {
        let one = script("interval 0.25\ntimeout 0.123")
        #expect(one?.interval == .milliseconds(250))
        #expect(one?.timeout == .milliseconds(123))
    }

    @Test func aTimeoutThatIsNotGivenIsTheInterval() {
        #expect(script("interval 1.5")?.timeout == .milliseconds(1500))
        #expect(script("")?.interval == .seconds(1))
    }
}

@Suite struct BFDTests {
    /// There is no BFD: with a weight it is a member's own, without one it would be a fault for ever.
    @Test func aGroupAndItsMembersLeaveItOut() {
        let result = tracking(
            "bfd_instance peer {\nneighbor_ip 192.0.2.2\nmin_rx 10\nmultiplier 3\n}",
            "track_bfd {\npeer weight -10\n}", group: "track_bfd {\npeer\n}")
        #expect(
            result.diagnostics.map { $0.code }
                == ["unsupported", "bfd-without-weight", "member-weight"])
        #expect(weights(result) == [])
    }
}

@Suite struct MemberWeightTests {
    private let script = "vrrp_script s {\nscript /bin/true\nweight 10\n}"
    private let file = "vrrp_track_file f {\nfile /run/f\n}"

    @Test func aWeightedScriptOfAMemberIsLeftOut() {
        let result = tracking(script, "track_script {\ns\n}")
        #expect(weights(result) == [])
        #expect(warnings(result) == ["member-weight"])
    }

    @Test func aWeightedInterfaceCountsAsZero() {
        let result = tracking("", "track_interface {\neth1 weight -20\n}")
        #expect(weights(result) == [0])
        #expect(warnings(result) == ["member-weight"])
    }

    @Test func aFileWithItsUsualWeightCountsAsZero() {
        #expect(weights(tracking(file, "track_file {\nf\n}")) == [0])
        #expect(weights(tracking(file, "track_file {\nf weight 2\n}")) == [])
    }

    @Test func underSyncGroupTrackingWeightAllOfThemCount() {
        let result = tracking(
            script, "track_script {\ns\n}", group: "sync_group_tracking_weight")
        #expect(weights(result) == [10])
        #expect(warnings(result) == [])
    }
}

@Suite struct TrackProcessTests {
    private func process(_ lines: String) -> TrackProcess? {
        let result = tracking(
            "vrrp_track_process p {\n\(lines)\n}", "track_process {\np weight 0\n}")
        return result.configuration.processes.first
    }

    @Test func aQuotedNameIsOneWord() {
        let process = process("process \"/tmp/a b\" one \"two three\"")
        #expect(process?.command == ["/tmp/a b", "one", "two three"])
        #expect(process?.matching == .command)
    }

    @Test func whatHasToBeEqual() {
        #expect(process("process nginx")?.matching == .name)
        #expect(process("process nginx\nfull_command")?.matching == .command)
        #expect(process("process nginx\nparam_match partial")?.matching == .partial)
        #expect(process("process nginx -c\nparam_match initial")?.matching == .initial)
    }

    @Test func quorumAndDelays() {
        let process = process("process nginx\nquorum 2\nquorum_max 4\ndelay 0.25")
        #expect(process?.quorum == 2)
        #expect(process?.quorumMaximum == 4)
        #expect(process?.forkDelay == .milliseconds(250))
        #expect(process?.terminateDelay == .milliseconds(250))
    }
}
