/// The lines of all texts, in the order they are read. Lines that stand for themselves are kept as
/// the stretch of text that they are, and cut out of it again when their turn comes: for each of
/// them 64 bytes would tell where 30 are.
struct LineList: Swift.Sequence {
    private enum Part {
        /// Ends with a newline, or with its text.
        case stretch(ArraySlice<UInt8>, SourceLocation)
        /// One that a definition or a condition made.
        case line(Line)
    }

    private var parts: [Part] = []

    mutating func append(_ line: Line) { parts.append(.line(line)) }

    mutating func append(stretch: ArraySlice<UInt8>, at location: SourceLocation) {
        if !stretch.isEmpty { parts.append(.stretch(stretch, location)) }
    }

    func makeIterator() -> Iterator { Iterator(self) }

    struct Iterator: IteratorProtocol {
        private let parts: [Part]
        private var position = 0
        /// What of a stretch is not cut yet.
        private var rest: ArraySlice<UInt8> = []
        private var location = SourceLocation(file: 0, line: 1, column: 1)

        fileprivate init(_ list: LineList) { parts = list.parts }

        mutating func next() -> Line? {
            if !rest.isEmpty { return cut() }
            guard position < parts.count else { return nil }
            defer { position += 1 }
            switch parts[position] {
            case .line(let line): return line
            case .stretch(let stretch, let start):
                rest = stretch
                location = start
                return cut()
            }
        }

        private mutating func cut() -> Line {
            let ends = LineOutline.ends(ofPlain: rest.span, from: 0)
            let line = Line(part: rest.prefix(ends.content), location: location)
            rest = rest.dropFirst(ends.line + 1)
            location.line += 1
            return line
        }
    }
}
