// Reads rtnetlink messages (netlink(7), rtnetlink(7)) from bytes that nobody vouches for. Every
// length is checked against what is there; what does not fit ends the walk.
import Net

/// One message: its header's fields and where its payload lies.
package struct NetlinkHeader: Hashable, Sendable {
    package var type: UInt16
    package var flags: UInt16
    package var sequence: UInt32
    package var payload: Range<Int>
}

/// One attribute: its type without the flag bits, and where its payload lies.
package struct NetlinkAttribute: Hashable, Sendable {
    package var type: UInt16
    package var payload: Range<Int>
}

/// Walks the messages of a datagram, or the attributes of a range of it.
package struct NetlinkReader {
    private var offset: Int
    private let end: Int

    package init(_ bytes: Span<UInt8>) {
        offset = 0
        end = bytes.count
    }

    /// Attributes start behind a message's fixed part, padded to four bytes.
    package init(attributesIn range: Range<Int>, after fixedPart: Int = 0) {
        end = range.upperBound
        offset = min(range.lowerBound + aligned(fixedPart), end)
    }

    /// struct nlmsghdr: length, type, flags, sequence, port.
    package mutating func message(_ bytes: Span<UInt8>) -> NetlinkHeader? {
        guard end - offset >= 16, let length = bytes.word(offset, within: end) else { return nil }
        guard length >= 16, length <= end - offset else { return nil }
        let header = NetlinkHeader(
            type: bytes.half(offset + 4), flags: bytes.half(offset + 6),
            sequence: bytes.word(offset + 8, within: end) ?? 0,
            payload: offset + 16..<offset + Int(length))
        offset = min(offset + aligned(Int(length)), end)
        return header
    }

    /// struct nlattr: length, type.
    package mutating func attribute(_ bytes: Span<UInt8>) -> NetlinkAttribute? {
        guard end - offset >= 4, end <= bytes.count else { return nil }
        let length = Int(bytes.half(offset))
        guard length >= 4, length <= end - offset else { return nil }
        let attribute = NetlinkAttribute(
            type: bytes.half(offset + 2) & 0x3fff, payload: offset + 4..<offset + length)
        offset = min(offset + aligned(length), end)
        return attribute
    }
}

private func aligned(_ length: Int) -> Int { (length + 3) & ~3 }

extension Span<UInt8> {
    /// A 16-bit number in host order; 0 where it does not fit.
    func half(_ offset: Int) -> UInt16 {
        guard offset >= 0, offset <= count - 2 else { return 0 }
        return UInt16(littleEndian: UInt16(self[offset]) | UInt16(self[offset + 1]) << 8)
    }

    /// A 32-bit number in host order; nil where it would reach beyond `end`.
    func word(_ offset: Int, within end: Int) -> UInt32? {
        guard offset >= 0, end <= count, offset <= end - 4 else { return nil }
        var value: UInt32 = 0
        for index in (0..<4).reversed() { value = value << 8 | UInt32(self[offset + index]) }
        return UInt32(littleEndian: value)
    }

    func word(_ range: Range<Int>) -> UInt32? {
        word(range.lowerBound, within: range.upperBound)
    }

    func index(_ range: Range<Int>) -> Int32? { word(range).map { Int32(bitPattern: $0) } }

    /// Text up to the first NUL.
    func text(_ range: Range<Int>) -> ByteString {
        var result: [UInt8] = []
        for index in range {
            guard index < count, self[index] != 0 else { break }
            result.append(self[index])
        }
        return ByteString(result)
    }

    func address(_ range: Range<Int>, _ family: Family) -> IPAddress? {
        guard range.count == family.addressSize else { return nil }
        return IPAddress(self, at: range.lowerBound, size: range.count)
    }
}
