/// What one look at the bytes of a line tells. Nearly all lines are plain: they stand for
/// themselves and need no second look before they are split into words.
struct LineOutline {
    /// Position of its newline, or the end of the text.
    private(set) var end: Int
    /// Where its comment starts, else `end`.
    var contentEnd: Int { comment ?? end }
    /// A carriage return at its end, or a byte that a no-break or ideographic space begins with.
    private(set) var mayHaveOddBlank = false
    /// A brace, or what may be a name: the text survey has to look.
    private(set) var isOfInterest = false

    private let start: Int
    private var comment: Int?
    private var first: UInt8?
    private var isQuoted = false
    private var needsReading = false

    init(_ text: Span<UInt8>, from start: Int) {
        self.start = start
        end = start
        while end < text.count, text[end] != Byte.newline {
            let byte = text[end]
            if byte > Byte.space || byte == 0 { note(byte, text) }
            end += 1
        }
        if end > start, text[end - 1] == Byte.carriageReturn { mayHaveOddBlank = true }
    }

    /// Where a line ends that was found plain before, and where its comment starts or it ends.
    static func ends(ofPlain text: Span<UInt8>, from start: Int) -> (line: Int, content: Int) {
        var end = start
        var mayHaveComment = false
        while end < text.count, text[end] != Byte.newline {
            if text[end] == Byte.hash || text[end] == Byte.bang { mayHaveComment = true }
            end += 1
        }
        return (end, mayHaveComment ? LineOutline(text, from: start).contentEnd : end)
    }

    /// No definition, condition, sequence or include, nothing to report.
    var isPlain: Bool { !needsReading && contentEnd - start <= TextReader.longestLine }

    private mutating func note(_ byte: UInt8, _ text: Span<UInt8>) {
        let isFirst = first == nil
        if isFirst {
            first = byte
            if byte == UInt8(ascii: "@") || byte == UInt8(ascii: "~") { needsReading = true }
            // include and its variants.
            if byte == UInt8(ascii: "i"), isByte(text, end + 2, UInt8(ascii: "c")) {
                needsReading = true
            }
        }
        if comment == nil, isFirst || startsWord(text) {
            isOfInterest = isOfInterest || TextSurvey.mayBeName(text, end)
        }
        switch byte {
        case Byte.open, Byte.close: isOfInterest = true
        case 0, Byte.dollar: needsReading = true
        case Byte.quote: if comment == nil { isQuoted.toggle() }
        case Byte.hash, Byte.bang: if comment == nil, !isQuoted { beginComment(isFirst) }
        case Byte.backslash: if comment == nil, !isQuoted { skipEscaped(text) }
        case 0xc2, 0xe3: mayHaveOddBlank = true
        default: return
        }
    }

    private func startsWord(_ text: Span<UInt8>) -> Bool {
        let before = text[end - 1]
        return before <= Byte.space || before == Byte.open || before == Byte.close
    }

    /// A comment; behind words it may cut off what was meant to be one of them.
    private mutating func beginComment(_ isFirst: Bool) {
        comment = end
        if !isFirst { needsReading = true }
    }

    private mutating func skipEscaped(_ text: Span<UInt8>) {
        if isByte(text, end + 1, Byte.hash) || isByte(text, end + 1, Byte.bang) { end += 1 }
    }

    private func isByte(_ text: Span<UInt8>, _ position: Int, _ byte: UInt8) -> Bool {
        position < text.count && text[position] == byte
    }
}
