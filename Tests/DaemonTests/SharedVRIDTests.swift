import Net
import Testing
import VRRP

@testable import Config
@testable import Daemon

/// Unicast instances on eth0 with VRID 51, each by its name and peers.
private func configuration(_ instances: [(String, String)]) -> Configuration {
    var text = ""
    for (number, (name, peers)) in instances.enumerated() {
        text += """
            vrrp_instance \(name) {
                interface eth0
                virtual_router_id 51
                unicast_peer {
                    \(peers)
                }
                virtual_ipaddress {
                    192.0.2.\(100 + number)/24
                }
            }

            """
    }
    return parse(
        SourceFile(path: "test.conf", text: [UInt8](text.utf8)), options: ParseOptions()
    ) { _, _ in [] }.configuration
}

private func mapping(_ old: [(String, String)], _ new: [(String, String)]) -> ReloadMapping {
    ReloadMapping(from: configuration(old), to: configuration(new))
}

@Suite struct SharedVRIDReloadTests {
    @Test func peersTellWhoIsWho() {
        let result = mapping(
            [("A", "192.0.2.2"), ("B", "192.0.2.3")], [("B", "192.0.2.3"), ("A", "192.0.2.2")])
        #expect(result.virtualRouters == [1, 0])
        #expect(result.removed == [])
    }

    @Test func anotherPeerIsNoOtherInstance() {
        #expect(mapping([("A", "192.0.2.2")], [("A", "192.0.2.9")]).virtualRouters == [0])
        let result = mapping(
            [("A", "192.0.2.2"), ("B", "192.0.2.3")], [("A", "192.0.2.9"), ("B", "192.0.2.3")])
        #expect(result.virtualRouters == [0, 1])
    }

    @Test func nobodyIsContinuedTwice() {
        let result = mapping([("A", "192.0.2.2")], [("A", "192.0.2.2"), ("B", "192.0.2.3")])
        #expect(result.virtualRouters == [0, nil])
        let fewer = mapping([("A", "192.0.2.2"), ("B", "192.0.2.3")], [("B", "192.0.2.3")])
        #expect(fewer.virtualRouters == [1])
        #expect(fewer.removed == [0])
    }
}
