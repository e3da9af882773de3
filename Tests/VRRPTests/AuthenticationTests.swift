import Linux
import Net
import Testing
import VRRP

// Advertisements with AH and with auth_hmac's trailer, byte by byte. The digests were computed by
// another program.

private let source = IPAddress("192.0.2.1")!
private let group = IPAddress("224.0.0.18")!
private let peer = IPAddress("192.0.2.2")!

/// VRRPv2, VRID 51, priority 150, 192.0.2.100, type 2.
private let message: [UInt8] = [
    0x21, 51, 150, 1, 2, 1, 0x84, 0x65, 192, 0, 2, 100, 0, 0, 0, 0, 0, 0, 0, 0,
]
private let header: [UInt8] = [
    0x45, 0xc0, 0, 64, 0, 7, 0, 0, 255, 51, 0, 0, 192, 0, 2, 1, 224, 0, 0, 18,
]
private let authentication: [UInt8] = [
    112, 4, 0, 0, 192, 0, 2, 1, 0, 0, 0, 7,  // AH: next header, length, SPI, sequence number
    0xca, 0x3a, 0x67, 0x02, 0x85, 0x05, 0x28, 0x66, 0x6b, 0x64, 0xa2, 0x24,  // ICV
]

private func parameters(
    _ change: (inout VirtualRouterParameters) -> Void = { _ in }
) -> VirtualRouterParameters {
    var parameters = VirtualRouterParameters(
        name: "VI_1", family: .ipv4, vrid: 51, addresses: [.v4(IPv4Address(192, 0, 2, 100))])
    parameters.priority = 150
    change(&parameters)
    return parameters
}

/// "s3cr"
private let ah = parameters { $0.authentication = .header(0x7333_6372_0000_0000) }

private func trailer(
    _ mode: TrailerAuthentication.Mode = .enforce
) -> VirtualRouterParameters {
    parameters {
        $0.version = .v3
        let key = TrailerAuthentication.Key(id: 1, secret: (0..<32).map { UInt8($0) })
        $0.trailer = TrailerAuthentication(keys: [key], activeKey: 1, window: .seconds(5))
        $0.trailer?.mode = mode
    }
}

private let message3: [UInt8] = [0x31, 51, 150, 1, 0, 100, 0xd3, 0x71, 192, 0, 2, 100]
private let signature3: [UInt8] = [
    1, 1, 0, 0, 0x6b, 0x02, 0xdf, 0xb4, 0x90, 0xb6, 0, 0,  // type, key, zero, time stamp
    0x19, 0x0c, 0xae, 0x3c, 0x77, 0x5a, 0x6f, 0x54, 0xa7, 0xa8, 0xa7, 0xa9, 0x77, 0xf2, 0x9d, 0xc8,
]

private func decode(
    _ payload: [UInt8], _ parameters: VirtualRouterParameters, header: [UInt8] = header,
    from source: IPAddress = source, to destination: IPAddress = group, hopLimit: Int = 255
) throws -> Advertisement {
    try Advertisement.decode(
        ReceivedPacket(source: source, destination: destination, hopLimit: hopLimit),
        payload.span, header: header.span, expecting: AdvertisementExpectation(parameters),
        digest: try Digest())
}

/// The reason for which a packet is refused.
private func refusal(_ body: () throws -> Advertisement) -> Discard? {
    do { _ = try body() } catch { return error as? Discard }
    return nil
}

@Suite struct AuthenticationHeaderTests {
    @Test func isSentByteByByte() throws {
        var packet = OutgoingAdvertisement(ah, from: source, to: group)
        packet.sign(7, try Digest())
        #expect(packet.bytes == header + authentication + message)
    }

    @Test func leavesOutTheTTLForUnicast() throws {
        var packet = OutgoingAdvertisement(ah, from: source, to: peer)
        packet.sign(7, try Digest())
        #expect(
            packet.bytes[32..<44] == [
                0x98, 0x11, 0x5a, 0xc1, 0x81, 0x76, 0x1a, 0x3b, 0xfa, 0x04, 0xde, 0xe0,
            ])
    }

    @Test func isHeard() throws {
        let advertisement = try decode(authentication + message, ah)
        #expect(advertisement.proof == .sequence(7))
        #expect(advertisement.claim == .priority(150))
    }

    @Test func isRefusedWithAnyBitChanged() {
        let good = authentication + message
        for position in good.indices {
            var bad = good
            bad[position] ^= 1
            #expect(refusal { try decode(bad, ah) } != nil, "byte \(position)")
        }
        // Identification, protocol and addresses of the IP header count; TTL too, for multicast.
        for position in [0, 3, 5, 9, 12, 19] {
            var changed = header
            changed[position] ^= 1
            #expect(
                refusal { try decode(good, ah, header: changed) } == .authenticationMismatch,
                "byte \(position) of the IP header")
        }
        // Type of service, fragment offset and checksum may change on the way.
        for position in [1, 6, 7, 10, 11] {
            var changed = header
            changed[position] ^= 1
            #expect(refusal { try decode(good, ah, header: changed) } == nil)
        }
    }

    @Test func isRefusedFromAnotherSender() {
        #expect(
            refusal { try decode(authentication + message, ah, from: peer) }
                == .authenticationFormat)
    }

    @Test func isRefusedWithAnotherKey() {
        let other = parameters { $0.authentication = .header(0x7333_6373_0000_0000) }
        #expect(refusal { try decode(authentication + message, other) } == .authenticationMismatch)
    }

    @Test func everyTruncationIsRefused() {
        let good = authentication + message
        for length in good.indices {
            #expect(refusal { try decode([UInt8](good[..<length]), ah) } == .packetTooShort)
        }
    }

    @Test func numbersRiseForBothDirections() throws {
        var freshness = Freshness()
        #expect(freshness.nextSequence() == 1)
        try freshness.admit(.sequence(40), from: source, window: nil, at: 0)
        #expect(freshness.nextSequence() == 41)
        #expect(throws: Discard.replayed) {
            try freshness.admit(.sequence(41), from: source, window: nil, at: 0)
        }
        #expect(throws: Discard.replayed) {
            try freshness.admit(.sequence(7), from: peer, window: nil, at: 0)
        }
    }

    /// An owner that started again hears nobody, but must go on above what the others reached.
    @Test func anOwnerThatIgnoresLearnsTheNumber() throws {
        var owner = ah
        owner.priority = 255
        let heard = try decode(authentication + message, owner)
        #expect(heard.isIgnored)
        #expect(heard.proof == .sequence(7))
    }

    @Test func aReloadKeepsTheNumbersOfTheSameKindOnly() throws {
        var freshness = Freshness(ah)
        try freshness.admit(.sequence(40), from: source, window: nil, at: 0)
        let same = freshness.continued(from: ah, as: ah)
        #expect(same.last == 40)
        let stamped = trailer()
        var other = freshness.continued(from: ah, as: stamped)
        #expect(other == Freshness(stamped))
        // Four senders are remembered, also where none was before.
        for number in UInt8(1)...4 {
            try other.admit(
                .stamp(UInt64(number)), from: .v4(IPv4Address(192, 0, 2, number)), window: nil,
                at: 0)
        }
        other = other.continued(from: stamped, as: stamped)
        for number in UInt8(1)...4 {
            #expect(throws: Discard.replayed) {
                try other.admit(
                    .stamp(UInt64(number)), from: .v4(IPv4Address(192, 0, 2, number)),
                    window: nil, at: 0)
            }
        }
        #expect(other.continued(from: stamped, as: ah).last == 0)
    }

    @Test func numbersWrap() throws {
        var sender = Freshness(last: 0xffff_fffc)
        #expect(sender.nextSequence() == 0xffff_fffd)
        #expect(sender.nextSequence() == 1)
        var receiver = Freshness(last: 0xffff_fffd)
        try receiver.admit(.sequence(1), from: source, window: nil, at: 0)
        #expect(receiver.last == 1)
        var early = Freshness(last: 0xfff0_0000)
        #expect(throws: Discard.replayed) {
            try early.admit(.sequence(1), from: source, window: nil, at: 0)
        }
    }
}

@Suite struct AuthenticationTrailerTests {
    private let clock: Int64 = 1_795_350_452_000_000_000  // 0x6b02dfb4 s

    @Test func isSentByteByByte() throws {
        var packet = OutgoingAdvertisement(trailer(), from: source, to: group)
        packet.sign(0x6b02_dfb4_90b6_0000, try Digest())
        #expect([UInt8](packet.bytes[20...]) == message3 + signature3)
        // The IP header's length covers it: 20 + 12 + 28.
        #expect(packet.bytes[2...3] == [0, 60])
    }

    /// Behind a VRRPv2 message whose own authentication is of type 0.
    @Test func followsVersion2() throws {
        let two = parameters { $0.trailer = trailer().trailer }
        var packet = OutgoingAdvertisement(two, from: source, to: group)
        packet.sign(0x6b02_dfb4_90b6_0000, try Digest())
        let bytes = [UInt8](packet.bytes[20...])
        #expect(
            bytes[..<20] == [
                0x21, 51, 150, 1, 0, 1, 0x86, 0x65, 192, 0, 2, 100, 0, 0, 0, 0, 0, 0, 0, 0,
            ])
        #expect(bytes[20..<32] == [1, 1, 0, 0, 0x6b, 0x02, 0xdf, 0xb4, 0x90, 0xb6, 0, 0])
        #expect(
            bytes[32...] == [
                0x48, 0x78, 0x13, 0x45, 0xb6, 0x05, 0x73, 0x0e, 0xb3, 0xa6, 0x8d, 0x73, 0x85, 0xc6,
                0xdd, 0x3b,
            ])
        #expect(try decode(bytes, two).proof == .stamp(0x6b02_dfb4_90b6_0000))
    }

    /// Without a key nobody can be told from anybody: all are believed, nothing is signed.
    @Test func whoHasNoKeyBelievesEverybody() throws {
        var keyless = trailer(.keyless)
        keyless.trailer?.keys = []
        #expect(try decode(message3 + signature3, keyless).proof == .none)
        #expect(try decode(message3, keyless).proof == .none)
        var packet = OutgoingAdvertisement(keyless, from: source, to: group)
        packet.sign(0x6b02_dfb4_90b6_0000, try Digest())
        #expect([UInt8](packet.bytes[20...]) == message3)
    }

    @Test func isTheSameForIPv6() throws {
        let own = IPAddress("fe80::1")!
        var six = VirtualRouterParameters(
            name: "VI_6", family: .ipv6, vrid: 51, addresses: [IPAddress("fe80::64")!])
        six.priority = 150
        six.trailer = trailer().trailer
        var packet = OutgoingAdvertisement(six, from: own, to: IPAddress("ff02::12")!)
        packet.sign(0x6b02_dfb4_90b6_0000, try Digest())
        #expect(
            packet.bytes[36...] == [
                0xee, 0x80, 0xb3, 0x7a, 0x98, 0xeb, 0x97, 0xfb, 0xf3, 0x47, 0x79, 0x3c, 0x9d, 0x46,
                0xd8, 0xa3,
            ])
    }

    @Test func isHeard() throws {
        let advertisement = try decode(message3 + signature3, trailer())
        #expect(advertisement.proof == .stamp(0x6b02_dfb4_90b6_0000))
    }

    @Test func isRefusedWithAnyBitChanged() {
        let good = message3 + signature3
        for position in good.indices {
            var bad = good
            bad[position] ^= 1
            #expect(refusal { try decode(bad, trailer()) } != nil, "byte \(position)")
        }
        #expect(refusal { try decode(good, trailer(), from: peer) } == .checksum)
    }

    @Test func everyReasonHasItsName() {
        var bad = message3 + signature3
        bad[12] = 2
        #expect(refusal { try decode(bad, trailer()) } == .authenticationFormat)
        bad = message3 + signature3
        bad[13] = 9
        #expect(refusal { try decode(bad, trailer()) } == .unknownKey)
        bad = message3 + signature3
        bad[39] ^= 0x80
        #expect(refusal { try decode(bad, trailer()) } == .authenticationMismatch)
        #expect(refusal { try decode(message3, trailer()) } == .authenticationMissing)
        #expect(refusal { try decode(bad, parameters { $0.version = .v3 }) } == .packetLength)
    }

    @Test func modesDecideAboutUnsignedOnes() throws {
        for mode in [TrailerAuthentication.Mode.permissive, .receiveOnly] {
            #expect(try decode(message3, trailer(mode)).proof == Proof.none)
            var bad = message3 + signature3
            bad[39] ^= 1
            #expect(refusal { try decode(bad, trailer(mode)) } == .authenticationMismatch)
        }
        let silent = OutgoingAdvertisement(trailer(.receiveOnly), from: source, to: group)
        #expect([UInt8](silent.bytes[20...]) == message3)
    }

    @Test func stampsAreHeardOnceAndInTime() throws {
        let stamp: UInt64 = 0x6b02_dfb4_90b6_0000
        var freshness = Freshness()
        try freshness.admit(.stamp(stamp), from: source, window: .seconds(5), at: clock)
        #expect(throws: Discard.replayed) {
            try freshness.admit(.stamp(stamp), from: source, window: .seconds(5), at: clock)
        }
        try freshness.admit(.stamp(stamp + 1), from: source, window: .seconds(5), at: clock)
        // Another sender has a time of its own.
        try freshness.admit(.stamp(stamp), from: peer, window: .seconds(5), at: clock)
        for late: Int64 in [-6_000_000_000, 6_000_000_000] {
            #expect(throws: Discard.stale) {
                try freshness.admit(
                    .stamp(stamp + 2), from: source, window: .seconds(5), at: clock + late)
            }
        }
        // monotonic: no clock is looked at.
        try freshness.admit(.stamp(stamp + 2), from: source, window: nil, at: 0)
    }

    @Test func aClockThatWasAheadLocksNobodyOut() throws {
        var freshness = Freshness()
        let future: UInt64 = 0x6b02_dfb4_0000_0000 + 3600 << 32
        try freshness.admit(
            .stamp(future), from: source, window: .seconds(5), at: clock + 3_600_000_000_000)
        try freshness.admit(
            .stamp(0x6b02_dfb4_0000_0000), from: source, window: .seconds(5), at: clock)
    }

    @Test func stampsRiseUnlessTheClockWasPutFarBack() {
        var freshness = Freshness()
        #expect(freshness.nextStamp(at: clock, window: .seconds(5)) == 0x6b02_dfb4_0000_0000)
        #expect(freshness.nextStamp(at: clock, window: .seconds(5)) == 0x6b02_dfb4_0000_0001)
        // Half a second is 0x8000 of 65,536.
        #expect(
            freshness.nextStamp(at: clock + 500_000_000, window: .seconds(5))
                == 0x6b02_dfb4_8000_0000)
        #expect(
            freshness.nextStamp(at: clock - 4_000_000_000, window: .seconds(5))
                == 0x6b02_dfb4_8000_0001)
        #expect(
            freshness.nextStamp(at: clock - 10_000_000_000, window: .seconds(5))
                == 0x6b02_dfaa_0000_0000)
    }
}

@Suite struct UnicastDecodingTests {
    private func unicast(
        _ change: (inout VirtualRouterParameters) -> Void = { _ in }
    ) -> VirtualRouterParameters {
        parameters {
            $0.version = .v3
            $0.transport = .unicast(peers: [source])
            change(&$0)
        }
    }

    /// Sums over 192.0.2.2, over 224.0.0.18 and over the message alone.
    private func message(_ high: UInt8, _ low: UInt8) -> [UInt8] {
        [0x31, 51, 150, 1, 0, 100, high, low, 192, 0, 2, 100]
    }

    @Test func bothPseudoHeadersAreRight() throws {
        #expect(try !decode(message(0xf1, 0x81), unicast(), to: peer).usesOldChecksum)
        #expect(try decode(message(0xd3, 0x71), unicast(), to: peer).usesOldChecksum)
    }

    @Test func neverRefusesTheOldOne() {
        let never = unicast { $0.acceptsOldUnicastChecksum = false }
        #expect(refusal { try decode(message(0xd3, 0x71), never, to: peer) } == .checksum)
    }

    @Test func oldUnicastChecksumRefusesTheNewOne() throws {
        let old = unicast { $0.checksum = .multicastPseudoHeader }
        #expect(refusal { try decode(message(0xf1, 0x81), old, to: peer) } == .checksum)
        let packet = OutgoingAdvertisement(old, from: source, to: peer)
        #expect([UInt8](packet.bytes[20...]) == message(0xd3, 0x71))
    }

    @Test func whoeverSendsTheOldOneGetsTheOldOne() {
        let packet = OutgoingAdvertisement(
            unicast(), from: source, to: peer, usesOldChecksum: true)
        #expect([UInt8](packet.bytes[20...]) == message(0xd3, 0x71))
    }

    @Test func aSumWithoutPseudoHeaderNamesItself() {
        var plain = message(0, 0)
        var sum = Checksum()
        sum.add(plain.span)
        plain[6] = UInt8(sum.value >> 8)
        plain[7] = UInt8(sum.value & 255)
        #expect(
            refusal { try decode(plain, parameters { $0.version = .v3 }) }
                == .checksumWithoutPseudoHeader)
        let asV2 = parameters {
            $0.version = .v3
            $0.checksum = .messageOnly
        }
        #expect(refusal { try decode(plain, asV2) } == nil)
    }

    @Test func hopLimitsAreThePeers() throws {
        let limited = unicast {
            $0.peerHopLimits = [PeerHopLimits(peer: source, range: 250...254)]
        }
        for (hopLimit, reason) in [(249, Discard.ttl), (250, nil), (254, nil), (255, .ttl)] {
            #expect(
                refusal {
                    try decode(message(0xf1, 0x81), limited, to: peer, hopLimit: hopLimit)
                } == reason)
        }
        #expect(try decode(message(0xf1, 0x81), unicast(), to: peer, hopLimit: 3).source == source)
    }

    @Test func unicastTTLIsSent() {
        let packet = OutgoingAdvertisement(unicast { $0.hopLimit = 3 }, from: source, to: peer)
        #expect(packet.bytes[8] == 3)
        #expect(OutgoingAdvertisement(unicast(), from: source, to: peer).bytes[8] == 255)
    }
}
