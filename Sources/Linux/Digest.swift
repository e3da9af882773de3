import CLinux
package import Net

/// The digests of libnettle.
@safe package final class Digest: KeyedDigest {
    private let context: UnsafeMutableRawPointer

    package init() throws(SystemError) {
        guard let context = unsafe clinux_digest_create() else {
            throw SystemError("memory", code: 12)
        }
        unsafe self.context = context
    }

    deinit { unsafe clinux_free(context) }

    package func begin(_ algorithm: DigestAlgorithm, key: [UInt8]) {
        unsafe key.withUnsafeBufferPointer { key in
            switch algorithm {
            case .hmacMD5:
                unsafe clinux_digest_md5(context, key.baseAddress, UInt(key.count))
            case .hmacSHA256:
                unsafe clinux_digest_sha256(context, key.baseAddress, UInt(key.count))
            }
        }
    }

    package func add(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe clinux_digest_add(context, bytes.baseAddress, UInt(bytes.count))
        }
    }

    package func add(_ number: UInt64, bytes count: Int) {
        var value = (number << UInt64(64 - min(max(count, 1), 8) * 8)).bigEndian
        unsafe withUnsafeBytes(of: &value) { bytes in
            unsafe clinux_digest_add(
                context, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, UInt(count))
        }
    }

    package func finish() -> UInt128 {
        var value: UInt128 = 0
        unsafe withUnsafeMutableBytes(of: &value) { bytes in
            unsafe clinux_digest_finish(
                context, bytes.assumingMemoryBound(to: UInt8.self).baseAddress)
        }
        return UInt128(bigEndian: value)
    }
}
