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

    func location(at index: Int) -> SourceLocation {
        var result = location
        result.column = isGrown ? 1 : index - bytes.startIndex + 1
        return result
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
    static func blankLength(_ bytes: ArraySlice<UInt8>, at position: Int) -> Int {
        guard position < bytes.endIndex else { return 0 }
        let first = bytes[position]
        if first < 0x80 { return isBlank(first) ? 1 : 0 }
        guard first == 0xc2 || first == 0xe3 else { return 0 }
        let rest = bytes[position...]
        if rest.starts(with: [0xc2, 0xa0]) { return 2 }
        return rest.starts(with: [0xe3, 0x80, 0x80]) ? 3 : 0
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
    var blankLength: Int { Byte.blankLength(bytes[...], at: index) }

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
    private var index: Int
    /// Of a quotation mark without a partner: it is told of before its word.
    private var unclosedWord: Token?

    init(_ line: Line) {
        self.line = line
        index = line.bytes.startIndex
    }

    /// Nil at the end of the line.
    mutating func next(_ vocabulary: inout Vocabulary) -> Token? {
        if let word = unclosedWord {
            unclosedWord = nil
            return word
        }
        skipBlanks()
        let start = index
        guard start < line.bytes.endIndex else { return nil }
        switch line.bytes[start] {
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

    private mutating func skipBlanks() {
        while index < line.bytes.endIndex {
            let length = blankLength(at: index)
            if length == 0 { return }
            index += length
        }
    }

    private func blankLength(at position: Int) -> Int {
        Byte.blankLength(line.bytes, at: position)
    }

    private mutating func quotedWord(_ vocabulary: inout Vocabulary) -> Token {
        let start = index
        index += 1
        while index < line.bytes.endIndex, line.bytes[index] != Byte.quote { index += 1 }
        let text = vocabulary.text(line.bytes[(start + 1)..<index])
        let isClosed = index < line.bytes.endIndex
        if isClosed { index += 1 }
        let word = Word(text: text, location: line.location(at: start), isQuoted: true)
        let token = Token.word(word, bytes: start..<index)
        if isClosed { return token }
        unclosedWord = token
        return .openQuote(word.location)
    }

    private mutating func plainWord(_ vocabulary: inout Vocabulary) -> ByteString {
        let start = index
        var hasEscape = false
        while index < line.bytes.endIndex {
            let byte = line.bytes[index]
            if byte == Byte.quote || byte == Byte.open || byte == Byte.close { break }
            if blankLength(at: index) > 0 { break }
            if byte == Byte.backslash, isEscaped(index + 1) {
                hasEscape = true
                index += 1
            }
            index += 1
        }
        let part = line.bytes[start..<index]
        return hasEscape ? withoutEscapes(part) : vocabulary.text(part)
    }

    private func isEscaped(_ position: Int) -> Bool {
        position < line.bytes.endIndex && isEscapable(line.bytes[position])
    }

    private func withoutEscapes(_ part: ArraySlice<UInt8>) -> ByteString {
        var text: [UInt8] = []
        var position = part.startIndex
        while position < part.endIndex {
            if part[position] == Byte.backslash, isEscaped(position + 1) { position += 1 }
            text.append(line.bytes[position])
            position += 1
        }
        return ByteString(text)
    }
}
