package import Net

/// One word of a configuration line, after quotes and escapes.
package struct Word: Hashable, Sendable {
    package var text: ByteString
    package var location: SourceLocation
    package var isQuoted: Bool
}

/// A line as the reader hands it on: a physical one, or one that a definition grew into.
package struct Line: Hashable, Sendable {
    package var bytes: [UInt8]
    /// Of the physical line. In a line that was grown, columns mean nothing: all are 1.
    package var location: SourceLocation
    package var isGrown: Bool

    package init(bytes: [UInt8], location: SourceLocation, isGrown: Bool = false) {
        self.bytes = bytes
        self.location = location
        self.isGrown = isGrown
    }

    func location(at index: Int) -> SourceLocation {
        var result = location
        result.column = isGrown ? 1 : index + 1
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

    /// The bytes of the blank that stands here: 0 for none. No-break and ideographic spaces, which
    /// web pages and input methods leave behind, are as good as any other.
    var blankLength: Int {
        guard let first = current else { return 0 }
        if Byte.isBlank(first) { return 1 }
        if first == 0xc2 && byte(1) == 0xa0 { return 2 }
        if first == 0xe3 && byte(1) == 0x80 && byte(2) == 0x80 { return 3 }
        return 0
    }

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
func tokens(of line: Line) -> [Token] {
    var cursor = Cursor(line.bytes)
    var result: [Token] = []
    while true {
        cursor.skipBlanks()
        let start = cursor.index
        switch cursor.current {
        case nil:
            return result
        case Byte.open:
            result.append(.open(line.location(at: start)))
            cursor.index += 1
        case Byte.close:
            result.append(.close(line.location(at: start)))
            cursor.index += 1
        case Byte.quote:
            result += quotedWord(&cursor, line)
        default:
            let text = plainWord(&cursor)
            let word = Word(text: text, location: line.location(at: start), isQuoted: false)
            result.append(.word(word, bytes: start..<cursor.index))
        }
    }
}

private func quotedWord(_ cursor: inout Cursor, _ line: Line) -> [Token] {
    let start = cursor.index
    cursor.index += 1
    while let byte = cursor.current, byte != Byte.quote { cursor.index += 1 }
    let text = ByteString(line.bytes[(start + 1)..<cursor.index])
    let isClosed = cursor.current != nil
    if isClosed { cursor.index += 1 }
    let word = Word(text: text, location: line.location(at: start), isQuoted: true)
    let token = Token.word(word, bytes: start..<cursor.index)
    return isClosed ? [token] : [.openQuote(word.location), token]
}

private func plainWord(_ cursor: inout Cursor) -> ByteString {
    var text: [UInt8] = []
    while let byte = cursor.current, cursor.blankLength == 0 {
        if byte == Byte.quote || byte == Byte.open || byte == Byte.close { break }
        if byte == Byte.backslash, let next = cursor.byte(1), isEscapable(next) {
            text.append(next)
            cursor.index += 2
        } else {
            text.append(byte)
            cursor.index += 1
        }
    }
    return ByteString(text)
}
