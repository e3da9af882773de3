import Linux
import Net
import Testing
import VRRP

// The decoder's ladder: advertisements byte by byte, sent and heard, and every reason to refuse one,
// for each version and family. Checksums were computed by another program.

/// What is sent and heard, and from whom to whom.
struct Wire: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let message: [UInt8]
    let source: IPAddress
    let destination: IPAddress
    let parameters: VirtualRouterParameters

    func decode(_ bytes: [UInt8], hopLimit: Int = 255, from: IPAddress? = nil, to: IPAddress? = nil)
        throws -> Advertisement
    {
        try Advertisement.decode(
            ReceivedPacket(
                source: from ?? source, destination: to ?? destination, hopLimit: hopLimit),
            bytes.span, header: [UInt8]().span,
            expecting: AdvertisementExpectation(parameters), digest: Digest())
    }

    func refusal(
        _ bytes: [UInt8], hopLimit: Int = 255, from: IPAddress? = nil, to: IPAddress? = nil
    ) -> Discard? {
        do {
            let heard = try decode(bytes, hopLimit: hopLimit, from: from, to: to)
            return heard.isIgnored ? .ownerIgnores : nil
        } catch {
            return error as? Discard
        }
    }

    /// With other bytes, and a checksum that is right again.
    func changed(_ changes: [Int: UInt8]) -> [UInt8] {
        var bytes = message
        for (position, value) in changes { bytes[position] = value }
        var sum = UInt32(0xffff ^ (UInt32(bytes[6]) << 8 | UInt32(bytes[7])))
        for start in stride(from: 0, to: bytes.count, by: 2) where start != 6 {
            sum += 0xffff ^ (UInt32(message[start]) << 8 | UInt32(message[start + 1]))
            sum += UInt32(bytes[start]) << 8 | UInt32(bytes[start + 1])
        }
        while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
        let value = 0xffff ^ sum
        (bytes[6], bytes[7]) = (UInt8(value >> 8), UInt8(value & 0xff))
        return bytes
    }
}

private func parameters(
    _ version: ProtocolVersion, _ addresses: [IPAddress],
    _ change: (inout VirtualRouterParameters) -> Void = { _ in }
) -> VirtualRouterParameters {
    var parameters = VirtualRouterParameters(
        name: "VI_1", family: addresses[0].family, vrid: 51, addresses: addresses)
    parameters.version = version
    parameters.priority = 150
    change(&parameters)
    return parameters
}

private func ip(_ text: String) -> IPAddress { IPAddress(text)! }

private let one = [ip("192.0.2.100")]

let version2 = Wire(
    testDescription: "v2",
    message: [
        0x21, 51, 150, 1,  // version and type, VRID, priority, count
        0, 1, 0x86, 0x65,  // no authentication, 1 s, checksum
        192, 0, 2, 100,
        0, 0, 0, 0, 0, 0, 0, 0,  // authentication data
    ], source: ip("192.0.2.1"), destination: ip("224.0.0.18"), parameters: parameters(.v2, one))

let version2Password = Wire(
    testDescription: "v2 with auth_type PASS",
    message: [
        0x21, 51, 150, 1,
        1, 1, 0xae, 0xbf,  // type 1, 1 s, checksum
        192, 0, 2, 100,
        0x73, 0x33, 0x63, 0x72, 0, 0, 0, 0,  // "s3cr"
    ], source: ip("192.0.2.1"), destination: ip("224.0.0.18"),
    parameters: parameters(.v2, one) { $0.authentication = .password(0x7333_6372_0000_0000) })

let version3 = Wire(
    testDescription: "v3, IPv4",
    message: [
        0x31, 51, 150, 1,
        0, 100, 0xd3, 0x71,  // 100 centiseconds, checksum
        192, 0, 2, 100,
    ], source: ip("192.0.2.1"), destination: ip("224.0.0.18"), parameters: parameters(.v3, one))

let version3IPv6 = Wire(
    testDescription: "v3, IPv6",
    message: [
        0x31, 51, 150, 2,
        0, 100, 0x0b, 0xfd,
        0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x00,  // fe80::100
        0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x00,  // 2001:db8::100
    ], source: ip("fe80::1"), destination: ip("ff02::12"),
    parameters: parameters(.v3, [ip("fe80::100"), ip("2001:db8::100")]))

private let all = [version2, version2Password, version3, version3IPv6]

@Suite struct Decoder {
    @Test(arguments: all) func whatIsHeardIsWhatIsSent(_ wire: Wire) throws {
        let packet = OutgoingAdvertisement(
            wire.parameters, from: wire.source, to: wire.destination)
        #expect([UInt8](packet.bytes[packet.messageOffset...]) == wire.message)
        let heard = try wire.decode(wire.message)
        #expect(heard.source == wire.source)
        #expect(heard.claim == .priority(150))
        #expect(heard.interval == .seconds(1))
        #expect(!heard.listDiffers)
    }

    @Test(arguments: all) func priorityZeroResigns(_ wire: Wire) throws {
        #expect(try wire.decode(wire.changed([2: 0])).claim == .resigns)
    }

    @Test(arguments: [version3, version3IPv6]) func reservedBitsAreIgnored(_ wire: Wire) throws {
        #expect(try wire.decode(wire.changed([4: 0xf0])).interval == .seconds(1))
    }

    /// RFC 3768 section 5.3.10: without authentication its data say nothing.
    @Test func unusedAuthenticationDataIsIgnored() throws {
        let bytes = version2.changed([12: 0x73, 13: 0x33, 18: 0x63, 19: 0x72])
        #expect(try version2.decode(bytes).claim == .priority(150))
    }

    /// RFC 9568 section 7.1 (erratum) would refuse it; keepalived hears it, and a rival is a rival.
    @Test func aListThatBeginsWithoutALinkLocalAddressIsHeard() throws {
        let message = version3IPv6.message
        let turned = [UInt8](message[..<8] + message[24...] + message[8..<24])
        let advertisement = try version3IPv6.decode(turned)
        #expect(advertisement.claim == .priority(150))
        #expect(!advertisement.listDiffers)
    }

    @Test(arguments: all) func everyPrefixIsTooShort(_ wire: Wire) {
        for length in 0..<wire.message.count {
            let reason = wire.refusal([UInt8](wire.message[..<length]))
            #expect(reason == .packetTooShort, "\(length) bytes")
        }
    }

    /// Any one bit of the message: the checksum finds it, unless a rung before it does.
    @Test(arguments: all) func everyBitFlippedIsRefused(_ wire: Wire) {
        for bit in 0..<(wire.message.count * 8) {
            var bytes = wire.message
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let reason = wire.refusal(bytes)
            let expected: [Discard] =
                switch bit / 8 {
                case 0: [.version, .type]
                case 3: [.packetTooShort, .packetLength, .checksum]
                default: [.checksum]
                }
            #expect(reason.map { expected.contains($0) } == true, "bit \(bit)")
        }
    }

    /// Nothing that random bytes do is anything but a reason; and none is accepted by accident.
    @Test(arguments: all) func randomBytesAreRefused(_ wire: Wire) {
        var random = SplitMix64(seed: 112)
        for _ in 0..<20_000 {
            let bytes = (0..<random.below(80)).map { _ in UInt8(random.below(256)) }
            #expect(wire.refusal(bytes) != nil)
        }
    }

    @Test(arguments: all) func everyReasonHasItsPacket(_ wire: Wire) {
        let message = wire.message
        #expect(wire.refusal(message, hopLimit: 254) == .ttl)
        #expect(wire.refusal(message, hopLimit: -1) == .ttl)
        #expect(wire.refusal(wire.changed([0: 0x41])) == .version)
        #expect(wire.refusal(wire.changed([0: message[0] & 0xf0 | 2])) == .type)
        #expect(wire.refusal(wire.changed([0: message[0] & 0xf0])) == .type)
        #expect(wire.refusal(message + [UInt8](repeating: 0, count: 100)) == .packetLength)
        #expect(wire.refusal(wire.changed([1: 52])) == .vrid)
        #expect(wire.refusal(wire.changed([1: 0])) == .vrid)
        #expect(wire.refusal(wire.changed([3: 255])) == .packetTooShort)
        #expect(wire.refusal(wire.changed([3: 0])) != nil)
        // Disjoint lists: another cluster's.
        let last = wire.parameters.addresses.count * wire.parameters.family.addressSize + 7
        let first = wire.parameters.family.addressSize + 7
        var elsewhere: [Int: UInt8] = [first: 99]
        elsewhere[last] = 99
        #expect(wire.refusal(wire.changed(elsewhere)) == .addressList)
    }

    /// RFC 9568 section 5.2.5 (erratum): ignored, but for who advertises no address himself.
    @Test(
        arguments: zip(
            [version2, version3, version3IPv6], [(0x48, 0xcb), (0x95, 0xdb), (0x3a, 0x59)]))
    func anAdvertisementWithoutAddressesIsRefused(_ wire: Wire, _ sum: (UInt8, UInt8)) throws {
        let isVersion2 = wire.parameters.version == .v2
        let fixed: [UInt8] = [
            wire.message[0], 51, 150, 0, 0, isVersion2 ? 1 : 100, sum.0, sum.1,
        ]
        let bytes = fixed + [UInt8](repeating: 0, count: isVersion2 ? 8 : 0)
        #expect(wire.refusal(bytes) == .addressList)
        var parameters = wire.parameters
        parameters.addresses = []
        let bare = Wire(
            testDescription: "", message: bytes, source: wire.source,
            destination: wire.destination, parameters: parameters)
        #expect(try bare.decode(bytes).claim == .priority(150))
    }

    @Test func anOwnerHearsOnlyResignations() throws {
        let owner = Wire(
            testDescription: "owner", message: version2.message, source: version2.source,
            destination: version2.destination,
            parameters: parameters(.v2, one) { $0.priority = 255 })
        #expect(owner.refusal(version2.message) == .ownerIgnores)
        #expect(try owner.decode(version2.changed([2: 0])).claim == .resigns)
    }

    /// skip_check_adv_addr: the list of a master that a backup knows is not compared again.
    @Test func aKnownListIsNotComparedAgain() throws {
        let foreign = version2.changed([11: 99])
        let trusting = AdvertisementExpectation(
            parameters(.v2, one) { $0.skipsKnownList = true })
        let packet = ReceivedPacket(
            source: version2.source, destination: version2.destination, hopLimit: 255)
        func decode(_ master: IPAddress?) throws -> Advertisement {
            try Advertisement.decode(
                packet, foreign.span, header: [UInt8]().span, expecting: trusting,
                digest: Digest(), trusting: master)
        }
        #expect(try decode(version2.source).claim == .priority(150))
        #expect(throws: Discard.addressList) { try decode(ip("192.0.2.9")) }
        #expect(throws: Discard.addressList) { try decode(nil) }
    }
}
