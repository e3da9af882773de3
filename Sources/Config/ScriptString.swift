import Net

// Commands are split twice: a configuration line into outer words, of which the first is the whole
// command; that one then as a shell would, without expanding anything.

/// The outer words of what stands after a script keyword. Both kinds of quotes group; a backslash
/// protects one byte and is kept for the second split.
func outerWords(_ bytes: [UInt8]) -> [[UInt8]] {
    var cursor = Cursor(bytes)
    var words: [[UInt8]] = []
    while true {
        cursor.skipBlanks()
        guard let first = cursor.current else { return words }
        let isQuoted = first == Byte.quote || first == Byte.apostrophe
        if isQuoted { cursor.index += 1 }
        var word: [UInt8] = []
        while let byte = cursor.current {
            if isQuoted ? byte == first : cursor.blankLength > 0 { break }
            if byte == Byte.backslash, let next = cursor.byte(1) {
                word += [byte, next]
                cursor.index += 2
            } else {
                word.append(byte)
                cursor.index += 1
            }
        }
        if isQuoted && cursor.current != nil { cursor.index += 1 }
        words.append(word)
    }
}

/// The program and its arguments: quotes group, also inside a word, and escapes are replaced.
func commandWords(_ command: [UInt8]) -> [ByteString] {
    var cursor = Cursor(command)
    var words: [ByteString] = []
    while true {
        while let byte = cursor.current, Byte.isBlank(byte) { cursor.index += 1 }
        if cursor.current == nil { return words }
        words.append(commandWord(&cursor))
    }
}

private func commandWord(_ cursor: inout Cursor) -> ByteString {
    var word: [UInt8] = []
    var quote: UInt8?
    while let byte = cursor.current {
        if byte == quote {
            quote = nil
        } else if quote == nil && Byte.isBlank(byte) {
            break
        } else if quote == nil && (byte == Byte.quote || byte == Byte.apostrophe) {
            quote = byte
        } else if byte == Byte.backslash, cursor.byte(1) != nil {
            cursor.index += 1
            word.append(escape(&cursor))
            continue
        } else {
            word.append(byte)
        }
        cursor.index += 1
    }
    return ByteString(word)
}

/// What follows a backslash: a letter of C's, an octal or hexadecimal number, `cC` for a control
/// character; anything else stands for itself.
private func escape(_ cursor: inout Cursor) -> UInt8 {
    guard let byte = cursor.current else { return Byte.backslash }
    if let value = number(&cursor) { return value }
    cursor.index += 1
    switch byte {
    case UInt8(ascii: "a"): return 7
    case UInt8(ascii: "b"): return 8
    case UInt8(ascii: "E"): return 27
    case UInt8(ascii: "f"): return 12
    case UInt8(ascii: "n"): return 10
    case UInt8(ascii: "r"): return 13
    case UInt8(ascii: "t"): return 9
    case UInt8(ascii: "v"): return 11
    case UInt8(ascii: "c"):
        guard let control = cursor.current else { return byte }
        cursor.index += 1
        return control & 0x1f
    default: return byte
    }
}

private func number(_ cursor: inout Cursor) -> UInt8? {
    let octal = UInt8(ascii: "0")...UInt8(ascii: "7")
    if let digit = cursor.byte(0), octal.contains(digit) {
        return digits(&cursor, atMost: 3, bits: 3) { octal.contains($0) }
    }
    guard cursor.byte(0) == UInt8(ascii: "x"), let digit = cursor.byte(1),
        hexadecimalDigit(digit) != nil
    else { return nil }
    cursor.index += 1
    return digits(&cursor, atMost: 2, bits: 4) { hexadecimalDigit($0) != nil }
}

private func digits(
    _ cursor: inout Cursor, atMost count: Int, bits: UInt8, where isDigit: (UInt8) -> Bool
) -> UInt8 {
    var value: UInt8 = 0
    var taken = 0
    while taken < count, let byte = cursor.current, isDigit(byte) {
        value = value << bits | (hexadecimalDigit(byte) ?? 0)
        cursor.index += 1
        taken += 1
    }
    return value
}
