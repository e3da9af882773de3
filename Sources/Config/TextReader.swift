import Net

/// Texts to lines without comments: the first step of reading, and the only one that knows of
/// includes, encodings and the end of a line.
struct TextReader {
    private(set) var files: [SourceFile] = []
    private(set) var lines: [Line] = []
    private(set) var findings: [Diagnostic] = []

    /// keepalived's, for files that it is to read as well.
    private static let longestLine = 1023
    private static let deepestInclude = 16

    mutating func read(
        _ file: SourceFile, depth: Int, include: (ByteString, ByteString) -> [SourceFile]
    ) {
        let number = files.count
        files.append(file)
        var text = file.text[...]
        var oddity: SourceLocation? = nil
        if text.starts(with: [0xef, 0xbb, 0xbf]) {
            text = text.dropFirst(3)
            oddity = SourceLocation(file: number, line: 1, column: 1)
        }
        var position = SourceLocation(file: number, line: 1, column: 1)
        for raw in text.split(separator: Byte.newline, omittingEmptySubsequences: false) {
            oddity = oddity ?? blankOddity(in: raw, at: position)
            readLine([UInt8](raw), position, depth, include)
            position.line += 1
        }
        if let oddity { reportOddity(oddity) }
    }

    private mutating func readLine(
        _ raw: [UInt8], _ position: SourceLocation, _ depth: Int,
        _ include: (ByteString, ByteString) -> [SourceFile]
    ) {
        if raw.contains(0) {
            report("nul-byte", "a line with a NUL byte is ignored", position)
            return
        }
        let bytes = [UInt8](raw[0..<commentStart(raw)])
        if bytes.count > Self.longestLine {
            report("long-line", "a line of more than 1023 bytes is ignored", position)
            return
        }
        let line = Line(bytes: bytes, location: position)
        if let pattern = includePattern(line) {
            read(pattern, position, depth, include)
        } else {
            lines.append(line)
        }
    }

    /// include and its variants: `includer`, `includem`, `includew`, `includeb`, `includea`.
    private func includePattern(_ line: Line) -> Word? {
        guard line.bytes.contains(UInt8(ascii: "i")) else { return nil }
        let tokens = tokens(of: line)
        guard tokens.count == 2, case .word(let keyword, _) = tokens[0],
            case .word(let pattern, _) = tokens[1]
        else { return nil }
        for name in ["include", "includer", "includem", "includew", "includeb", "includea"]
        where keyword.text == name {
            return pattern
        }
        return nil
    }

    private mutating func read(
        _ pattern: Word, _ position: SourceLocation, _ depth: Int,
        _ include: (ByteString, ByteString) -> [SourceFile]
    ) {
        guard depth < Self.deepestInclude else {
            report("deep-include", "files include each other too deeply", position)
            return
        }
        let path = files.indices.contains(position.file) ? files[position.file].path : ""
        let found = include(pattern.text, directory(of: path))
        if found.isEmpty {
            findings.append(
                Diagnostic(
                    .note, "missing-include", "no file matches " + pattern.text,
                    at: pattern.location, word: pattern.text))
        }
        for file in found { read(file, depth: depth + 1, include: include) }
    }

    private func directory(of path: ByteString) -> ByteString {
        guard let slash = path.bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return ByteString(path.bytes[0..<max(slash, 1)])
    }

    /// Blanks that keepalived takes for letters, and line ends of other systems.
    private func blankOddity(
        in line: ArraySlice<UInt8>, at position: SourceLocation
    ) -> SourceLocation? {
        var cursor = Cursor([UInt8](line))
        while let byte = cursor.current {
            if byte == Byte.hash || byte == Byte.bang { break }
            if cursor.blankLength > 1 {
                var place = position
                place.column = cursor.index + 1
                return place
            }
            cursor.index += 1
        }
        guard line.last == Byte.carriageReturn else { return nil }
        var place = position
        place.column = line.count
        return place
    }

    private mutating func reportOddity(_ location: SourceLocation) {
        findings.append(
            Diagnostic(
                .warning, "odd-blank",
                "no-break or ideographic spaces, a byte order mark or CRLF are taken as blanks",
                at: location, hint: "keepalived takes them as letters: replace them"))
    }

    private mutating func report(_ code: String, _ text: String, _ location: SourceLocation) {
        findings.append(Diagnostic(.error, code, ByteString(text), at: location))
    }
}
