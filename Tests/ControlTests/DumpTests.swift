import Net
import Testing
import VRRP

@testable import Control

/// What the dumps say of virtual interfaces and scripts, in keepalived's words.
@Suite struct DumpTests {
    private var node: NodeStatus {
        let address = IPAddress("192.0.2.10")!
        let parameters = VirtualRouterParameters(
            name: "WEB", family: .ipv4, vrid: 51, addresses: [address])
        var status = InstanceStatus(parameters: parameters, interface: "eth0")
        status.virtualLink = .init(name: "vrrp.51", isIPVLAN: false, isSentFrom: true)
        status.isStrict = true
        var held = InstanceStatus.Address(
            prefix: Prefix(address: address, length: 32), interface: "vrrp.51", scope: 0,
            label: nil, isSet: false)
        held.parent = "eth0"
        status.addresses = [held]
        return NodeStatus(routerID: "web1", instances: [status], groups: [])
    }

    private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains { $0 == text[...] }
    }

    @Test func theInterfaceIsTheVirtualOne() {
        #expect(contains(node.dataText(), "   Interface = vrrp.51, vmac on eth0"))
        #expect(contains(node.dataText(), "     192.0.2.10/32 dev vrrp.51@eth0 scope global"))
        var onParent = node
        onParent.instances[0].virtualLink?.isSentFrom = false
        #expect(
            contains(onParent.dataText(), "   Interface = vrrp.51, vmac on eth0, xmit base i/f"))
    }

    @Test func jsonNamesItTwice() {
        let text = String(decoding: node.jsonText(), as: UTF8.self)
        #expect(text.split(separator: ",").contains("\"vmac_ifname\":\"vrrp.51\""))
        #expect(text.split(separator: ",").contains("\"ifp_ifname\":\"vrrp.51\""))
        #expect(text.split(separator: ",").contains("\"strict_mode\":1"))
    }
}
