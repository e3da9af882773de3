import Net

/// Writes findings for people: "file:line:column: error: text [code]", the source line, a caret under
/// the place, and the hint.
package struct FindingRenderer {
    private let files: [SourceFile]
    private let usesColour: Bool
    /// Where each line starts, by file; made when a file is first looked at.
    private var lineStarts: [Int: [Int]] = [:]

    package init(_ files: [SourceFile], usesColour: Bool = false) {
        self.files = files
        self.usesColour = usesColour
    }

    package mutating func render(_ diagnostic: Diagnostic) -> [UInt8] {
        var text: [UInt8] = []
        if let location = diagnostic.location {
            text += paint(bold)
            text += path(location).bytes
            text += ":\(location.line):\(location.column): ".utf8
        }
        text += paint(diagnostic.severity.colour)
        text += diagnostic.severity.word.utf8
        text += ": ".utf8
        text += paint(plain)
        text += diagnostic.message.bytes
        text += " [\(diagnostic.code)]\n".utf8
        if let location = diagnostic.location { text += excerpt(location) }
        if let related = diagnostic.related {
            text += "  and ".utf8
            text += path(related).bytes
            text += ":\(related.line):\(related.column)\n".utf8
            text += excerpt(related)
        }
        if let hint = diagnostic.hint {
            text += "  hint: ".utf8
            text += hint.bytes
            text.append(Byte.newline)
        }
        return text
    }

    private let bold = "\u{1b}[1m"
    private let plain = "\u{1b}[0m"

    private func paint(_ colour: String) -> [UInt8] { usesColour ? [UInt8](colour.utf8) : [] }

    private func path(_ location: SourceLocation) -> ByteString {
        files.indices.contains(location.file) ? files[location.file].path : "configuration"
    }

    /// The line as it stands in the file, and a caret: one blank for each character before it, tabs
    /// kept, so that it stands right under most fonts. A line with a password is not shown.
    private mutating func excerpt(_ location: SourceLocation) -> [UInt8] {
        guard let line = line(location), !holdsPassword(line), !holdsKey(line) else { return [] }
        var text: [UInt8] = [Byte.space, Byte.space] + line + [Byte.newline]
        text += [Byte.space, Byte.space]
        for byte in line.prefix(location.column - 1) {
            if byte == 9 {
                text.append(9)
            } else if byte & 0xc0 != 0x80 {
                text.append(Byte.space)
            }
        }
        return text + paint("\u{1b}[32m") + [UInt8(ascii: "^")] + paint(plain) + [Byte.newline]
    }

    private mutating func line(_ location: SourceLocation) -> ArraySlice<UInt8>? {
        guard files.indices.contains(location.file) else { return nil }
        let text = files[location.file].text
        let starts = starts(of: location.file)
        guard starts.indices.contains(location.line - 1) else { return nil }
        let start = starts[location.line - 1]
        let rest = text[start...]
        return text[start..<(rest.firstIndex(of: Byte.newline) ?? text.count)]
    }

    private mutating func starts(of file: Int) -> [Int] {
        if let known = lineStarts[file] { return known }
        var starts = [0]
        for (index, byte) in files[file].text.enumerated() where byte == Byte.newline {
            starts.append(index + 1)
        }
        lineStarts[file] = starts
        return starts
    }
}

/// One finding, without colour.
package func render(_ diagnostic: Diagnostic, _ files: [SourceFile]) -> [UInt8] {
    var renderer = FindingRenderer(files)
    return renderer.render(diagnostic)
}

extension Severity {
    package var word: String {
        switch self {
        case .note: "note"
        case .warning: "warning"
        case .error: "error"
        case .security: "security"
        }
    }

    fileprivate var colour: String {
        switch self {
        case .note: "\u{1b}[36m"
        case .warning: "\u{1b}[35m"
        case .error, .security: "\u{1b}[31m"
        }
    }
}

/// `key ID VALUE` of auth_hmac, also behind a brace.
private func holdsKey(_ line: ArraySlice<UInt8>) -> Bool {
    for word in line.split(whereSeparator: { $0 <= Byte.space || $0 == UInt8(ascii: "{") })
    where word.elementsEqual("key".utf8) {
        return true
    }
    return false
}

/// What stands behind such a keyword is shown to nobody.
func isSecret(_ keyword: ByteString) -> Bool {
    keyword == "auth_pass" || keyword == "smtp_password"
}

/// A password's keyword, misspelt or not. Its neighbours in the alphabet are no slips of it.
private func isLikeSecret(_ word: ByteString) -> Bool {
    let known = ["auth_pass", "auth_type", "smtp_password", "smtp_server", "smtp_user"]
    return nearest(word, among: known).map { isSecret(ByteString($0)) } ?? false
}

private func holdsPassword(_ line: ArraySlice<UInt8>) -> Bool {
    for word in line.split(whereSeparator: { $0 <= Byte.space || $0 == UInt8(ascii: "{") })
    where isLikeSecret(ByteString(word)) { return true }
    for keyword in ["auth_pass", "smtp_password"] {
        var rest = line
        while rest.count >= keyword.utf8.count {
            if rest.starts(with: keyword.utf8) { return true }
            rest = rest.dropFirst()
        }
    }
    return false
}

/// The errors of a text that another does not have. An error is the same if code, block and word
/// are: lines move.
package func newErrors(
    in new: ParseResult, comparedTo old: ParseResult
) -> [Diagnostic] {
    var known: [ErrorIdentity: Int] = [:]
    for diagnostic in old.diagnostics where diagnostic.severity >= .error {
        known[ErrorIdentity(diagnostic), default: 0] += 1
    }
    var fresh: [Diagnostic] = []
    for diagnostic in new.diagnostics where diagnostic.severity >= .error {
        let count = known[ErrorIdentity(diagnostic), default: 0]
        if count > 0 {
            known[ErrorIdentity(diagnostic)] = count - 1
        } else {
            fresh.append(diagnostic)
        }
    }
    return fresh
}

private struct ErrorIdentity: Hashable {
    var code: String
    var block: ByteString
    var word: ByteString

    init(_ diagnostic: Diagnostic) {
        code = diagnostic.code
        block = diagnostic.block
        word = diagnostic.word
    }
}
