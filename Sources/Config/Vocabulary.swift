import Net

/// Words come again and again: keywords, interfaces, states. Those of late are kept, so that a
/// thousand blocks share one copy of each.
struct Vocabulary {
    private var known = [ByteString](repeating: "", count: 256)
    private static let longest = 32

    /// The text of these bytes.
    mutating func text(_ part: Span<UInt8>) -> ByteString {
        guard part.count <= Self.longest else { return Self.copy(part) }
        let place = Int(Self.hash(part))
        var text = known[place]
        if Self.isSame(text.bytes.span, part) { return text }
        text = Self.copy(part)
        known[place] = text
        return text
    }

    private static func copy(_ part: Span<UInt8>) -> ByteString {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(part.count)
        for index in part.indices { bytes.append(part[index]) }
        return ByteString(bytes)
    }

    private static func hash(_ bytes: Span<UInt8>) -> UInt8 {
        var hash: UInt32 = 0
        for index in bytes.indices { hash = hash &* 31 &+ UInt32(bytes[index]) }
        return UInt8(truncatingIfNeeded: hash ^ hash >> 8)
    }

    private static func isSame(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }
}
