import Linux
import Net
import Testing
import VRRP

// Advertisements that other implementations sent: captured on a LAN of namespaces, from the IP header
// on. Each pair is the first of a master and its last, with priority 0. VRID 51, priority 150,
// 192.0.2.100 (IPv6: fe80::100 and 2001:db8::100, FRR fe80::100), one second, password "s3cr".

struct Capture: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let advertisement: [UInt8]
    let farewell: [UInt8]
    let parameters: VirtualRouterParameters

    init(
        _ name: String, _ advertisement: String, farewell: String,
        _ change: (inout VirtualRouterParameters) -> Void
    ) {
        testDescription = name
        self.advertisement = Self.bytes(advertisement)
        self.farewell = Self.bytes(farewell)
        let isIPv6 = advertisement.hasPrefix("6")
        var parameters = VirtualRouterParameters(
            name: "VI_1", family: isIPv6 ? .ipv6 : .ipv4, vrid: 51,
            addresses: [IPAddress(isIPv6 ? "fe80::100" : "192.0.2.100")!])
        parameters.priority = 150
        change(&parameters)
        self.parameters = parameters
    }

    private static func bytes(_ text: String) -> [UInt8] {
        let digits = Array(text.utf8)
        return stride(from: 0, to: digits.count, by: 2).map {
            hexadecimalDigit(digits[$0])! << 4 | hexadecimalDigit(digits[$0 + 1])!
        }
    }

    private var headerSize: Int { parameters.family == .ipv6 ? 40 : 20 }

    func source(_ bytes: [UInt8]) -> IPAddress {
        IPAddress(bytes: parameters.family == .ipv6 ? bytes[8..<24] : bytes[12..<16])!
    }

    func destination(_ bytes: [UInt8]) -> IPAddress {
        IPAddress(bytes: parameters.family == .ipv6 ? bytes[24..<40] : bytes[16..<20])!
    }

    func payload(_ bytes: [UInt8]) -> [UInt8] { [UInt8](bytes[headerSize...]) }

    func decode(_ bytes: [UInt8]) throws -> Advertisement {
        let hopLimit = Int(parameters.family == .ipv6 ? bytes[7] : bytes[8])
        return try Advertisement.decode(
            ReceivedPacket(
                source: source(bytes), destination: destination(bytes), hopLimit: hopLimit),
            payload(bytes).span, header: [UInt8](bytes[..<headerSize]).span,
            expecting: AdvertisementExpectation(parameters), digest: Digest())
    }

    func refusal(_ bytes: [UInt8]) -> Discard? {
        do {
            _ = try decode(bytes)
            return nil
        } catch {
            return error as? Discard
        }
    }
}

private let captures = [
    Capture(
        "keepalived 2.2.7, v2",
        "45c0002800010000ff701891c0000201e00000122133960100018665c0000264" + "0000000000000000",
        farewell:
            "45c0002800020000ff701890c0000201e00000122133000100011c66c0000264" + "0000000000000000"
    ) { _ in },
    Capture(
        "keepalived 2.2.7, v2 PASS",
        "45c0002800010000ff701891c0000201e0000012213396010101aebfc0000264" + "7333637200000000",
        farewell:
            "45c0002800020000ff701890c0000201e000001221330001010144c0c0000264" + "7333637200000000"
    ) { $0.authentication = .password(0x7333_6372_0000_0000) },
    Capture(
        "keepalived 2.2.7, v2 AH",
        "45c0004000010000ff3318b6c0000201e000001270040000c000020100000001"
            + "860d3db728b6af154872c0e72133960102018465c00002640000000000000000",
        farewell:
            "45c0004000020000ff3318b5c0000201e000001270040000c000020100000002"
            + "69bf0d79adb314645923e55c2133000102011a66c00002640000000000000000"
    ) { $0.authentication = .header(0x7333_6372_0000_0000) },
    Capture(
        "keepalived 2.2.7, v3",
        "45c0002000010000ff701899c0000201e0000012313396010064d371c0000264",
        farewell:
            "45c0002000020000ff701898c0000201e00000123133000100646972c0000264"
    ) { $0.version = .v3 },
    Capture(
        "keepalived 2.2.7, v3 IPv6",
        "6c0f55bc002870fffe800000000000009cb8f0fffe1ac314ff02000000000000"
            + "0000000000000012313396020064bd15fe800000000000000000000000000100"
            + "20010db8000000000000000000000100",
        farewell:
            "6c0f55bc002870fffe800000000000009cb8f0fffe1ac314ff02000000000000"
            + "00000000000000123133000200645316fe800000000000000000000000000100"
            + "20010db8000000000000000000000100"
    ) { $0.addresses.append(IPAddress("2001:db8::100")!) },
    Capture(
        "keepalived 2.2.7, v3 unicast",
        "45c0002000010000ff7036a9c0000201c0000202313396010064f181c0000264",
        farewell:
            "45c0002000020000ff7036a8c0000201c00002023133000100648782c0000264"
    ) {
        $0.version = .v3
        $0.transport = .unicast(peers: [IPAddress("192.0.2.1")!])
    },
    Capture(
        "FRR 8.4.4, v2",
        "45c000284a3d4000ff708e54c0000201e00000122133960100018665c0000264" + "0000000000000000",
        farewell:
            "45c000284a3e4000ff708e53c0000201e00000122133000100011c66c0000264" + "0000000000000000"
    ) { _ in },
    Capture(
        "FRR 8.4.4, v3",
        "45c000202acd4000ff70adccc0000201e0000012313396010064d371c0000264",
        farewell:
            "45c000202ace4000ff70adcbc0000201e00000123133000100646972c0000264"
    ) { $0.version = .v3 },
    Capture(
        "FRR 8.4.4, v3 IPv6",
        "6c0335ae001870fffe800000000000000000000000000100ff02000000000000"
            + "000000000000001231339601006439c8fe800000000000000000000000000100",
        farewell:
            "6c0335ae001870fffe800000000000000000000000000100ff02000000000000"
            + "0000000000000012313300010064cfc8fe800000000000000000000000000100"
    ) { _ in },
]

@Suite struct CapturedPacketTests {
    @Test(arguments: captures) func areHeard(_ capture: Capture) throws {
        let heard = try capture.decode(capture.advertisement)
        #expect(heard.claim == .priority(150))
        #expect(heard.interval == .seconds(1))
        #expect(heard.source == capture.source(capture.advertisement))
        #expect(!heard.listDiffers && !heard.usesOldChecksum)
        #expect(try capture.decode(capture.farewell).claim == .resigns)
    }

    /// What we would send in the sender's place, but for the IP header's identification.
    @Test(arguments: captures) func areWhatWeSend(_ capture: Capture) throws {
        var packet = OutgoingAdvertisement(
            capture.parameters, from: capture.source(capture.advertisement),
            to: capture.destination(capture.advertisement))
        let message = capture.payload(capture.advertisement).suffix(
            packet.bytes.count - packet.messageOffset)
        #expect([UInt8](packet.bytes[packet.messageOffset...]) == [UInt8](message))
        packet.setPriority(0)
        let last = capture.payload(capture.farewell).suffix(
            packet.bytes.count - packet.messageOffset)
        #expect([UInt8](packet.bytes[packet.messageOffset...]) == [UInt8](last))
    }

    /// Any bit of the payload: there is a reason for each.
    @Test(arguments: captures) func areRefusedWithAnyBitChanged(_ capture: Capture) {
        let start = capture.advertisement.count - capture.payload(capture.advertisement).count
        for bit in (start * 8)..<(capture.advertisement.count * 8) {
            var bytes = capture.advertisement
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(capture.refusal(bytes) != nil, "bit \(bit - start * 8)")
        }
    }

    @Test(arguments: captures) func everyTruncationIsRefused(_ capture: Capture) {
        let start = capture.advertisement.count - capture.payload(capture.advertisement).count
        for length in start..<capture.advertisement.count {
            #expect(
                capture.refusal([UInt8](capture.advertisement[..<length])) == .packetTooShort)
        }
    }

    /// Multicast: TTL 255 is required; unicast has no such rule.
    @Test(arguments: captures) func fromBeyondTheLinkTheyAreRefused(_ capture: Capture) {
        var bytes = capture.advertisement
        bytes[capture.parameters.family == .ipv6 ? 7 : 8] = 254
        let isUnicast = !capture.destination(bytes).isMulticast
        #expect(capture.refusal(bytes) == (isUnicast ? nil : .ttl))
    }
}
