package import Net

/// The fixed part of a message (RFC 3768 section 5.1, RFC 5798 section 5.1).
enum Layout {
    static let header = 8
    static let authentication = 8
    static let advertisementType: UInt8 = 1
    /// Message sizes of senders that pad to the shortest Ethernet frame: 46 bytes behind its
    /// header, four less with a VLAN tag.
    static let padded = [46 - 20, 42 - 20]
    static let ipProtocol: UInt8 = 112
}

extension Advertisement {
    /// Checks a packet rung by rung; the first rung that fails names the reason. Has no access to
    /// any state, so a rejected packet can touch none; whether an authenticated one is new is for
    /// `Freshness` to say.
    ///
    /// - Parameters:
    ///   - payload: what follows the IP header.
    ///   - header: the IP header; empty for IPv6. Only AH looks at it.
    ///   - master: whose list a backup has compared already.
    package static func decode(
        _ packet: ReceivedPacket, _ payload: Span<UInt8>, header: Span<UInt8>,
        expecting expected: AdvertisementExpectation, digest: any KeyedDigest,
        trusting master: IPAddress? = nil
    ) throws(Discard) -> Advertisement {
        // 1. There is a header to look at, behind an Authentication Header where one is configured.
        let start = try expected.messageStart(packet, payload)
        let message = payload.extracting(start..<payload.count)
        guard message.count >= Layout.header else { throw .packetTooShort }
        // 2. It comes from this link (RFC 3768 section 7.1, RFC 5798 section 5.1.1.3); a unicast
        // peer from as far as its min_ttl and max_ttl say.
        guard expected.allowsHopLimit(of: packet) else { throw .ttl }
        // 3. We speak one version only.
        guard message[0] >> 4 == expected.version.rawValue else { throw .version }
        // 4. There is only one type.
        guard message[0] & 0x0f == Layout.advertisementType else { throw .type }
        // 5. Complete, and not longer than its count says.
        let length = try expected.checkLength(message)
        // 6. Whole.
        let usesOldChecksum = try expected.checkSum(packet, message, length)
        // 7. Meant for this virtual router.
        guard message[1] == expected.vrid, message[1] != 0 else { throw .vrid }
        // 8. and 9. Of someone who knows the password or the key (RFC 2338 section 5.3.6).
        let proof = try expected.checkAuthentication(
            packet, header, payload, message, length, digest)
        // 10. v2 routers agree on the interval (RFC 3768 section 7.1).
        let interval = expected.interval(message)
        guard expected.version == .v3 || interval == expected.interval else {
            throw .advertisementInterval
        }
        // 11. Multicast where multicast is configured.
        guard packet.destination.isMulticast != expected.isUnicast else { throw .destination }
        // 12. From a possible sender: not from a virtual address, not from nowhere.
        guard !packet.source.isMulticast, !packet.source.isUnspecified else { throw .source }
        // 13. From a configured peer, where that is asked for (check_unicast_src).
        guard !expected.checksSource || expected.peers.contains(packet.source) else {
            throw .unknownPeer
        }
        // 14. Same cluster, unless that was found out before (skip_check_adv_addr).
        let isTrusted = expected.skipsKnownList && packet.source == master
        let listDiffers =
            isTrusted
            ? false : try expected.compareList(packet, message, isProven: proof != .none)
        // 15. An address owner hears nobody, but answers a master that resigns: the RFC's section
        // 6.4.3 knows no exception there. What is ignored has proved its number all the same.
        var advertisement = Advertisement(
            source: packet.source,
            claim: message[2] == 0 ? .resigns : .priority(message[2]),
            interval: interval, listDiffers: listDiffers)
        advertisement.proof = proof
        advertisement.usesOldChecksum = usesOldChecksum
        advertisement.isIgnored = expected.ignoresEverybody && message[2] != 0
        return advertisement
    }
}

extension AdvertisementExpectation {
    /// Where the message begins: behind the Authentication Header, if there must be one.
    fileprivate func messageStart(
        _ packet: ReceivedPacket, _ payload: Span<UInt8>
    ) throws(Discard) -> Int {
        guard !headerKey.isEmpty else { return 0 }
        guard payload.count >= AuthenticationHeader.size else { throw .packetTooShort }
        guard AuthenticationHeader.isOurs(payload, from: packet.source) else {
            throw .authenticationFormat
        }
        return AuthenticationHeader.size
    }

    fileprivate func allowsHopLimit(of packet: ReceivedPacket) -> Bool {
        guard isUnicast else { return packet.hopLimit == 255 }
        for limits in hopLimits where limits.peer == packet.source {
            return limits.range.contains(packet.hopLimit)
        }
        return true
    }

    /// The length that the message's own count gives.
    fileprivate func checkLength(_ message: Span<UInt8>) throws(Discard) -> Int {
        let trailer = version == .v2 ? Layout.authentication : 0
        let length = Layout.header + Int(message[3]) * family.addressSize + trailer
        guard message.count >= length else { throw .packetTooShort }
        if self.trailer != nil, message.count == length + AuthenticationTrailer.size {
            return length
        }
        // A padded Ethernet frame is not the sender's fault.
        guard message.count == length || Layout.padded.contains(message.count) else {
            throw .packetLength
        }
        return length
    }

    /// True if the sum is an older peer's, over the multicast group.
    fileprivate func checkSum(
        _ packet: ReceivedPacket, _ message: Span<UInt8>, _ length: Int
    ) throws(Discard) -> Bool {
        let body = message.extracting(0..<length)
        let plain = sum(body)
        let needsPseudoHeader = version == .v3 && !(family == .ipv4 && checksum == .messageOnly)
        guard needsPseudoHeader else {
            guard plain == 0 else { throw .checksum }
            return false
        }
        let overGroup = isUnicast && family == .ipv4
        let isOldOnly = overGroup && checksum == .multicastPseudoHeader
        if !isOldOnly, sum(body, packet.source, packet.destination) == 0 { return false }
        if overGroup, isOldOnly || acceptsOldUnicastChecksum,
            sum(body, packet.source, .v4(.vrrpGroup)) == 0
        {
            return true
        }
        throw family == .ipv4 && plain == 0 ? .checksumWithoutPseudoHeader : .checksum
    }

    private func sum(_ body: Span<UInt8>) -> UInt16 {
        var checksum = Checksum()
        checksum.add(body)
        return checksum.value
    }

    private func sum(
        _ body: Span<UInt8>, _ source: IPAddress, _ destination: IPAddress
    ) -> UInt16 {
        var checksum = Checksum()
        checksum.addPseudoHeader(source, destination, length: body.count)
        checksum.add(body)
        return checksum.value
    }

    /// Secrets are compared without telling by the duration where they differ.
    fileprivate func checkAuthentication(
        _ packet: ReceivedPacket, _ header: Span<UInt8>, _ payload: Span<UInt8>,
        _ message: Span<UInt8>, _ length: Int, _ digest: any KeyedDigest
    ) throws(Discard) -> Proof {
        if version == .v2, message[4] != authentication.type { throw .authenticationType }
        switch authentication {
        case .none: break
        case .password(let password):
            let received = number(message, length - Layout.authentication, Layout.authentication)
            guard received ^ password == 0 else { throw .authenticationMismatch }
        case .header:
            let value = AuthenticationHeader.compute(
                ip: header, isUnicast: isUnicast, payload, key: headerKey, digest)
            guard value ^ AuthenticationHeader.value(payload) == 0 else {
                throw .authenticationMismatch
            }
            return .sequence(AuthenticationHeader.sequence(payload))
        }
        guard let trailer else { return .none }
        return try check(trailer, packet, message, length, digest)
    }

    private func check(
        _ expected: TrailerAuthentication, _ packet: ReceivedPacket, _ message: Span<UInt8>,
        _ length: Int, _ digest: any KeyedDigest
    ) throws(Discard) -> Proof {
        guard message.count == length + AuthenticationTrailer.size else {
            if expected.mode == .enforce { throw .authenticationMissing }
            return .none
        }
        if expected.mode == .keyless { return .none }
        let trailer = message.extracting(length..<message.count)
        guard trailer[0] == AuthenticationTrailer.type, trailer[2] == 0, trailer[3] == 0 else {
            throw .authenticationFormat
        }
        for key in expected.keys where key.id == trailer[1] {
            let value = AuthenticationTrailer.compute(
                from: packet.source, message.extracting(0..<length), trailer, secret: key.secret,
                digest)
            guard value ^ AuthenticationTrailer.value(trailer) == 0 else {
                throw .authenticationMismatch
            }
            return .stamp(number(trailer, AuthenticationTrailer.stampOffset, 8))
        }
        throw .unknownKey
    }

    /// v2: whole seconds in a byte. v3: centiseconds in twelve bits; the reserved four are
    /// ignored, and 0, which no router may send, is taken for our own.
    fileprivate func interval(_ message: Span<UInt8>) -> Interval {
        switch version {
        case .v2: return .seconds(Int64(message[5]))
        case .v3:
            let centiseconds = Int64(message[4] & 0x0f) << 8 | Int64(message[5])
            return centiseconds == 0 ? interval : .centiseconds(centiseconds)
        }
    }

    /// True if the lists differ but have something in common. Disjoint lists are another cluster's,
    /// unless the sender is a configured peer or knows the key. The order never matters.
    fileprivate func compareList(
        _ packet: ReceivedPacket, _ message: Span<UInt8>, isProven: Bool
    ) throws(Discard) -> Bool {
        var seen = AddressSet()
        var strangers = false
        for index in 0..<Int(message[3]) {
            let offset = Layout.header + index * family.addressSize
            guard let address = IPAddress(message, at: offset, size: family.addressSize) else {
                throw .packetTooShort
            }
            if let position = position(of: address) {
                seen.insert(position)
            } else {
                strangers = true
            }
        }
        if !strangers && seen.count == addressCount { return false }
        guard seen.count > 0 || isProven || isConfiguredPeer(packet.source) else {
            throw .addressList
        }
        return true
    }

    private func isConfiguredPeer(_ address: IPAddress) -> Bool {
        isUnicast && peers.contains(address)
    }
}

/// Which of up to 256 addresses were seen, without allocating.
private struct AddressSet {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    private(set) var count = 0

    mutating func insert(_ position: Int) {
        let bit: UInt64 = 1 << UInt64(position & 63)
        switch position >> 6 {
        case 0: AddressSet.set(bit, &words.0, &count)
        case 1: AddressSet.set(bit, &words.1, &count)
        case 2: AddressSet.set(bit, &words.2, &count)
        case 3: AddressSet.set(bit, &words.3, &count)
        default: break
        }
    }

    private static func set(_ bit: UInt64, _ word: inout UInt64, _ count: inout Int) {
        if word & bit == 0 { count += 1 }
        word |= bit
    }
}

extension Checksum {
    /// RFC 5798 section 5.2.8: source, destination, length and protocol, for both families.
    mutating func addPseudoHeader(_ source: IPAddress, _ destination: IPAddress, length: Int) {
        add(source)
        add(destination)
        add(word: UInt16(truncatingIfNeeded: length))
        add(word: UInt16(Layout.ipProtocol))
    }
}
