import Control
import Foundation
import Net
import Testing
import VRRP

/// The files that SIGUSR1, SIGUSR2 and signal 36 write.
@Suite struct StatusFileTests {
    private func node(
        name: ByteString = "WEB", _ change: (inout InstanceStatus) -> Void = { _ in }
    ) -> NodeStatus {
        var parameters = VirtualRouterParameters(
            name: name, family: .ipv4, vrid: 51, addresses: [IPAddress("192.0.2.10")!])
        parameters.authentication = .password(0x7365_6372_6574_0000)
        parameters.priority = 150
        var status = InstanceStatus(parameters: parameters, interface: "eth0")
        status.state = .master
        status.effectivePriority = 148
        status.totalPriority = 148
        status.lastTransition = 1_700_000_000_250_000
        status.addresses = [
            InstanceStatus.Address(
                prefix: Prefix(address: IPAddress("192.0.2.10")!, length: 24), interface: "eth0",
                scope: 0, label: nil, isSet: true)
        ]
        change(&status)
        return NodeStatus(routerID: "web1", instances: [status], groups: [])
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func json(_ node: NodeStatus) throws -> [[String: [String: Any]]] {
        let value = try JSONSerialization.jsonObject(with: Data(node.jsonText()))
        return try #require(value as? [[String: [String: Any]]])
    }

    @Test func jsonIsAnArrayOfDataAndStatistics() throws {
        let instance = try #require(try json(node()).first)
        let data = try #require(instance["data"])
        #expect(data["iname"] as? String == "WEB")
        #expect(data["ifp_ifname"] as? String == "eth0")
        #expect(data["vrid"] as? Int == 51)
        #expect(data["state"] as? Int == 2)
        #expect(data["base_priority"] as? Int == 150)
        #expect(data["effective_priority"] as? Int == 148)
        #expect(data["vips"] as? [String] == ["192.0.2.10/24 dev eth0 scope global set"])
        #expect(instance["stats"]?["advert_rcvd"] as? Int == 0)
    }

    /// Names are bytes of a file: whatever they hold, the JSON stays JSON.
    @Test(arguments: [
        ByteString([UInt8(ascii: "\"")]), ByteString([UInt8(ascii: "\\")]), ByteString([1, 9, 31]),
        ByteString([0xff, 0xc3]), ByteString([0xe4, 0xb8, 0xad]),
    ])
    func jsonSurvivesEveryName(name: ByteString) throws {
        let data = try #require(try json(node(name: name)).first?["data"])
        #expect(data["iname"] as? String == name.description)
    }

    @Test func noFileHoldsThePassword() {
        let node = node()
        for file in [node.dataText(), node.statisticsText(), node.jsonText()] {
            #expect(!text(file).contains("secret"))
        }
        #expect(text(node.dataText()).contains("Password = ********"))
    }

    @Test func dataTellsStateReasonAndFaults() {
        let data = text(
            node {
                $0.state = .fault
                $0.reason = "the interface is down"
                $0.faults = ["the interface is down", "check failed"]
            }.dataText())
        #expect(data.contains(" VRRP Instance = WEB\n"))
        #expect(data.contains("   State = FAULT\n"))
        #expect(data.contains("   Reason = the interface is down\n"))
        #expect(data.contains("   Fault = the interface is down\n   Fault = check failed\n"))
        #expect(data.contains("   Priority = 150\n"))
        #expect(data.contains("   Effective priority = 148\n"))
    }

    @Test func dumpsNameTheVirtualInterface() throws {
        let node = node {
            $0.virtualLink = .init(name: "vrrp.51", isIPVLAN: false, isSentFrom: false)
            $0.addresses[0].interface = "vrrp.51"
            $0.addresses[0].parent = "eth0"
            $0.addresses[0].options = ["home", "no_track"]
            $0.isStrict = true
            $0.acceptsTraffic = false
        }
        let data = try #require(try json(node).first?["data"])
        #expect(data["vmac_ifname"] as? String == "vrrp.51")
        #expect(data["ifp_ifname"] as? String == "vrrp.51")
        #expect(data["strict_mode"] as? Int == 1)
        #expect(data["accept"] as? Int == 0)
        #expect(
            data["vips"] as? [String]
                == ["192.0.2.10/24 dev vrrp.51@eth0 scope global home no_track set"])
        #expect(
            text(node.dataText()).contains("   Interface = vrrp.51, vmac on eth0, xmit base i/f\n"))
    }

    @Test func dumpsTellHowLongAnAddressIsPreferred() throws {
        func vip(_ length: Int, _ lifetime: UInt32?) throws -> [String]? {
            let node = node {
                $0.addresses[0].prefix = Prefix(address: IPAddress("2001:db8::1")!, length: length)
                $0.addresses[0].isSet = false
                $0.addresses[0].preferredLifetime = lifetime
            }
            return try json(node).first?["data"]?["vips"] as? [String]
        }
        #expect(try vip(128, nil) == ["2001:db8::1/128 dev eth0 scope global deprecated"])
        #expect(try vip(64, nil) == ["2001:db8::1/64 dev eth0 scope global preferred_lft forever"])
        #expect(try vip(64, 7) == ["2001:db8::1/64 dev eth0 scope global preferred_lft 7"])
        #expect(try vip(64, 0) == ["2001:db8::1/64 dev eth0 scope global deprecated"])
    }

    /// 1 BACKUP, 2 MASTER, 3 FAULT.
    @Test func dumpsTellTheWantedState() throws {
        func wanted(_ state: StateName, master: Bool, group: ByteString? = nil) throws -> Int? {
            let node = node {
                $0.state = state
                $0.parameters.startsAsMaster = master
                $0.group = group
            }
            return try json(node).first?["data"]?["wantstate"] as? Int
        }
        #expect(try wanted(.backup, master: true) == 2)
        #expect(try wanted(.backup, master: true, group: "G") == 1)
        #expect(try wanted(.backup, master: false) == 1)
        #expect(try wanted(.initialize, master: false) == 1)
        #expect(try wanted(.fault, master: true) == 3)
        #expect(try wanted(.master, master: false, group: "G") == 2)
    }

    @Test func statisticsCountWhatWasDiscardedByReason() {
        let statistics = text(
            node {
                $0.counters.discards = [UInt64](repeating: 0, count: Discard.allCases.count)
                $0.counters.discards[Int(Discard.packetTooShort.rawValue)] = 2
                $0.counters.discards[Int(Discard.packetLength.rawValue)] = 3
                $0.counters.discards[Int(Discard.ttl.rawValue)] = 7
                $0.counters.discards[Int(Discard.checksum.rawValue)] = 11
            }.statisticsText())
        #expect(statistics.contains("VRRP Instance: WEB\n"))
        #expect(statistics.contains("    Length: 5\n"))
        #expect(statistics.contains("    TTL: 7\n"))
        #expect(statistics.contains("    Checksum Err: 11\n"))
    }
}
