package import Net

/// An advertisement for one destination: with its IP header for IPv4, the message alone for IPv6,
/// behind it a trailer. One value serves all virtual routers one after the other: a packet is put
/// together when it is sent, in memory that is kept, so that sending allocates nothing and no
/// virtual router has packets lying ready.
package struct OutgoingAdvertisement: Hashable, Sendable {
    /// What has to be computed for every advertisement sent.
    private enum Seal: Hashable {
        case none
        case header(key: [UInt8], isUnicast: Bool)
        case trailer(secret: [UInt8])
    }

    /// The destination that the pseudo-header names.
    private enum PseudoHeader: Hashable {
        case none
        case destination
        /// 224.0.0.18, whatever the destination is.
        case group
    }

    package private(set) var source = IPAddress.v4(.any)
    package private(set) var destination = IPAddress.v4(.vrrpGroup)
    /// TTL or hop limit.
    package private(set) var hopLimit: UInt8 = 255
    private var pseudoHeader = PseudoHeader.none
    /// Where the message starts in `bytes`, and how long it is.
    package private(set) var messageOffset = 0
    private var messageLength = 0
    package private(set) var bytes: [UInt8] = []
    private var seal = Seal.none

    /// Nothing yet.
    package init() {}

    /// The advertisement of a router with these parameters, with its configured priority.
    package init(
        _ parameters: VirtualRouterParameters, from source: IPAddress,
        to destination: IPAddress, usesOldChecksum: Bool = false
    ) {
        let shared = SharedParameters(parameters)
        prepare(
            AdvertisementExpectation(shared), from: source, to: destination,
            usesOldChecksum: usesOldChecksum, priority: parameters.priority)
    }

    /// Puts the next one together.
    ///
    /// - Parameters:
    ///   - expectation: what the router's own advertisements and those it hears have in common.
    ///   - usesOldChecksum: the peers want sums over 224.0.0.18, whatever is configured.
    ///   - priority: 0 resigns (RFC 3768 section 5.3.4).
    package mutating func prepare(
        _ expectation: AdvertisementExpectation, from source: IPAddress,
        to destination: IPAddress, usesOldChecksum: Bool, priority: UInt8
    ) {
        let parameters = expectation.parameters
        self.source = source
        self.destination = destination
        hopLimit = destination.isMulticast ? 255 : parameters.hopLimit
        pseudoHeader = OutgoingAdvertisement.pseudoHeader(
            parameters, destination, usesOldChecksum)
        seal = OutgoingAdvertisement.seal(parameters, expectation.headerKey, destination)
        bytes.removeAll(keepingCapacity: true)
        if case .v4 = source { putIPv4Header() }
        if case .header = seal { putAuthenticationHeader() }
        messageOffset = bytes.count
        putMessage(parameters, count: expectation.advertisedCount, priority)
        messageLength = bytes.count - messageOffset
        if case .trailer = seal { putTrailer(key: parameters.trailer?.activeKey ?? 0) }
        if case .v4 = source { write(UInt64(bytes.count), 2, at: 2) }
        write(UInt64(checksum()), 2, at: messageOffset + 6)
    }

    /// Another one for the same destination; before it is signed.
    package mutating func setPriority(_ priority: UInt8) {
        bytes[messageOffset + 2] = priority
        write(0, 2, at: messageOffset + 6)
        write(UInt64(checksum()), 2, at: messageOffset + 6)
    }

    /// Signs what is there now; nothing may be changed before it is sent.
    ///
    /// - Parameter number: the sequence number or the stamp, from `Freshness`.
    package mutating func sign(_ number: UInt64, _ digest: any KeyedDigest) {
        switch seal {
        case .none: return
        case .header(let key, let isUnicast): sign(number, key, isUnicast, digest)
        case .trailer(let secret): sign(number, secret, digest)
        }
    }

    /// The kernel would choose the identification, which the digest covers: it is the number's low
    /// half, never zero.
    private mutating func sign(
        _ sequence: UInt64, _ key: [UInt8], _ isUnicast: Bool, _ digest: any KeyedDigest
    ) {
        let start = messageOffset - AuthenticationHeader.size
        let low = sequence & 0xffff
        write(low == 0 ? 1 : low, 2, at: 4)
        write(sequence, 4, at: start + AuthenticationHeader.sequenceOffset)
        let value = AuthenticationHeader.compute(
            ip: bytes.span.extracting(0..<start), isUnicast: isUnicast,
            bytes.span.extracting(start..<bytes.count), key: key, digest)
        let place = start + AuthenticationHeader.valueOffset
        write(UInt64(truncatingIfNeeded: value >> 32), 8, at: place)
        write(UInt64(truncatingIfNeeded: value), 4, at: place + 8)
    }

    private mutating func sign(_ stamp: UInt64, _ secret: [UInt8], _ digest: any KeyedDigest) {
        let start = messageOffset + messageLength
        write(stamp, 8, at: start + AuthenticationTrailer.stampOffset)
        let value = AuthenticationTrailer.compute(
            from: source, bytes.span.extracting(messageOffset..<start),
            bytes.span.extracting(start..<bytes.count), secret: secret, digest)
        let place = start + AuthenticationTrailer.valueOffset
        write(UInt64(truncatingIfNeeded: value >> 64), 8, at: place)
        write(UInt64(truncatingIfNeeded: value), 8, at: place + 8)
    }

    private mutating func write(_ number: UInt64, _ count: Int, at offset: Int) {
        for index in 0..<count {
            bytes[offset + index] = UInt8(
                truncatingIfNeeded: number >> UInt64((count - 1 - index) * 8))
        }
    }

    private func checksum() -> UInt16 {
        let message = bytes.span.extracting(messageOffset..<(messageOffset + messageLength))
        var checksum = Checksum()
        switch pseudoHeader {
        case .none: break
        case .destination: checksum.addPseudoHeader(source, destination, length: messageLength)
        case .group: checksum.addPseudoHeader(source, .v4(.vrrpGroup), length: messageLength)
        }
        checksum.add(message)
        return checksum.value
    }

    private static func pseudoHeader(
        _ parameters: VirtualRouterParameters, _ destination: IPAddress, _ usesOldChecksum: Bool
    ) -> PseudoHeader {
        guard parameters.version == .v3 else { return .none }
        if parameters.family == .ipv6 { return .destination }
        switch parameters.checksum {
        case .messageOnly: return .none
        case .multicastPseudoHeader: return .group
        case .pseudoHeader:
            return usesOldChecksum && !destination.isMulticast ? .group : .destination
        }
    }

    private static func seal(
        _ parameters: VirtualRouterParameters, _ headerKey: [UInt8], _ destination: IPAddress
    ) -> Seal {
        if !headerKey.isEmpty {
            return .header(key: headerKey, isUnicast: !destination.isMulticast)
        }
        guard let trailer = parameters.trailer, trailer.signs,
            let key = trailer.signingKey
        else { return .none }
        return .trailer(secret: key.secret)
    }
}

// The parts, in their order.
extension OutgoingAdvertisement {
    /// RFC 791; precedence internetwork control (0xc0) as routing protocols have it. The kernel
    /// fills in checksum and, where it is zero, identification. The length is written at the end.
    private mutating func putIPv4Header() {
        let isAuthenticated = if case .header = seal { true } else { false }
        put(0x45c0, 2)
        put(0, 6)
        put(UInt64(hopLimit), 1)
        put(
            UInt64(isAuthenticated ? AuthenticationHeader.ipProtocol : Layout.ipProtocol), 1)
        put(0, 2)
        put(source)
        put(destination)
    }

    private mutating func putAuthenticationHeader() {
        put(UInt64(Layout.ipProtocol), 1)
        put(UInt64(AuthenticationHeader.words), 1)
        put(0, 2)
        put(source)
        put(0, 8)
        put(0, 8)
    }

    /// - Parameter count: so many of the addresses find room.
    private mutating func putMessage(
        _ parameters: VirtualRouterParameters, count: Int, _ priority: UInt8
    ) {
        put(UInt64(parameters.version.rawValue << 4 | Layout.advertisementType), 1)
        put(UInt64(parameters.vrid), 1)
        put(UInt64(priority), 1)
        put(UInt64(UInt8(truncatingIfNeeded: count)), 1)
        let interval = UInt64(max(0, parameters.advertisementInterval.nanoseconds))
        switch parameters.version {
        case .v2:
            put(UInt64(parameters.authentication.type), 1)
            put(interval / 1_000_000_000, 1)
        case .v3: put(interval / 10_000_000 & 0x0fff, 2)
        }
        put(0, 2)
        for position in 0..<count { put(parameters.addresses[position]) }
        guard parameters.version == .v2 else { return }
        if case .password(let password) = parameters.authentication {
            put(password, 8)
        } else {
            put(0, 8)
        }
    }

    private mutating func putTrailer(key: UInt8) {
        put(UInt64(AuthenticationTrailer.type), 1)
        put(UInt64(key), 1)
        for _ in 2..<AuthenticationTrailer.size { put(0, 1) }
    }

    private mutating func put(_ address: IPAddress) {
        switch address {
        case .v4(let address): put(UInt64(address.value), 4)
        case .v6(let address):
            put(address.high, 8)
            put(address.low, 8)
        }
    }

    /// Big-endian, 1...8 bytes.
    private mutating func put(_ number: UInt64, _ count: Int) {
        for index in (0..<count).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(index * 8)))
        }
    }
}

extension VirtualRouterParameters {
    /// The number for the next advertisement; nil where there is none to be had.
    package func nextNumber(_ freshness: inout Freshness, at wallClock: Int64) -> UInt64? {
        if version == .v2, case .header = authentication { return freshness.nextSequence() }
        guard let trailer, trailer.signs else { return nil }
        return freshness.nextStamp(at: wallClock, window: trailer.window)
    }
}
