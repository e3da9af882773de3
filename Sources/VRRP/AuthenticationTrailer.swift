import Net

/// The trailer of auth_hmac: type, key number, two zero bytes, time stamp (8 bytes), HMAC-SHA256
/// cut to 16 bytes. It lies behind the message, outside of its length and checksum.
enum AuthenticationTrailer {
    static let size = 28
    static let stampOffset = 4
    static let valueOffset = 12
    static let type: UInt8 = 1

    static func value(_ trailer: Span<UInt8>) -> UInt128 {
        UInt128(number(trailer, valueOffset, 8)) << 64
            | UInt128(number(trailer, valueOffset + 8, 8))
    }

    /// The MAC over a pseudo-header (family, version, VRID, zero, source in 16 bytes), the message
    /// with its checksum taken for zero, and the trailer with its MAC taken for zero.
    static func compute(
        from source: IPAddress, _ message: Span<UInt8>, _ trailer: Span<UInt8>, secret: [UInt8],
        _ digest: any KeyedDigest
    ) -> UInt128 {
        guard message.count >= Layout.header, trailer.count >= size else { return 0 }
        digest.begin(.hmacSHA256, key: secret)
        digest.add(UInt64(source.family.rawValue), bytes: 1)
        digest.add(UInt64(message[0] >> 4), bytes: 1)
        digest.add(UInt64(message[1]), bytes: 1)
        digest.add(0, bytes: 1)
        switch source {
        case .v4(let address):
            digest.add(UInt64(address.value) << 32, bytes: 8)
            digest.add(0, bytes: 8)
        case .v6(let address):
            digest.add(address.high, bytes: 8)
            digest.add(address.low, bytes: 8)
        }
        digest.add(message.extracting(0..<6))
        digest.add(0, bytes: 2)
        digest.add(message.extracting(Layout.header..<message.count))
        digest.add(trailer.extracting(0..<valueOffset))
        digest.add(0, bytes: 8)
        digest.add(0, bytes: 8)
        return digest.finish()
    }
}
