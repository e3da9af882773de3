import Net

/// Texts to lines without comments: the first step of reading, and the only one that knows of
/// includes, encodings and the end of a line. Growth.swift does definitions and conditions.
struct TextReader {
    /// `$NAME=` with a backslash at the end of each line but the last.
    struct Body {
        var name: ByteString
        var lines: [[UInt8]]
        var startsInline: Bool
    }

    private(set) var files: [SourceFile] = []
    private(set) var lines = LineList()
    private(set) var survey = TextSurvey()
    private(set) var findings: [Diagnostic] = []
    let options: ParseOptions
    var definitions: Definitions
    /// Of the definition that is being read.
    var body: Body?
    var grownLines = 0
    var growthDepth = 0
    var reportedExhaustion = false
    /// By position in `files`; absolute if the working directory is known.
    private var directories: [ByteString] = []
    private var includeCheck = IncludeCheck()

    /// keepalived's, for files that it is to read as well; bytes without the comment.
    static let longestLine = 1023
    private static let deepestInclude = 16
    /// A file that includes itself twice would else be read 2^16 times.
    private static let mostFiles = 1000

    init(_ options: ParseOptions) {
        self.options = options
        definitions = Definitions(options)
        if options.missingIncludesAreErrors { includeCheck = .all }
    }

    func directory(of file: Int) -> ByteString {
        directories.indices.contains(file) ? directories[file] : "."
    }

    mutating func read(
        _ file: SourceFile, depth: Int, include: (ByteString, ByteString) -> [SourceFile]
    ) {
        let number = files.count
        files.append(file)
        directories.append(directory(ofPath: file.path))
        var start = file.text.startIndex
        var oddity: SourceLocation? = nil
        var position = SourceLocation(file: number, line: 1, column: 1)
        if file.text.starts(with: [0xef, 0xbb, 0xbf]) {
            start += 3
            oddity = position
        }
        /// Where the lines start that stand for themselves, up to the one that is looked at.
        var plain = (start: start, location: position)
        while start < file.text.endIndex {
            let outline = LineOutline(file.text.span, from: start)
            if oddity == nil, outline.mayHaveOddBlank {
                oddity = blankOddity(in: [UInt8](file.text[start..<outline.end]), at: position)
            }
            let end = outline.end + 1
            if body != nil || !outline.isPlain || grownLines >= options.grownLineLimit {
                lines.append(stretch: file.text[plain.start..<start], at: plain.location)
                readLine([UInt8](file.text[start..<outline.end]), position, depth, include)
                plain = (min(end, file.text.endIndex), position)
                plain.location.line += 1
            } else if outline.isOfInterest {
                let part = file.text[start..<outline.contentEnd]
                survey.look(at: Line(part: part, location: position))
            }
            position.line += 1
            start = end
        }
        lines.append(stretch: file.text[plain.start...], at: plain.location)
        if let body { finish(body) }
        if let oddity { reportOddity(oddity) }
    }

    /// A line that is not as it was written.
    mutating func append(_ line: Line) {
        survey.look(at: line)
        lines.append(line)
    }

    private mutating func readLine(
        _ raw: [UInt8], _ position: SourceLocation, _ depth: Int,
        _ include: (ByteString, ByteString) -> [SourceFile]
    ) {
        if raw.contains(0) {
            report("nul-byte", "a line with a NUL byte is ignored", position)
            return
        }
        let continues = endsWithBackslash(raw)
        var bytes = raw
        bytes.removeSubrange(commentStart(raw)...)
        reportCutPassword(raw, bytes.count, position)
        if bytes.count > Self.longestLine {
            report("long-line", "a line of more than 1023 bytes is ignored", position)
            return
        }
        if let body {
            if endsWithBackslash(bytes) { bytes.removeLast() }
            return extend(body, bytes, continues: continues)
        }
        if let (keyword, pattern) = includePattern(bytes, position) {
            return read(pattern, keyword, position, depth, include)
        }
        grow(bytes, position, isGrown: false)
    }

    /// `auth_pass pa#ss` is the password `pa`.
    private mutating func reportCutPassword(
        _ raw: [UInt8], _ end: Int, _ position: SourceLocation
    ) {
        guard raw.indices.contains(end + 1), !Byte.isBlank(raw[end + 1]) else { return }
        let words = raw[..<end].split(whereSeparator: { Byte.isBlank($0) })
        guard let keyword = words.first else { return }
        for name in ["auth_pass", "smtp_password"] where keyword.elementsEqual(name.utf8) {
            let isWhole = words.count > 1 && Byte.isBlank(raw[end - 1])
            guard !isWhole, words.count < 3 else { return }
            var place = position
            place.column = keyword.startIndex + 1
            let sign = raw[end] == Byte.hash ? "#" : "!"
            let what = words.count > 1 ? "ends the password" : "leaves no password"
            findings.append(
                Diagnostic(
                    .warning, "cut-password",
                    ByteString("\(name): \(sign) begins a comment and \(what)"), at: place,
                    word: ByteString(name),
                    hint: ByteString("write \\\(sign), or the password in quotation marks")))
        }
    }

    private func endsWithBackslash(_ line: [UInt8]) -> Bool {
        line.last { !Byte.isBlank($0) } == Byte.backslash
    }

    /// include and its variants: `includer`, `includem`, `includew`, `includeb`, `includea`.
    private mutating func includePattern(
        _ bytes: [UInt8], _ position: SourceLocation
    ) -> (keyword: Word, pattern: Word)? {
        guard let start = includeStart(bytes) else { return nil }
        var words: [Word] = []
        // Braces in a pattern are alternatives.
        for text in bytes[start...].split(whereSeparator: { Byte.isBlank($0) }) {
            var place = position
            place.column = text.startIndex + 1
            let isQuoted = text.first == Byte.quote && text.last == Byte.quote && text.count > 1
            let plain = isQuoted ? text.dropFirst().dropLast() : text
            words.append(Word(text: ByteString(plain), location: place, isQuoted: isQuoted))
        }
        guard let keyword = words.first else { return nil }
        if keyword.text == "include_check" {
            includeCheck.set(words.dropFirst().map { $0.text })
            return nil
        }
        guard IncludeCheck.named(keyword.text) != nil, words.count == 2 else { return nil }
        if bytes[..<start].contains(UInt8(ascii: "@")) {
            findings.append(
                Diagnostic(
                    .warning, "conditional-include",
                    "keepalived reads a file twice that is included under a condition",
                    at: keyword.location, word: keyword.text,
                    hint: "write the conditions into the lines of that file"))
        }
        return (keyword, words[1])
    }

    /// Behind conditions, if they hold.
    private func includeStart(_ bytes: [UInt8]) -> Int? {
        var start = 0
        while let index = bytes[start...].firstIndex(where: { !Byte.isBlank($0) }) {
            if bytes[index...].starts(with: "include".utf8) { return index }
            guard bytes[index] == UInt8(ascii: "@"), let rest = condition(bytes, index) else {
                return nil
            }
            start = rest
        }
        return nil
    }

    private mutating func read(
        _ pattern: Word, _ keyword: Word, _ position: SourceLocation, _ depth: Int,
        _ include: (ByteString, ByteString) -> [SourceFile]
    ) {
        guard depth < Self.deepestInclude else {
            report("deep-include", "files include each other too deeply", position)
            return
        }
        guard files.count < Self.mostFiles else {
            report("many-includes", "more than 1000 files are included: this one is not", position)
            return
        }
        let found = include(pattern.text, directory(of: position.file))
        let check = includeCheck.union(IncludeCheck.named(keyword.text) ?? IncludeCheck())
        if found.isEmpty {
            let isChecked = check.complains(ofMissing: pattern.text)
            findings.append(
                Diagnostic(
                    isChecked ? .security : .note, "missing-include",
                    "no file matches " + pattern.text, at: pattern.location, word: pattern.text))
        }
        for file in found {
            if !file.isReadable {
                findings.append(
                    Diagnostic(
                        check.readable ? .security : .note, "unreadable-include",
                        file.path + " cannot be read", at: pattern.location, word: file.path))
            }
            read(file, depth: depth + 1, include: include)
        }
    }

    private func directory(ofPath path: ByteString) -> ByteString {
        var path = path
        if path.bytes.first != UInt8(ascii: "/"), !options.workingDirectory.isEmpty {
            path = options.workingDirectory + "/" + path
        }
        guard let slash = path.bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return ByteString(path.bytes[0..<max(slash, 1)])
    }

    /// Blanks that keepalived takes for letters, and line ends of other systems.
    private func blankOddity(in line: [UInt8], at position: SourceLocation) -> SourceLocation? {
        var place = position
        if line.last == Byte.carriageReturn {
            place.column = line.count
            return place
        }
        guard let first = line.firstIndex(where: { $0 == 0xc2 || $0 == 0xe3 }) else { return nil }
        var cursor = Cursor(line, at: first)
        let end = commentStart(line)
        while cursor.index < end {
            if cursor.blankLength > 1 {
                place.column = cursor.index + 1
                return place
            }
            cursor.index += 1
        }
        return nil
    }

    private mutating func reportOddity(_ location: SourceLocation) {
        if isLineEnd(location) {
            findings.append(
                Diagnostic(
                    .warning, "crlf", "lines end with CR and LF: the CR is taken as a blank",
                    at: location))
            return
        }
        findings.append(
            Diagnostic(
                .warning, "odd-blank",
                "no-break or ideographic spaces, a byte order mark or CRLF are taken as blanks",
                at: location, hint: "keepalived takes them as letters: replace them"))
    }

    private func isLineEnd(_ location: SourceLocation) -> Bool {
        let text = files[location.file].text
        let line = text.split(
            separator: Byte.newline, maxSplits: location.line, omittingEmptySubsequences: false)
        guard line.indices.contains(location.line - 1) else { return false }
        let bytes = line[location.line - 1]
        return location.column == bytes.count && bytes.last == Byte.carriageReturn
    }

    mutating func report(_ code: String, _ text: String, _ location: SourceLocation) {
        findings.append(Diagnostic(.error, code, ByteString(text), at: location))
    }
}
