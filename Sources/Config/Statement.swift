import Net

/// A keyword with what follows it: words, and perhaps a block.
struct Statement {
    var words: [Word]
    /// The bytes after the keyword, quotes and escapes included, for commands.
    var rest: [UInt8]
    /// Of the brace; nil: no block.
    var opening: SourceLocation?
    var body: [Statement] = []

    var keyword: Word? { words.first }
    var values: ArraySlice<Word> { words.dropFirst() }
    var hasBlock: Bool { opening != nil }
    var location: SourceLocation? { words.first?.location ?? opening }
}

/// What stands outside of all blocks.
enum RootItem {
    case statement(Statement)
    /// A `}` that closes nothing.
    case strayClose(SourceLocation)
}

/// Joins lines into statements with their blocks.
struct TreeBuilder {
    private(set) var items: [RootItem] = []
    private(set) var findings: [Diagnostic] = []
    /// Blocks that the end of the text closed.
    private(set) var unclosed: [Statement] = []

    private var stack: [Statement] = []
    private var current: Statement?
    /// Where the last word of `current` ends in its line.
    private var lastEnd = 0
    private let closesForgotten: Bool
    /// The first } that stands further left than what it closes: the block that it ends for the eye
    /// is an outer one.
    private var suspicion: (title: ByteString, opened: Int, line: Int)?
    private static let depthLimit = 16

    /// A block that belongs outside of all others, seen inside of one, tells that a `}` was
    /// forgotten before it. But only if braces are missing at all: else it was nested on purpose.
    static func tree(of lines: [Line]) -> TreeBuilder {
        let strict = TreeBuilder(lines, closesForgotten: false)
        return strict.unclosed.isEmpty ? strict : TreeBuilder(lines, closesForgotten: true)
    }

    private init(_ lines: [Line], closesForgotten: Bool) {
        self.closesForgotten = closesForgotten
        for line in lines { add(line) }
        finishStatement()
        while let block = stack.popLast() {
            unclosed.append(block)
            reportUnclosed(block)
            append(block)
        }
    }

    private mutating func add(_ line: Line) {
        // A brace on a line of its own belongs to the statement before.
        let tokens = tokens(of: line)
        if case .open? = tokens.first {} else { finishStatement() }
        for token in tokens {
            switch token {
            case .word(let word, let range): add(word, range, line)
            case .open(let location): open(location)
            case .close(let location): close(location, of: line)
            case .openQuote(let location):
                report("unmatched-quote", "the quotation mark has no partner in its line", location)
            }
        }
    }

    private mutating func add(_ word: Word, _ range: Range<Int>, _ line: Line) {
        if current == nil {
            current = Statement(words: [word], rest: [])
        } else {
            current?.words.append(word)
            current?.rest += line.bytes[min(lastEnd, range.upperBound)..<range.upperBound]
        }
        lastEnd = range.upperBound
    }

    private mutating func open(_ location: SourceLocation) {
        guard var statement = current else {
            report("unexpected-brace", "no keyword stands before this {", location)
            current = nil
            stack.append(Statement(words: [], rest: [], opening: location))
            limitDepth(location)
            return
        }
        current = nil
        statement.opening = location
        if closesForgotten, !stack.isEmpty, opensAtRoot(statement) { closeForgotten() }
        stack.append(statement)
        limitDepth(location)
    }

    /// Deeper than anything has a meaning, blocks end where they begin.
    private mutating func limitDepth(_ location: SourceLocation) {
        guard stack.count > Self.depthLimit, let block = stack.popLast() else { return }
        report("too-deep", "blocks are nested too deeply here", location)
        append(block)
    }

    private mutating func closeForgotten() {
        while let block = stack.popLast() {
            unclosed.append(block)
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
        guard let statement = current else { return }
        current = nil
        append(statement)
    }

    private mutating func append(_ statement: Statement) {
        // Braces around nothing known: what they hold stands for itself.
        let content = statement.words.isEmpty ? statement.body : [statement]
        if stack.isEmpty {
            items += content.map { .statement($0) }
        } else {
            stack[stack.count - 1].body += content
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
