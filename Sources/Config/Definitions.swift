import Net

/// `$NAME=value`: what names stand for while a text is read, and how they are replaced.
struct Definitions {
    /// A value of several lines that starts behind its name may stand inside of a line; one that
    /// starts below it only for a whole line.
    private struct Value {
        var lines: [[UInt8]]
        var startsInline: Bool
    }

    private var values: [ByteString: Value] = [:]
    private let options: ParseOptions
    private var random: UInt64

    init(_ options: ParseOptions) {
        self.options = options
        // The same node draws the same numbers at every start and reload, another node others.
        random = 0xcbf2_9ce4_8422_2325
        for byte in options.configurationID.bytes {
            random = (random ^ UInt64(byte)) &* 0x100_0000_01b3
        }
    }

    mutating func set(_ name: ByteString, _ lines: [[UInt8]], startsInline: Bool = true) {
        values[name] = Value(lines: lines, startsInline: startsInline)
    }

    /// What takes the place of a reference.
    enum Replacement {
        case text([UInt8])
        case lines([[UInt8]])
    }

    /// The first reference in a line that means something.
    struct Reference {
        var range: Range<Int>
        var replacement: Replacement
    }

    /// From a position on. What is not defined stays as it stands.
    mutating func reference(
        in line: [UInt8], from start: Int, directory: ByteString
    ) -> Reference? {
        var index = start
        while index < line.count {
            if line[index] == Byte.dollar, let name = name(in: line, at: index),
                let replacement = replacement(name, in: line, directory)
            {
                return Reference(range: name.range, replacement: replacement)
            }
            index += 1
        }
        return nil
    }

    private struct Name {
        /// With dollar and braces.
        var range: Range<Int>
        var text: Range<Int>
        /// `${_RANDOM 1 6}`: the words behind the name.
        var arguments: Range<Int>
    }

    /// `$NAME` before a blank, a comma, a closing parenthesis or the end; `${NAME}` anywhere.
    private func name(in line: [UInt8], at dollar: Int) -> Name? {
        let hasBrace = dollar + 1 < line.count && line[dollar + 1] == Byte.open
        let start = dollar + (hasBrace ? 2 : 1)
        let end = nameEnd(line, start)
        guard end > start else { return nil }
        if hasBrace {
            guard let close = line[end...].firstIndex(of: Byte.close) else { return nil }
            guard close == end || Byte.isBlank(line[end]) else { return nil }
            return Name(range: dollar..<(close + 1), text: start..<end, arguments: end..<close)
        }
        guard end == line.count || isTerminator(line[end]) else { return nil }
        return Name(range: dollar..<end, text: start..<end, arguments: end..<end)
    }

    private func isTerminator(_ byte: UInt8) -> Bool {
        Byte.isBlank(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ")")
    }

    private mutating func replacement(
        _ name: Name, in line: [UInt8], _ directory: ByteString
    ) -> Replacement? {
        let text = ByteString(line[name.text])
        if name.arguments.isEmpty, let value = values[text] {
            if value.lines.count == 1 { return .text(value.lines[0]) }
            let isWhole = line[..<name.range.lowerBound].allSatisfy { Byte.isBlank($0) }
            return isWhole || value.startsInline ? .lines(value.lines) : nil
        }
        if text == "_PWD" { return .text(directory.bytes) }
        if text == "_INSTANCE" { return .text(options.configurationID.bytes) }
        if text == "_HASH" { return .text([Byte.hash]) }
        if text == "_BANG" { return .text([Byte.bang]) }
        let arguments = line[name.arguments].split(whereSeparator: { Byte.isBlank($0) })
        if text == "_RANDOM" { return randomNumber(arguments).map { .text([UInt8]("\($0)".utf8)) } }
        if text == "_ENV", let variable = arguments.first, arguments.count == 1 {
            return .text(options.environment[ByteString(variable)]?.bytes ?? [])
        }
        return nil
    }

    /// Between two limits, 0 and 32767 unless they are given.
    private mutating func randomNumber(_ arguments: [ArraySlice<UInt8>]) -> Int? {
        guard arguments.count <= 2 else { return nil }
        var limits = [0, 32767]
        for (index, argument) in arguments.enumerated() {
            guard let number = naturalNumber(argument), number <= 0x7fff_ffff else { return nil }
            limits[index] = number
        }
        guard limits[0] <= limits[1] else { return nil }
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return limits[0] + Int(random % UInt64(limits[1] - limits[0] + 1))
    }
}

/// Where a name of letters, digits and underscores ends; its start if none is there.
func nameEnd(_ line: [UInt8], _ start: Int) -> Int {
    var end = start
    while end < line.count, isNameByte(line[end], isFirst: end == start) { end += 1 }
    return end
}

private func isNameByte(_ byte: UInt8, isFirst: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "_"):
        true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): !isFirst
    default: false
    }
}
