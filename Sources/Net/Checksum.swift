/// The Internet checksum (RFC 1071): the complement of the one's complement sum of 16-bit words.
///
/// Feed it runs of an even number of bytes (an odd run is padded with a zero, so it must be the
/// last). A block that holds its own correct checksum gives 0.
package struct Checksum: Sendable {
    private var sum: UInt64 = 0

    package init() {}

    package mutating func add(_ bytes: Span<UInt8>) {
        var index = 0
        while index + 1 < bytes.count {
            sum &+= UInt64(bytes[index]) << 8 | UInt64(bytes[index + 1])
            index += 2
        }
        if index < bytes.count { sum &+= UInt64(bytes[index]) << 8 }
    }

    package mutating func add(word: UInt16) { sum &+= UInt64(word) }

    package mutating func add(_ address: IPAddress) {
        for index in stride(from: 0, to: address.family.addressSize, by: 2) {
            add(word: UInt16(address.byte(index)) << 8 | UInt16(address.byte(index + 1)))
        }
    }

    /// The value to store, in host order.
    package var value: UInt16 {
        var folded = sum
        while folded >> 16 != 0 { folded = (folded & 0xffff) + folded >> 16 }
        return ~UInt16(truncatingIfNeeded: folded)
    }
}
