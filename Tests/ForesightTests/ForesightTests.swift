import Config
import Net
import Testing

@testable import Foresight

@Suite struct ForesightTests {
    private func configuration(
        _ priority: Int, weight: Int? = nil, extra: String = ""
    ) -> Configuration {
        let script = weight.map {
            "vrrp_script chk {\n script /bin/true\n interval 2\n weight \($0)\n}\n"
        }
        let track = weight == nil ? "" : "track_script {\n chk\n}\n"
        let text =
            (script ?? "") + """
                vrrp_instance VI_1 {
                    interface eth0
                    virtual_router_id 51
                    priority \(priority)
                    virtual_ipaddress {
                        192.0.2.100/24
                    }
                    \(track)\(extra)
                }
                """
        let file = SourceFile(path: "x.conf", text: [UInt8](text.utf8))
        return parse(file, options: ParseOptions()) { _, _ in [] }.configuration
    }

    private func seconds(_ count: Double) -> Instant {
        Instant(nanoseconds: Int64(count * 1_000_000_000))
    }

    private func started(_ configurations: [Configuration]) -> Cluster {
        var cluster = Cluster(configurations)
        for node in configurations.indices { cluster.happen(.start, to: node) }
        return cluster
    }

    /// 3 s + 156/256 s to take over from silence; 3 s + 106/256 s for priority 150.
    @Test func aMasterThatDiesIsReplacedAfterMasterDownInterval() {
        var cluster = started([configuration(150), configuration(100)])
        cluster.run(until: seconds(10))
        #expect(cluster.master(of: cluster.holdings[0]) == 0)
        #expect(cluster.holdings[0].firstHeld == Instant(nanoseconds: 3_414_062_500))
        cluster.happen(.kill, to: 0)
        cluster.run(until: seconds(20))
        #expect(cluster.master(of: cluster.holdings[0]) == 1)
        // The last advertisement came at 9.4140625 s, and 0.1 ms later it was heard.
        #expect(cluster.holdings[0].nobody == .nanoseconds(3_023_537_500))
        #expect(cluster.holdings[0].several == .zero)
    }

    @Test func aMasterThatStopsIsReplacedAfterSkewTime() {
        var cluster = started([configuration(150), configuration(100)])
        cluster.run(until: seconds(10))
        cluster.happen(.stop, to: 0)
        cluster.run(until: seconds(20))
        #expect(cluster.holdings[0].nobody == .nanoseconds(609_475_000))
    }

    @Test func aWeightThatIsTooSmallIsNoFailover() {
        let found = answers([configuration(101, weight: -1), configuration(99, weight: -1)])
        let script = found.first { $0.question == .scriptFails(node: 0, script: 0) }
        #expect(script?.priorityBefore == 101)
        #expect(script?.priorityAfter == 100)
        #expect(script?.rival == 99)
        #expect(script?.fails == true)
    }

    @Test func aWeightThatIsEnoughMovesTheAddress() {
        let found = answers([configuration(101, weight: -3), configuration(99, weight: -3)])
        let script = found.first { $0.question == .scriptFails(node: 0, script: 0) }
        #expect(script?.after == 1)
        #expect(script?.priorityAfter == 98)
        #expect(found.first { $0.question == .dies(node: 0) }?.after == 1)
    }

    @Test func differentVersionsAreTwoMasters() {
        var cluster = started([configuration(150), configuration(100, extra: "version 3")])
        cluster.run(until: seconds(10))
        #expect(cluster.holdings[0].several > .seconds(6))
        #expect(cluster.master(of: cluster.holdings[0]) == nil)
    }
}
