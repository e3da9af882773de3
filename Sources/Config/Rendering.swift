import Net

/// "file:line:column: error: text", the source line, a caret under the place, and the hint.
package func render(_ diagnostic: Diagnostic, _ files: [SourceFile]) -> [UInt8] {
    var text: [UInt8] = []
    if let location = diagnostic.location {
        text += path(location, files).bytes
        text += ":\(location.line):\(location.column): ".utf8
    }
    text += diagnostic.severity.word.utf8
    text += ": ".utf8
    text += diagnostic.message.bytes
    text.append(Byte.newline)
    if let location = diagnostic.location { text += excerpt(location, files) }
    if let hint = diagnostic.hint {
        text += "  hint: ".utf8
        text += hint.bytes
        text.append(Byte.newline)
    }
    return text
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
}

private func path(_ location: SourceLocation, _ files: [SourceFile]) -> ByteString {
    files.indices.contains(location.file) ? files[location.file].path : "configuration"
}

/// The line as it stands in the file, and a caret: one blank for each character before it, tabs
/// kept, so that it stands right under most fonts. A line with a password is not shown.
private func excerpt(_ location: SourceLocation, _ files: [SourceFile]) -> [UInt8] {
    guard files.indices.contains(location.file) else { return [] }
    let lines = files[location.file].text.split(
        separator: Byte.newline, maxSplits: location.line, omittingEmptySubsequences: false)
    guard lines.indices.contains(location.line - 1) else { return [] }
    let line = lines[location.line - 1]
    if String(decoding: line, as: UTF8.self).utf8.starts(with: "auth_pass".utf8)
        || holdsPassword(line) || holdsKey(line)
    {
        return []
    }
    var text: [UInt8] = [Byte.space, Byte.space] + line + [Byte.newline]
    text += [Byte.space, Byte.space]
    for byte in line.prefix(location.column - 1) {
        if byte == 9 {
            text.append(9)
        } else if byte & 0xc0 != 0x80 {
            text.append(Byte.space)
        }
    }
    return text + [UInt8(ascii: "^"), Byte.newline]
}

/// `key ID VALUE` of auth_hmac, also behind a brace.
private func holdsKey(_ line: ArraySlice<UInt8>) -> Bool {
    for word in line.split(whereSeparator: { $0 <= Byte.space || $0 == UInt8(ascii: "{") })
    where word.elementsEqual("key".utf8) {
        return true
    }
    return false
}

private func holdsPassword(_ line: ArraySlice<UInt8>) -> Bool {
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
