import Net

// Lines that stand for other lines: conditions, definitions and sequences.
extension TextReader {
    /// Hands a line on, or what it stands for.
    mutating func grow(_ bytes: [UInt8], _ position: SourceLocation, isGrown: Bool) {
        var bytes = bytes
        var isGrown = isGrown
        var replaced = 0
        var start = 0
        while true {
            guard !isExhausted(position) else { return }
            start = bytes[start...].firstIndex { !Byte.isBlank($0) } ?? bytes.count
            guard start < bytes.count else {
                return append(Line(bytes: [], location: position))
            }
            switch bytes[start] {
            case UInt8(ascii: "@"):
                guard let rest = condition(bytes, start) else { return }
                start = rest
                continue
            case Byte.dollar:
                if define(bytes, start, position) { return }
            case UInt8(ascii: "~"):
                fillNumbers(&bytes, start, position)
                switch Sequence.parse(bytes, at: start) {
                case .none: break
                case .malformed(let why):
                    return report("bad-sequence", "the sequence is ignored: \(why)", position)
                case .sequence(let sequence): return repeatLine(sequence, bytes, position)
                }
            default: break
            }
            guard
                let reference = definitions.reference(
                    in: bytes, from: start, directory: directory(of: position.file))
            else { break }
            replaced += 1
            switch reference.replacement {
            case .text(let text):
                bytes.replaceSubrange(reference.range, with: text)
                isGrown = true
                guard replaced <= 1000, bytes.count <= Self.longestLine else {
                    return report(
                        "endless-definition", "what this line stands for has no end or is too long",
                        position)
                }
            case .lines(let body):
                let prefix = bytes[start..<reference.range.lowerBound]
                return spread(prefix, body, bytes[reference.range.upperBound...], position)
            }
        }
        // Blanks stay, so that columns of a line that did not grow are right.
        if start > 0 { blankOut(&bytes, start) }
        append(Line(bytes: bytes, location: position, isGrown: isGrown))
        grownLines += isGrown ? 1 : 0
    }

    /// What stands before a position is no part of the statement.
    private func blankOut(_ bytes: inout [UInt8], _ end: Int) {
        for index in 0..<end where !Byte.isBlank(bytes[index]) { bytes[index] = Byte.space }
    }

    /// `@id` and `@^id`: where the rest of the line starts; nil if it is not meant for this node.
    func condition(_ bytes: [UInt8], _ start: Int) -> Int? {
        let isNegated = start + 1 < bytes.count && bytes[start + 1] == UInt8(ascii: "^")
        let word = start + (isNegated ? 2 : 1)
        let end = bytes[word...].firstIndex { Byte.isBlank($0) } ?? bytes.count
        let isOurs = bytes[word..<end].elementsEqual(options.configurationID.bytes)
        return isOurs != isNegated ? end : nil
    }

    /// `$NAME=value`, no blank before the equals sign.
    private mutating func define(
        _ bytes: [UInt8], _ start: Int, _ position: SourceLocation
    ) -> Bool {
        let end = nameEnd(bytes, start + 1)
        guard end > start + 1, end < bytes.count, bytes[end] == UInt8(ascii: "=") else {
            return false
        }
        let name = ByteString(bytes[(start + 1)..<end])
        let value = trimmed(bytes[(end + 1)...])
        if value.last == Byte.backslash {
            let first = trimmed(value.dropLast())
            body = Body(
                name: name, lines: first.isEmpty ? [] : [[UInt8](first)],
                startsInline: !first.isEmpty)
        } else {
            definitions.set(name, [[UInt8](value)])
        }
        return true
    }

    /// A further line of a definition; without a backslash at its end, the last one.
    mutating func extend(_ body: Body, _ raw: [UInt8], continues: Bool) {
        var body = body
        let text = trimmed(raw[0..<raw.count])
        if !text.isEmpty { body.lines.append([UInt8](text)) }
        if continues {
            self.body = body
        } else {
            finish(body)
        }
    }

    mutating func finish(_ body: Body) {
        self.body = nil
        definitions.set(
            body.name, body.lines.isEmpty ? [[]] : body.lines, startsInline: body.startsInline)
    }

    /// The numbers of `~SEQ` may be definitions; the items of `~LST` are replaced where they are
    /// used, as keepalived does.
    private mutating func fillNumbers(
        _ bytes: inout [UInt8], _ start: Int, _ position: SourceLocation
    ) {
        guard bytes[start...].starts(with: "~SEQ".utf8) else { return }
        for _ in 0..<8 {
            guard let close = bytes[start...].firstIndex(of: UInt8(ascii: ")")),
                let reference = definitions.reference(
                    in: bytes, from: start, directory: directory(of: position.file)),
                reference.range.lowerBound < close,
                case .text(let text) = reference.replacement
            else { return }
            bytes.replaceSubrange(reference.range, with: text)
        }
    }

    private mutating func repeatLine(
        _ sequence: Sequence, _ bytes: [UInt8], _ position: SourceLocation
    ) {
        let rest = [UInt8](bytes[sequence.end...])
        for row in 0..<sequence.count {
            guard !isExhausted(position) else { return }
            grownLines += 1
            for (index, name) in sequence.names.enumerated() {
                definitions.set(name, [sequence.value(row: row, name: index)])
            }
            descend(position) { $0.grow(rest, position, isGrown: true) }
        }
    }

    private mutating func spread(
        _ prefix: ArraySlice<UInt8>, _ body: [[UInt8]], _ suffix: ArraySlice<UInt8>,
        _ position: SourceLocation
    ) {
        for (index, text) in body.enumerated() {
            var line = index == 0 ? prefix + text : text
            if index == body.count - 1 { line += suffix }
            descend(position) { $0.grow([UInt8](line), position, isGrown: true) }
        }
        // A definition inside of a body may have several lines of its own.
        if let open = self.body { finish(open) }
    }

    private mutating func descend(
        _ position: SourceLocation, _ action: (inout TextReader) -> Void
    ) {
        guard growthDepth < 32 else {
            return report(
                "endless-definition", "definitions lead to each other too deeply", position)
        }
        growthDepth += 1
        action(&self)
        growthDepth -= 1
    }

    /// Definitions and sequences can ask for more than any machine has.
    private mutating func isExhausted(_ position: SourceLocation) -> Bool {
        guard grownLines >= options.grownLineLimit else { return false }
        if !reportedExhaustion {
            reportedExhaustion = true
            report(
                "too-much-text",
                "definitions and sequences make more than \(options.grownLineLimit) lines: the rest "
                    + "is ignored", position)
        }
        return true
    }

    private func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while let last = text.last, Byte.isBlank(last) { text = text.dropLast() }
        while let first = text.first, Byte.isBlank(first) { text = text.dropFirst() }
        return text
    }
}
