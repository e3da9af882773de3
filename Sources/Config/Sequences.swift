import Net

/// `~SEQ(v,start,step,end)`, `~SEQx(…)`, `~LST(v,a,b)`, `~LST({v,w},{a,b},{c,d})`: the rest of the
/// line once for each row.
struct Sequence {
    var names: [ByteString] = []
    /// Values by row; in the order of `names`.
    var rows: Rows
    /// Where the rest of the line starts.
    var end: Int

    enum Rows {
        case numbers(start: Int, step: Int, count: Int, isHexadecimal: Bool)
        case words([[[UInt8]]])
    }

    enum Outcome {
        case none
        case malformed(String)
        case sequence(Sequence)
    }

    private static let longest = 1_000_000

    /// What stands at a position of a line.
    static func parse(_ line: [UInt8], at start: Int) -> Outcome {
        var cursor = Cursor(line, at: start)
        guard cursor.take("~") else { return .none }
        if cursor.take("SEQx") { return list(&cursor) { numbers($0, isHexadecimal: true) } }
        if cursor.take("SEQ") { return list(&cursor) { numbers($0, isHexadecimal: false) } }
        if cursor.take("LST") { return list(&cursor, words) }
        return .none
    }

    /// The items between parentheses, each a list of its own: `{a,b}` has two.
    private static func list(
        _ cursor: inout Cursor, _ meaning: ([[[UInt8]]]) -> Outcome
    ) -> Outcome {
        cursor.skipBlanks()
        guard cursor.take("(") else { return .none }
        var items: [[[UInt8]]] = []
        while true {
            guard let item = item(&cursor) else {
                return .malformed("an item has blanks or no end")
            }
            items.append(item)
            cursor.skipBlanks()
            if cursor.take(")") { break }
            guard cursor.take(",") else { return .malformed("a comma or ) is missing") }
        }
        guard case .sequence(var sequence) = meaning(items) else { return meaning(items) }
        sequence.end = cursor.index
        return .sequence(sequence)
    }

    private static func item(_ cursor: inout Cursor) -> [[UInt8]]? {
        cursor.skipBlanks()
        guard cursor.take("{") else { return [plain(&cursor)] }
        var parts: [[UInt8]] = []
        while true {
            cursor.skipBlanks()
            parts.append(plain(&cursor))
            cursor.skipBlanks()
            if cursor.take("}") { return parts }
            guard cursor.take(",") else { return nil }
        }
    }

    private static func plain(_ cursor: inout Cursor) -> [UInt8] {
        let start = cursor.index
        while let byte = cursor.current, !Byte.isBlank(byte), !isListByte(byte) {
            cursor.index += 1
        }
        return [UInt8](cursor.bytes[start..<cursor.index])
    }

    private static func isListByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ")"), UInt8(ascii: "{"), UInt8(ascii: "}"): true
        default: false
        }
    }

    private static func words(_ items: [[[UInt8]]]) -> Outcome {
        guard let names = items.first, items.count > 1 else {
            return .malformed("it has no values")
        }
        for name in names where name.isEmpty || nameEnd(name, 0) != name.count {
            return .malformed("\(ByteString(name)) is no name")
        }
        return .sequence(
            Sequence(
                names: names.map { ByteString($0) }, rows: .words([[[UInt8]]](items.dropFirst())),
                end: 0))
    }

    /// v, end · v, start, end · v, start, step, end
    private static func numbers(_ items: [[[UInt8]]], isHexadecimal: Bool) -> Outcome {
        let words = items.map { $0.first ?? [] }
        guard let name = words.first, (2...4).contains(words.count), !name.isEmpty,
            nameEnd(name, 0) == name.count
        else { return .malformed("it needs a name and one to three numbers") }
        var numbers: [Int] = []
        for word in words.dropFirst() {
            guard let number = sequenceNumber(word) else {
                return .malformed("\(ByteString(word)) is no number")
            }
            numbers.append(number)
        }
        let end = numbers[numbers.count - 1]
        let start = numbers.count > 1 ? numbers[0] : (end < 0 ? -1 : 1)
        let step = numbers.count > 2 ? numbers[1] : (start > end ? -1 : 1)
        guard step != 0, start == end || (step > 0) == (end > start) else {
            return .malformed("no step of \(step) leads from \(start) to \(end)")
        }
        let count = (end - start) / step + 1
        guard count <= longest else { return .malformed("it has more than a million steps") }
        return .sequence(
            Sequence(
                names: [ByteString(name)],
                rows: .numbers(
                    start: start, step: step, count: count, isHexadecimal: isHexadecimal),
                end: 0))
    }

    var count: Int {
        switch rows {
        case .numbers(_, _, let count, _): count
        case .words(let rows): rows.count
        }
    }

    /// A missing value is empty.
    func value(row: Int, name: Int) -> [UInt8] {
        switch rows {
        case .numbers(let start, let step, _, let isHexadecimal):
            let text = String(start + row * step, radix: isHexadecimal ? 16 : 10)
            return [UInt8](text.utf8)
        case .words(let rows):
            guard rows.indices.contains(row), rows[row].indices.contains(name) else { return [] }
            return rows[row][name]
        }
    }
}

/// As C reads a number: 0x for hexadecimal, 0 for octal; within 32 bits.
private func sequenceNumber(_ text: [UInt8]) -> Int? {
    var digits = text[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits = digits.dropFirst() }
    var radix = 10
    if digits.starts(with: "0x".utf8) || digits.starts(with: "0X".utf8) {
        radix = 16
        digits = digits.dropFirst(2)
    } else if digits.first == UInt8(ascii: "0"), digits.count > 1 {
        radix = 8
        digits = digits.dropFirst()
    }
    guard (1...10).contains(digits.count) else { return nil }
    var value = 0
    for byte in digits {
        guard let digit = hexadecimalDigit(byte), digit < radix else { return nil }
        value = value * radix + Int(digit)
    }
    guard value <= 0xffff_ffff else { return nil }
    return isNegative ? -value : value
}

extension Cursor {
    /// Steps over a text that stands here; false where it does not.
    mutating func take(_ text: StaticString) -> Bool {
        var offset = 0
        for byte in text.description.utf8 {
            guard self.byte(offset) == byte else { return false }
            offset += 1
        }
        index += offset
        return true
    }
}
