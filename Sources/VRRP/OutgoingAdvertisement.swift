package import Net

/// A ready advertisement for one destination: with its IP header for IPv4, the message alone for
/// IPv6. Only the priority ever changes, and with it the checksum; sending allocates nothing.
package struct OutgoingAdvertisement: Hashable, Sendable {
    package let source: IPAddress
    package let destination: IPAddress
    package private(set) var bytes: [UInt8]
    /// Where the message starts in `bytes`.
    package let messageOffset: Int

    private let coversPseudoHeader: Bool

    /// - Parameters:
    ///   - hopLimit: TTL or hop limit, 255 wherever the RFC has its way.
    package init(
        _ parameters: VirtualRouterParameters, from source: IPAddress,
        to destination: IPAddress, hopLimit: UInt8 = 255
    ) {
        self.source = source
        self.destination = destination
        let message = OutgoingAdvertisement.message(parameters)
        coversPseudoHeader =
            parameters.version == .v3
            && !(parameters.family == .ipv4 && parameters.checksum == .messageOnly)
        if case .v4 = source {
            bytes = OutgoingAdvertisement.ipv4Header(
                source, destination, hopLimit: hopLimit, payload: message.count)
            messageOffset = bytes.count
        } else {
            bytes = []
            messageOffset = 0
        }
        bytes += message
        setPriority(parameters.priority)
    }

    /// RFC 3768 section 5.3.4: 0 resigns.
    package mutating func setPriority(_ priority: UInt8) {
        guard bytes[messageOffset + 2] != priority || checksumIsEmpty else { return }
        bytes[messageOffset + 2] = priority
        bytes[messageOffset + 6] = 0
        bytes[messageOffset + 7] = 0
        let sum = checksum()
        bytes[messageOffset + 6] = UInt8(truncatingIfNeeded: sum >> 8)
        bytes[messageOffset + 7] = UInt8(truncatingIfNeeded: sum)
    }

    private var checksumIsEmpty: Bool {
        bytes[messageOffset + 6] == 0 && bytes[messageOffset + 7] == 0
    }

    private func checksum() -> UInt16 {
        let message = bytes.span.extracting(messageOffset..<bytes.count)
        var checksum = Checksum()
        if coversPseudoHeader {
            checksum.addPseudoHeader(source, destination, length: message.count)
        }
        checksum.add(message)
        return checksum.value
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
        if parameters.version == .v2 { bytes += trailer(parameters.authentication) }
        return bytes
    }

    private static func trailer(_ authentication: Authentication) -> [UInt8] {
        var data: UInt64 = 0
        if case .password(let password) = authentication { data = password }
        return (0..<8).map { UInt8(truncatingIfNeeded: data >> UInt64(56 - $0 * 8)) }
    }

    /// RFC 791; precedence internetwork control (0xc0) as routing protocols have it. The kernel
    /// fills in identification and checksum.
    private static func ipv4Header(
        _ source: IPAddress, _ destination: IPAddress, hopLimit: UInt8, payload: Int
    ) -> [UInt8] {
        let length = UInt16(truncatingIfNeeded: 20 + payload)
        var bytes: [UInt8] = [0x45, 0xc0]
        bytes += [UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)]
        bytes += [0, 0, 0, 0, hopLimit, Layout.ipProtocol, 0, 0]
        return bytes + source.bytes + destination.bytes
    }
}
