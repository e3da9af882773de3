/// The keyed digests of VRRP's authentications.
package enum DigestAlgorithm: Hashable, Sendable {
    /// RFC 2104 over MD5: the Authentication Header's (RFC 2403).
    case hmacMD5
    /// RFC 2104 over SHA-256: auth_hmac's.
    case hmacSHA256
}

/// Computes one digest after the other, without allocating. A protocol, because the library stands
/// behind the kernel's edge, where the protocol's module does not reach.
package protocol KeyedDigest: AnyObject {
    func begin(_ algorithm: DigestAlgorithm, key: [UInt8])
    func add(_ bytes: Span<UInt8>)
    /// The lowest bytes of a number, 1...8 of them, the highest first.
    func add(_ number: UInt64, bytes count: Int)
    /// The first 128 bits.
    func finish() -> UInt128
}
