import Config
import Testing

@testable import Advice

/// What one lint says of a text, and a text like it that it must leave alone.
struct Showing: CustomTestStringConvertible {
    var lint: Lint
    var bad: [String]
    /// "web1:4 message" or "web1:4 web2:4 message".
    var says: String
    var good: [String]

    var testDescription: String { lint.rawValue }
}

let single = [
    Showing(
        lint: .rootScript,
        bad: ["vrrp_script chk {\n    script /bin/true\n}\n" + instance(tracked)],
        says: "web1:2 no script_user is named: scripts run as root where there is no user "
            + "keepalived_script",
        good: [script() + instance(tracked)]),
    Showing(
        lint: .rootScript,
        bad: ["global_defs {\n    script_user root\n}\n" + instance("notify /bin/true")],
        says: "web1:2 script_user root: scripts run as root",
        good: ["global_defs {\n    script_user root\n}\n" + instance("notify /bin/true nobody")]),
    Showing(
        lint: .rootScript,
        bad: ["global_defs {\n    script_user nobody\n}\n" + instance("notify /bin/true root")],
        says: "web1:8 /bin/true runs as root",
        good: [instance()]),
    Showing(
        lint: .slowTimeout,
        bad: [script("interval 2", "timeout 10", "fall 3", "weight -20") + instance(tracked)],
        says: "web1:7 web1:6 a check that hangs is noticed after 10 s, one that fails after 6 s "
            + "(interval 2 x fall 3)",
        good: [script("interval 2", "timeout 6", "fall 3", "weight -20") + instance(tracked)]),
    Showing(
        lint: .deadWeight, bad: [script("weight 2") + instance(priority: 254, tracked)],
        says:
            "web1:13 chk can never cause a failover: 254 + 2 = 254, as 254 is the highest priority",
        good: [script("weight 2") + instance(priority: 253, tracked)]),
    Showing(
        lint: .deadWeight,
        bad: [
            "vrrp_track_process chk {\n    process nginx\n    weight -20\n}\n"
                + instance(priority: 255, "track_process {\n        chk\n    }")
        ],
        says: "web1:10 chk can never cause a failover: priority 255 stays 255 whatever is tracked",
        good: [script() + instance(priority: 255, tracked)]),
    Showing(
        lint: .deadWeight, bad: [script("weight -20") + instance(priority: 1, tracked)],
        says: "web1:13 chk can never cause a failover: 1 - 20 = 1, as 1 is the lowest priority",
        good: [script("weight -20") + instance(priority: 2, tracked)]),
    Showing(
        lint: .nopreemptWeight, bad: [script("weight -20") + instance("nopreempt", tracked)],
        says: "web1:14 nopreempt: a backup that has it too stays backup when chk lowers the "
            + "priority here",
        good: [script() + instance("nopreempt", tracked)]),
    Showing(
        lint: .idlePreemptDelay, bad: [instance(priority: 255, "preempt_delay 10")],
        says: "web1:5 web1:4 preempt_delay has no effect with priority 255, which starts as master",
        good: [instance(priority: 254, "preempt_delay 10")]),
    Showing(
        lint: .impliedOwner, bad: [instance(priority: nil, "state MASTER")],
        says: "web1:4 state MASTER without a priority means 255: the owner of the addresses, which "
            + "never gives way",
        good: [instance(priority: nil, "state BACKUP")]),
    Showing(
        lint: .stuckGroup,
        bad: [
            instance("nopreempt")
                + instance(named: "VI_2", vrid: 52, addresses: ["198.51.100.1/24"])
                + group()
        ],
        says: "web1:5 web1:10 the group never takes back what another holds: VI_1 has nopreempt, "
            + "VI_2 has not",
        good: [
            instance("nopreempt")
                + instance(named: "VI_2", vrid: 52, addresses: ["198.51.100.1/24"], "nopreempt")
                + group()
        ]),
    Showing(
        lint: .stuckGroup,
        bad: [
            script("weight -20") + instance(tracked)
                + instance(named: "VI_2", vrid: 52, addresses: ["198.51.100.1/24"])
                + group("sync_group_tracking_weight")
        ],
        says: "web1:13 web1:19 chk lowers only VI_1: VI_2 stays above its peer, and the group "
            + "moves as one or not at all",
        good: [
            script("weight -20") + instance(tracked)
                + instance(named: "VI_2", vrid: 52, addresses: ["198.51.100.1/24"], tracked)
                + group("sync_group_tracking_weight")
        ]),
    Showing(
        lint: .hostPrefix, bad: [instance(addresses: ["192.0.2.100/24", "192.0.2.101"])],
        says: "web1:7 web1:6 192.0.2.101/32 is a single host beside 192.0.2.100/24, which has its "
            + "subnet",
        good: [instance(addresses: ["192.0.2.100/24", "198.51.100.1/32"])]),
    Showing(
        lint: .networkAddress, bad: [instance(addresses: ["192.0.2.0/24"])],
        says: "web1:6 192.0.2.0/24 is the network address of its subnet, no address in it",
        good: [instance(addresses: ["192.0.2.0/31"])]),
    Showing(
        lint: .networkAddress, bad: [instance(addresses: ["192.0.2.127/25"])],
        says: "web1:6 192.0.2.127/25 is the broadcast address of its subnet, no address in it",
        good: [instance(addresses: ["192.0.2.127/24"])]),
    Showing(
        lint: .sharedAddress, bad: [instance() + instance(named: "VI_2", vrid: 52)],
        says: "web1:14 web1:6 192.0.2.100 is an address of VI_1 too: one would take it from the "
            + "other",
        good: [instance() + instance(named: "VI_2", vrid: 52, addresses: ["192.0.2.101/24"])]),
    Showing(
        lint: .virtualSource, bad: [instance("mcast_src_ip 192.0.2.100")],
        says: "web1:5 web1:7 mcast_src_ip 192.0.2.100 is a virtual address: a backup does not have "
            + "it",
        good: [instance("mcast_src_ip 192.0.2.1")]),
    Showing(
        lint: .virtualPeer, bad: [instance("unicast_peer {\n        192.0.2.100\n    }")],
        says: "web1:6 web1:9 the peer 192.0.2.100 is a virtual address: who holds it would talk to "
            + "itself",
        good: [instance("unicast_peer {\n        192.0.2.2\n    }")]),
    Showing(
        lint: .placeholder,
        bad: [instance("dont_track_primary", "track_interface {\n        <nic>\n    }")],
        says: "web1:7 <nic> looks like a placeholder",
        good: [instance("notify_master \"/bin/sh -c <$FILE\"")]),
    Showing(
        lint: .placeholder,
        bad: [
            instance("authentication {\n        auth_type PASS\n        auth_pass CHANGEME\n    }")
        ],
        says: "web1:7 the value of auth_pass looks like a placeholder",
        good: [
            instance("authentication {\n        auth_type PASS\n        auth_pass $ecret\n    }")
        ]),
]

/// "web1:4 web2:4 message" of each finding with the code.
func told(_ lint: Lint, _ texts: [String]) -> [String] {
    advice(texts).filter { $0.code == lint.rawValue }.map { finding in
        let places = [finding.location, finding.related].compactMap { $0?.short }
        return (places + [finding.message.description]).joined(separator: " ")
    }
}

@Suite struct LintTests {
    @Test(arguments: single) func oneConfiguration(_ showing: Showing) {
        #expect(told(showing.lint, showing.bad) == [showing.says])
        #expect(told(showing.lint, showing.good) == [])
    }

    @Test(arguments: between) func twoNodes(_ showing: Showing) {
        #expect(told(showing.lint, showing.bad) == [showing.says])
        #expect(told(showing.lint, showing.good) == [])
    }

    @Test func eachLintIsShown() {
        let shown = Set((single + between).map { $0.lint })
        for lint in Lint.allCases { #expect(shown.contains(lint), "\(lint.rawValue)") }
    }

    @Test func aGoodPairHasNothing() {
        #expect(advice([web(1, priority: 150), web(2, priority: 100)]) == [])
    }

    @Test func noPasswordIsShown() {
        let texts = ["secret-1", "secret-2"].map {
            instance("authentication {\n        auth_type PASS\n        auth_pass \($0)\n    }")
        }
        let text = advice(texts).map { "\($0.message)\($0.hint ?? "")\($0.word)" }.joined()
        #expect(!text.contains("secret"))
        #expect(!text.isEmpty)
    }
}
