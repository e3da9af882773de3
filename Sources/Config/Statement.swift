import Net

/// A keyword with what follows it: words, and perhaps a block.
struct Statement {
    /// Nil: braces around nothing known.
    var keyword: Word?
    var values: ArraySlice<Word> { arguments[...] }
    /// Of the brace; nil: no block.
    var opening: SourceLocation?
    var body: [Statement] = []

    fileprivate var arguments: [Word] = []
    /// Empty where one plain word is all that follows.
    fileprivate var restOfLine: ArraySlice<UInt8> = []

    var words: [Word] { (keyword.map { [$0] } ?? []) + arguments }
    /// The bytes after the keyword, quotes and escapes included, for commands.
    var rest: [UInt8] {
        restOfLine.isEmpty ? arguments.first?.text.bytes ?? [] : [UInt8](restOfLine)
    }
    var hasBlock: Bool { opening != nil }
    var location: SourceLocation? { keyword?.location ?? opening }
}

/// What stands outside of all blocks.
enum RootItem {
    case statement(Statement)
    /// A `}` that closes nothing.
    case strayClose(SourceLocation)
}

/// Joins lines into statements with their blocks, one item after the other: so that nothing of
/// what was dealt with stays in memory.
struct TreeBuilder {
    private(set) var findings: [Diagnostic] = []

    private var lines: LineList.Iterator
    private var vocabulary = Vocabulary()
    /// Complete since the last line; and in the opposite order, what of it is not taken yet.
    private var items: [RootItem] = []
    private var waiting: [RootItem] = []
    private var stack: [Statement] = []
    private var current: Statement?
    /// Where the keyword of `current` ends.
    private var keywordEnd = 0
    /// The first } that stands further left than what it closes: the block that it ends for the eye
    /// is an outer one.
    private var suspicion: (title: ByteString, opened: Int, line: Int)?
    /// A block that belongs outside of all others, seen inside of one, tells that a `}` was
    /// forgotten before it. But only if braces are missing at all: else it was nested on purpose.
    private let closesForgotten: Bool

    init(_ lines: LineList, closesForgotten: Bool) {
        self.lines = lines.makeIterator()
        self.closesForgotten = closesForgotten
    }

    /// Nil at the end.
    mutating func next() -> RootItem? {
        while waiting.isEmpty {
            guard readOn() else { return nil }
            if items.isEmpty { continue }
            swap(&items, &waiting)
            waiting.reverse()
        }
        return waiting.popLast()
    }

    /// False when there is nothing more to come.
    private mutating func readOn() -> Bool {
        if let line = lines.next() {
            add(line)
            return true
        }
        guard current != nil || !stack.isEmpty else { return false }
        finishStatement()
        closeForgotten()
        return true
    }

    private mutating func add(_ line: Line) {
        var scanner = TokenScanner(line)
        var isFirst = true
        while let token = scanner.next(&vocabulary) {
            // A brace on a line of its own belongs to the statement before.
            if isFirst {
                isFirst = false
                if case .open = token {} else { finishStatement() }
            }
            switch token {
            case .word(let word, let range): add(word, range, line)
            case .open(let location): open(location)
            case .close(let location): close(location, of: line)
            case .openQuote(let location):
                report("unmatched-quote", "the quotation mark has no partner in its line", location)
            }
        }
        if isFirst { finishStatement() }
    }

    private mutating func add(_ word: Word, _ range: Range<Int>, _ line: Line) {
        if current == nil {
            current = Statement(keyword: word)
            keywordEnd = range.upperBound
            return
        }
        let isAsWritten = !word.isQuoted && word.text.count == range.count
        if current?.arguments.isEmpty == false || !isAsWritten {
            current?.restOfLine = line.part(keywordEnd..<range.upperBound)
        }
        current?.arguments.append(word)
    }

    private mutating func open(_ location: SourceLocation) {
        guard var statement = current.take() else {
            report("unexpected-brace", "no keyword stands before this {", location)
            stack.append(Statement(opening: location))
            limitDepth(location)
            return
        }
        statement.opening = location
        if closesForgotten, !stack.isEmpty, opensAtRoot(statement) { closeForgotten() }
        stack.append(statement)
        limitDepth(location)
    }

    /// Deeper than anything has a meaning, blocks end where they begin.
    private mutating func limitDepth(_ location: SourceLocation) {
        guard stack.count > TextSurvey.depthLimit, let block = stack.popLast() else { return }
        report("too-deep", "blocks are nested too deeply here", location)
        append(block)
    }

    private mutating func closeForgotten() {
        while let block = stack.popLast() {
            reportUnclosed(block)
            append(block)
        }
    }

    private mutating func close(_ location: SourceLocation, of line: Line) {
        finishStatement()
        suspect(location, line)
        if let block = stack.popLast() {
            append(block)
        } else {
            items.append(.strayClose(location))
        }
    }

    private mutating func suspect(_ location: SourceLocation, _ line: Line) {
        guard suspicion == nil, !line.isGrown, let block = stack.last, stack.count > 1,
            let start = block.location, location.file == start.file,
            location.line > start.line, location.column < start.column,
            !line.bytes.prefix(location.column - 1).contains(where: { !Byte.isBlank($0) })
        else { return }
        suspicion = (title(of: block), start.line, location.line)
    }

    private func title(of block: Statement) -> ByteString {
        let name = block.keyword.map { $0.text } ?? "{"
        return block.values.first.map { name + " " + $0.text } ?? name
    }

    private mutating func finishStatement() {
        if let statement = current.take() { append(statement) }
    }

    private mutating func append(_ statement: consuming Statement) {
        if statement.keyword == nil {
            // What the braces hold stands for itself.
            for inner in statement.body { append(inner) }
        } else if stack.isEmpty {
            items.append(.statement(statement))
        } else {
            stack[stack.count - 1].body.append(statement)
        }
    }

    private func opensAtRoot(_ statement: Statement) -> Bool {
        guard let keyword = statement.keyword else { return false }
        return RootKeyword.named(keyword.text)?.opensOnlyAtRoot == true
    }

    private mutating func reportUnclosed(_ block: Statement) {
        let title = title(of: block)
        var hint = "write } after the last line of \(title), or of a block in it"
        if let suspicion {
            hint =
                "write } before line \(suspicion.line): \(suspicion.title) of line "
                + "\(suspicion.opened) seems to end there"
        }
        findings.append(
            Diagnostic(
                .error, "missing-brace", ByteString("the block \(title) has no closing }"),
                at: block.opening, word: block.keyword.map { $0.text } ?? "{",
                hint: ByteString(hint)))
    }

    private mutating func report(_ code: String, _ message: String, _ location: SourceLocation) {
        findings.append(Diagnostic(.error, code, ByteString(message), at: location))
    }
}
