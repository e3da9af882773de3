package import Net

/// A ready advertisement for one destination: with its IP header for IPv4, the message alone for
/// IPv6, behind it a trailer. Only the priority ever changes, with it the checksum, and where it is
/// authenticated the number and the digest; sending allocates nothing.
package struct OutgoingAdvertisement: Hashable, Sendable {
    /// What has to be computed anew for every advertisement sent.
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

    package let source: IPAddress
    /// TTL or hop limit.
    package let hopLimit: UInt8
    private let pseudoHeader: PseudoHeader
    package let destination: IPAddress
    private let offset: UInt16
    private let length: UInt16
    package private(set) var bytes: [UInt8]
    private let seal: Seal

    /// Where the message starts in `bytes`, and how long it is.
    package var messageOffset: Int { Int(offset) }
    private var messageLength: Int { Int(length) }

    /// - Parameter usesOldChecksum: the peers want sums over 224.0.0.18, whatever is configured.
    package init(
        _ parameters: VirtualRouterParameters, from source: IPAddress,
        to destination: IPAddress, usesOldChecksum: Bool = false
    ) {
        self.source = source
        self.destination = destination
        hopLimit = destination.isMulticast ? 255 : parameters.hopLimit
        let message = OutgoingAdvertisement.message(parameters)
        length = UInt16(clamping: message.count)
        pseudoHeader = OutgoingAdvertisement.pseudoHeader(
            parameters, destination, usesOldChecksum)
        seal = OutgoingAdvertisement.seal(parameters, destination)
        var front: [UInt8] = []
        if case .header = seal { front = AuthenticationHeader.template(source: source) }
        var back: [UInt8] = []
        if case .trailer = seal, let key = parameters.trailer?.activeKey {
            back = AuthenticationTrailer.template(key: key)
        }
        bytes = []
        bytes.reserveCapacity(20 + front.count + message.count + back.count)
        if case .v4 = source {
            bytes += OutgoingAdvertisement.ipv4Header(
                source, destination, hopLimit: hopLimit,
                payload: front.count + message.count + back.count,
                next: front.isEmpty ? Layout.ipProtocol : AuthenticationHeader.ipProtocol)
        }
        bytes += front
        offset = UInt16(clamping: bytes.count)
        bytes += message
        bytes += back
        setPriority(parameters.priority)
    }

    /// RFC 3768 section 5.3.4: 0 resigns.
    package mutating func setPriority(_ priority: UInt8) {
        guard bytes[messageOffset + 2] != priority || checksumIsEmpty else { return }
        bytes[messageOffset + 2] = priority
        bytes[messageOffset + 6] = 0
        bytes[messageOffset + 7] = 0
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

    private var checksumIsEmpty: Bool {
        bytes[messageOffset + 6] == 0 && bytes[messageOffset + 7] == 0
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
        _ parameters: VirtualRouterParameters, _ destination: IPAddress
    ) -> Seal {
        if parameters.version == .v2, case .header = parameters.authentication {
            return .header(
                key: parameters.authentication.headerKey, isUnicast: !destination.isMulticast)
        }
        guard let trailer = parameters.trailer, trailer.signs,
            let key = trailer.signingKey
        else { return .none }
        return .trailer(secret: key.secret)
    }

    private static func message(_ parameters: VirtualRouterParameters) -> [UInt8] {
        var bytes: [UInt8] = [
            parameters.version.rawValue << 4 | Layout.advertisementType, parameters.vrid,
            parameters.priority, UInt8(truncatingIfNeeded: parameters.addresses.count),
        ]
        switch parameters.version {
        case .v2:
            let seconds = parameters.advertisementInterval.nanoseconds / 1_000_000_000
            bytes += [parameters.authentication.type, UInt8(truncatingIfNeeded: seconds)]
        case .v3:
            let centiseconds = parameters.advertisementInterval.nanoseconds / 10_000_000
            bytes += [
                UInt8(truncatingIfNeeded: centiseconds >> 8) & 0x0f,
                UInt8(truncatingIfNeeded: centiseconds),
            ]
        }
        bytes += [0, 0]
        for address in parameters.addresses { bytes += address.bytes }
        if parameters.version == .v2 { bytes += authenticationData(parameters.authentication) }
        return bytes
    }

    private static func authenticationData(_ authentication: Authentication) -> [UInt8] {
        var data: UInt64 = 0
        if case .password(let password) = authentication { data = password }
        return (0..<8).map { UInt8(truncatingIfNeeded: data >> UInt64(56 - $0 * 8)) }
    }

    /// RFC 791; precedence internetwork control (0xc0) as routing protocols have it. The kernel
    /// fills in checksum and, where it is zero, identification.
    private static func ipv4Header(
        _ source: IPAddress, _ destination: IPAddress, hopLimit: UInt8, payload: Int, next: UInt8
    ) -> [UInt8] {
        let length = UInt16(truncatingIfNeeded: 20 + payload)
        var bytes: [UInt8] = [0x45, 0xc0]
        bytes += [UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)]
        bytes += [0, 0, 0, 0, hopLimit, next, 0, 0]
        return bytes + source.bytes + destination.bytes
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
