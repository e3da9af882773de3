import Net
import Testing
import VRRP

/// How many addresses one packet has room for. The numbers for MTU 300, 576, 600 and 1500 are those of
/// keepalived 2.2.7.
@Suite struct AddressRoomTests {
    private func parameters(_ family: Family, count: Int = 1) -> VirtualRouterParameters {
        var addresses: [IPAddress] = []
        for number in 1...count {
            addresses.append(
                family == .ipv4
                    ? .v4(IPv4Address(192, 0, 2, UInt8(truncatingIfNeeded: number)))
                    : IPAddress("2001:db8::\(String(number, radix: 16))")!)
        }
        return VirtualRouterParameters(name: "VI_1", family: family, vrid: 51, addresses: addresses)
    }

    @Test(arguments: [
        (600, 137), (576, 131), (300, 62), (1_072, 255), (1_071, 254), (1_500, 255), (65_536, 255),
        (40, 1),
        (0, 1),
    ])
    func ipv4(_ mtu: UInt32, _ room: Int) {
        #expect(parameters(.ipv4).addressRoom(mtu: mtu) == room)
    }

    @Test(arguments: [(576, 133), (300, 64), (1_500, 255), (1_064, 255), (1_063, 254)])
    func ipv4WithVersion3(_ mtu: UInt32, _ room: Int) {
        var parameters = parameters(.ipv4)
        parameters.version = .v3
        #expect(parameters.addressRoom(mtu: mtu) == room)
    }

    @Test(arguments: [(1_280, 76), (1_500, 89), (9_000, 255), (4_144, 255), (4_143, 254)])
    func ipv6(_ mtu: UInt32, _ room: Int) {
        #expect(parameters(.ipv6).addressRoom(mtu: mtu) == room)
    }

    /// What a packet with so many addresses measures.
    @Test func aFullPacketFits() {
        var signed = parameters(.ipv4, count: 255)
        signed.authentication = .header(0x7333_6372_0000_0000)
        let limited = signed.limited(toMTU: 600)
        let packet = OutgoingAdvertisement(
            limited, from: IPAddress("192.0.2.1")!, to: IPAddress("224.0.0.18")!)
        #expect(limited.addresses.count == 135)
        #expect(packet.bytes.count == 600)
    }

    @Test func theLastAreLeftOut() {
        let limited = parameters(.ipv6, count: 100).limited(toMTU: 1_280)
        #expect(limited.addresses.count == 76)
        #expect(limited.addresses.last == IPAddress("2001:db8::4c"))
        #expect(parameters(.ipv6, count: 76).limited(toMTU: 1_280).addresses.count == 76)
    }
}
