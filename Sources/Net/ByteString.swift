/// Text as the bytes that were written, whatever their encoding: names, paths, passwords and
/// command words must come out exactly as they went in, also where they are no valid UTF-8.
package struct ByteString: Hashable, Comparable, Sendable, ExpressibleByStringLiteral,
    CustomStringConvertible
{
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }
    package init(_ bytes: ArraySlice<UInt8>) { self.bytes = [UInt8](bytes) }
    package init(_ text: String) { bytes = [UInt8](text.utf8) }
    package init(stringLiteral text: String) { self.init(text) }

    package var isEmpty: Bool { bytes.isEmpty }
    package var count: Int { bytes.count }

    /// The same text in a piece of memory of its own, as large as it is.
    package var inOwnMemory: ByteString { ByteString(bytes.map { $0 }) }

    /// For people: invalid UTF-8 is shown as U+FFFD.
    package var description: String { String(decoding: bytes, as: UTF8.self) }

    package static func < (left: ByteString, right: ByteString) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
    package static func == (left: ByteString, right: String) -> Bool {
        left.bytes.count == right.utf8.count && left.bytes.elementsEqual(right.utf8)
    }
}

extension ByteString {
    /// Eight bytes at a time: names are looked up often.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(bytes.count)
        var word: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            word = word << 8 | UInt64(byte)
            if index & 7 == 7 { hasher.combine(word) }
        }
        hasher.combine(word)
    }
}

extension ByteString {
    package static func + (left: ByteString, right: ByteString) -> ByteString {
        ByteString(left.bytes + right.bytes)
    }
}
