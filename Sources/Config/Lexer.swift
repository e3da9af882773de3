package import Net

/// One word of a configuration line, after quotes and escapes.
package struct Word: Hashable, Sendable {
    package var text: ByteString
    package var location: SourceLocation
    package var isQuoted: Bool
}

/// A line as the reader hands it on: a physical one, or one that a definition grew into.
package struct Line: Hashable, Sendable {
    /// Without its comment; of a physical line a part of the file's text, not a copy.
    package var bytes: ArraySlice<UInt8>
    /// Of the physical line. In a line that was grown, columns mean nothing: all are 1.
    package var location: SourceLocation
    package var isGrown: Bool

    package init(bytes: [UInt8], location: SourceLocation, isGrown: Bool = false) {
        self.init(part: bytes[...], location: location, isGrown: isGrown)
    }

    init(part: ArraySlice<UInt8>, location: SourceLocation, isGrown: Bool = false) {
        bytes = part
        self.location = location
        self.isGrown = isGrown
    }

    /// Of a byte, counted from the line's first.
    func location(at index: Int) -> SourceLocation {
        var result = location
        result.column = isGrown ? 1 : index + 1
        return result
    }

    /// Bytes counted from the line's first.
    func part(_ range: Range<Int>) -> ArraySlice<UInt8> {
        bytes.prefix(range.upperBound).dropFirst(range.lowerBound)
    }
}

/// What a line falls into.
enum Token {
    case word(Word, bytes: Range<Int>)
    case open(SourceLocation)
    case close(SourceLocation)
    /// A quotation mark without its partner; the rest of the line is its word.
    case openQuote(SourceLocation)
}

enum Byte {
    static let quote = UInt8(ascii: "\"")
    static let apostrophe = UInt8(ascii: "'")
    static let backslash = UInt8(ascii: "\\")
    static let open = UInt8(ascii: "{")
    static let close = UInt8(ascii: "}")
    static let hash = UInt8(ascii: "#")
    static let bang = UInt8(ascii: "!")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let dollar = UInt8(ascii: "$")

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }

    /// The bytes of the blank that stands at a position: 0 for none. No-break and ideographic
    /// spaces, which web pages and input methods leave behind, are as good as any other.
    static func blankLength(_ bytes: Span<UInt8>, at position: Int) -> Int {
        guard position < bytes.count else { return 0 }
        let first = bytes[position]
        if first < 0x80 { return isBlank(first) ? 1 : 0 }
        if first == 0xc2 { return has(0xa0, bytes, position + 1) ? 2 : 0 }
        guard first == 0xe3, has(0x80, bytes, position + 1) else { return 0 }
        return has(0x80, bytes, position + 2) ? 3 : 0
    }

    private static func has(_ byte: UInt8, _ bytes: Span<UInt8>, _ position: Int) -> Bool {
        position < bytes.count && bytes[position] == byte
    }
}

/// A position in bytes that can only move within them.
struct Cursor {
    let bytes: [UInt8]
    var index = 0

    init(_ bytes: [UInt8], at index: Int = 0) {
        self.bytes = bytes
        self.index = index
    }

    /// Nil at the end.
    var current: UInt8? { byte(0) }

    func byte(_ offset: Int) -> UInt8? {
        let position = index + offset
        return bytes.indices.contains(position) ? bytes[position] : nil
    }

    /// The bytes of the blank that stands here: 0 for none.
    var blankLength: Int { Byte.blankLength(bytes.span, at: index) }

    mutating func skipBlanks() {
        while blankLength > 0 { index += blankLength }
    }

    var rest: ArraySlice<UInt8> { bytes[min(index, bytes.count)...] }
}

/// Where the comment of a line starts (its end, if there is none): `#` or `!`, unless it is quoted
/// or escaped.
func commentStart(_ bytes: [UInt8]) -> Int {
    var cursor = Cursor(bytes)
    var isQuoted = false
    while let byte = cursor.current {
        if byte == Byte.quote {
            isQuoted.toggle()
        } else if !isQuoted {
            if byte == Byte.hash || byte == Byte.bang { return cursor.index }
            if byte == Byte.backslash, isEscapable(cursor.byte(1)) { cursor.index += 1 }
        }
        cursor.index += 1
    }
    return bytes.count
}

private func isEscapable(_ byte: UInt8?) -> Bool { byte == Byte.hash || byte == Byte.bang }

/// Splits a line, whose comment is gone already, into words and braces.
struct TokenScanner {
    private let line: Line
    /// From the line's first byte on.
    private var index = 0
    /// Of a quotation mark without a partner: it is told of before its word.
    private var unclosedWord: Token?

    init(_ line: Line) { self.line = line }

    /// Nil at the end of the line.
    mutating func next(_ vocabulary: inout Vocabulary) -> Token? {
        if let word = unclosedWord {
            unclosedWord = nil
            return word
        }
        index = TokenScanner.endOfBlanks(line.bytes.span, from: index)
        let start = index
        guard start < line.bytes.count else { return nil }
        switch line.bytes.span[start] {
        case Byte.open:
            index += 1
            return .open(line.location(at: start))
        case Byte.close:
            index += 1
            return .close(line.location(at: start))
        case Byte.quote: return quotedWord(&vocabulary)
        default:
            let text = plainWord(&vocabulary)
            let word = Word(text: text, location: line.location(at: start), isQuoted: false)
            return .word(word, bytes: start..<index)
        }
    }

    private mutating func quotedWord(_ vocabulary: inout Vocabulary) -> Token {
        let start = index
        let end = TokenScanner.endOfQuotation(line.bytes.span, from: start + 1)
        let text = vocabulary.text(line.bytes.span.extracting((start + 1)..<end))
        let isClosed = end < line.bytes.count
        index = isClosed ? end + 1 : end
        let word = Word(text: text, location: line.location(at: start), isQuoted: true)
        let token = Token.word(word, bytes: start..<index)
        if isClosed { return token }
        unclosedWord = token
        return .openQuote(word.location)
    }

    private mutating func plainWord(_ vocabulary: inout Vocabulary) -> ByteString {
        let start = index
        let (end, hasEscape) = TokenScanner.endOfWord(line.bytes.span, from: start)
        index = end
        let part = line.bytes.span.extracting(start..<end)
        return hasEscape ? TokenScanner.withoutEscapes(part) : vocabulary.text(part)
    }
}

extension TokenScanner {
    private static func endOfBlanks(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while true {
            let length = Byte.blankLength(bytes, at: index)
            if length == 0 { return index }
            index += length
        }
    }

    private static func endOfQuotation(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] != Byte.quote { index += 1 }
        return index
    }

    private static func endOfWord(
        _ bytes: Span<UInt8>, from start: Int
    ) -> (end: Int, hasEscape: Bool) {
        var index = start
        var hasEscape = false
        while index < bytes.count {
            let byte = bytes[index]
            if byte == Byte.quote || byte == Byte.open || byte == Byte.close { break }
            if Byte.blankLength(bytes, at: index) > 0 { break }
            if byte == Byte.backslash, isEscaped(bytes, index + 1) {
                hasEscape = true
                index += 1
            }
            index += 1
        }
        return (index, hasEscape)
    }

    private static func isEscaped(_ bytes: Span<UInt8>, _ position: Int) -> Bool {
        position < bytes.count && isEscapable(bytes[position])
    }

    private static func withoutEscapes(_ part: Span<UInt8>) -> ByteString {
        var text: [UInt8] = []
        var position = 0
        while position < part.count {
            if part[position] == Byte.backslash, isEscaped(part, position + 1) { position += 1 }
            text.append(part[position])
            position += 1
        }
        return ByteString(text)
    }
}
