import Net

/// The IP Authentication Header in front of an advertisement (RFC 2402 section 2, RFC 2338 section
/// 5.3.6) with HMAC-MD5-96 (RFC 2403). Next header, length, two reserved bytes, SPI, sequence
/// number, ICV. The SPI is the sender's address.
enum AuthenticationHeader {
    static let size = 24
    static let ipProtocol: UInt8 = 51
    static let sequenceOffset = 8
    static let valueOffset = 12
    /// The header's size in words, less two.
    static let words: UInt8 = 4

    /// True if this is the header that a VRRP router at this address sends.
    static func isOurs(_ payload: Span<UInt8>, from source: IPAddress) -> Bool {
        guard payload.count >= size, payload[0] == Layout.ipProtocol, payload[1] == words else {
            return false
        }
        return IPAddress(payload, at: 4, size: 4) == source
    }

    static func sequence(_ payload: Span<UInt8>) -> UInt32 {
        UInt32(truncatingIfNeeded: number(payload, sequenceOffset, 4))
    }

    /// The ICV that came with a packet, in the low 96 bits.
    static func value(_ payload: Span<UInt8>) -> UInt128 {
        UInt128(number(payload, valueOffset, 8)) << 32
            | UInt128(number(payload, valueOffset + 8, 4))
    }

    /// The ICV over the IP header, this header and the advertisement (RFC 2402 section 3.3.3). Zero
    /// for it are type of service, flags, fragment offset, checksum and the ICV itself; the TTL is
    /// only for unicast, where it may change on the way: that is how keepalived has it.
    static func compute(
        ip: Span<UInt8>, isUnicast: Bool, _ payload: Span<UInt8>, key: [UInt8],
        _ digest: any KeyedDigest
    ) -> UInt128 {
        guard ip.count >= 20, payload.count >= size else { return 0 }
        digest.begin(.hmacMD5, key: key)
        digest.add(UInt64(ip[0]), bytes: 1)
        digest.add(0, bytes: 1)
        digest.add(ip.extracting(2..<6))
        digest.add(0, bytes: 2)
        digest.add(isUnicast ? 0 : UInt64(ip[8]), bytes: 1)
        digest.add(UInt64(ip[9]), bytes: 1)
        digest.add(0, bytes: 2)
        digest.add(ip.extracting(12..<ip.count))
        digest.add(payload.extracting(0..<valueOffset))
        digest.add(0, bytes: 8)
        digest.add(0, bytes: 4)
        digest.add(payload.extracting(size..<payload.count))
        return digest.finish() >> 32
    }
}

/// Big-endian; 0 where it does not fit.
func number(_ bytes: Span<UInt8>, _ offset: Int, _ count: Int) -> UInt64 {
    guard offset >= 0, count <= 8, offset + count <= bytes.count else { return 0 }
    var value: UInt64 = 0
    for index in offset..<(offset + count) { value = value << 8 | UInt64(bytes[index]) }
    return value
}
