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
        private var stretch: ArraySlice<UInt8> = []
        /// So much of it is cut.
        private var start = 0
        private var location = SourceLocation(file: 0, line: 1, column: 1)

        fileprivate init(_ list: LineList) { parts = list.parts }

        mutating func next() -> Line? {
            if start < stretch.count { return cut() }
            guard position < parts.count else { return nil }
            defer { position += 1 }
            switch parts[position] {
            case .line(let line): return line
            case .stretch(let stretch, let location):
                self.stretch = stretch
                self.location = location
                start = 0
                return cut()
            }
        }

        private mutating func cut() -> Line {
            let ends = LineOutline.ends(ofPlain: stretch.span, from: start)
            let first = stretch.startIndex
            let line = Line(
                part: stretch[(first + start)..<(first + ends.content)], location: location)
            start = ends.line + 1
            location.line += 1
            return line
        }
    }
}
