import Linux
import Net
import VRRP

// libFuzzer feeds the decoder: the first byte chooses what is expected, the second the hop limit,
// the rest is what followed the IP header. Run it with `make fuzz`; what it finds belongs into
// Tests/Fuzz/corpus/packet, which the plain tests run too.

/// What an input is held against.
struct FuzzTarget {
    let expectations: [AdvertisementExpectation]
    let digest: Digest
    let ipHeader: [UInt8] = [
        0x45, 0xc0, 0, 40, 0, 1, 0, 0, 255, 112, 0, 0, 192, 0, 2, 1, 224, 0, 0, 18,
    ]

    init() throws(SystemError) {
        digest = try Digest()
        let v4: [IPAddress] = [.v4(IPv4Address(192, 0, 2, 100)), .v4(IPv4Address(192, 0, 2, 101))]
        let v6: [IPAddress] = [.v6(IPv6Address(high: 0xfe80 << 48, low: 0x100))]
        expectations = [
            Self.expectation(.v2, v4) { _ in },
            Self.expectation(.v2, v4) { $0.authentication = .password(0x7333_6372_0000_0000) },
            Self.expectation(.v2, v4) { $0.authentication = .header(0x7333_6372_0000_0000) },
            Self.expectation(.v3, v4) { _ in },
            Self.expectation(.v3, v6) { _ in },
            Self.expectation(.v3, v4) {
                let key = TrailerAuthentication.Key(id: 1, secret: [UInt8](repeating: 7, count: 32))
                $0.trailer = TrailerAuthentication(
                    keys: [key], activeKey: 1, window: .seconds(5))
            },
            Self.expectation(.v3, v4) { $0.transport = .unicast(peers: v4) },
            Self.expectation(.v3, v4) { $0.checksum = .messageOnly },
        ]
    }

    private static func expectation(
        _ version: ProtocolVersion, _ addresses: [IPAddress],
        _ change: (inout VirtualRouterParameters) -> Void
    ) -> AdvertisementExpectation {
        var parameters = VirtualRouterParameters(
            name: "VI_1", family: addresses[0].family, vrid: 51, addresses: addresses)
        parameters.version = version
        change(&parameters)
        return AdvertisementExpectation(parameters)
    }

    /// The reason to refuse an input; nil where it is accepted.
    func refusal(_ input: Span<UInt8>) -> Discard? {
        guard input.count >= 2 else { return .packetTooShort }
        let number = Int(input[0]) % expectations.count
        let payload = input.extracting(2..<input.count)
        let isIPv6 = number == 4
        let packet = ReceivedPacket(
            source: isIPv6
                ? .v6(IPv6Address(high: 0xfe80 << 48, low: 1)) : .v4(IPv4Address(192, 0, 2, 1)),
            destination: isIPv6
                ? .v6(.vrrpGroup)
                : number == 6 ? .v4(IPv4Address(192, 0, 2, 2)) : .v4(.vrrpGroup),
            hopLimit: Int(input[1]))
        let header = isIPv6 ? [] : ipHeader
        do throws(Discard) {
            _ = try Advertisement.decode(
                packet, payload, header: header.span, expecting: expectations[number],
                digest: digest)
            return nil
        } catch {
            return error
        }
    }
}
