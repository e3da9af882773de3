import Net

/// What the whole text has to say before its first statement can be understood.
struct TextSurvey {
    /// A `{` has no `}`.
    var lacksBraces: Bool { depth > 0 }
    /// A block may name something that iproute2's rt_… files give a number.
    private(set) var needsNames = false
    /// Where these files are.
    private(set) var usr: ByteString = "/usr/share/iproute2"
    private(set) var etc: ByteString = "/etc/iproute2"

    private var depth = 0
    private var vocabulary = Vocabulary()
    /// Deeper than anything has a meaning, blocks end where they begin.
    static let depthLimit = 16

    private static let blocks = [
        "virtual_routes", "virtual_rules", "static_routes", "static_rules", "scope",
    ]

    /// In the order of the text; lines may be left out of which the outline says that they are not
    /// of interest.
    mutating func look(at line: Line) {
        let bytes = line.bytes.span
        var isQuoted = false
        var isWordStart = true
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == Byte.quote { isQuoted.toggle() }
            if isWordStart, Self.mayBeName(bytes, index) { look(atWordsOf: line) }
            isWordStart = byte <= Byte.space || byte == Byte.open || byte == Byte.close
            if isQuoted { continue }
            if byte == Byte.open { depth = min(depth + 1, Self.depthLimit) }
            if byte == Byte.close { depth = max(depth - 1, 0) }
        }
    }

    /// A cheap look at the first bytes: few lines need another.
    static func mayBeName(_ bytes: Span<UInt8>, _ index: Int) -> Bool {
        guard index + 4 < bytes.count else { return false }
        switch bytes[index] {
        // scope and static_, but not state
        case UInt8(ascii: "s"):
            return bytes[index + 1] == UInt8(ascii: "c") || bytes[index + 4] == UInt8(ascii: "i")
        // iproute_
        case UInt8(ascii: "i"): return bytes[index + 1] == UInt8(ascii: "p")
        // virtual_rules and virtual_routes, but not virtual_router_id
        case UInt8(ascii: "v"):
            guard index + 12 < bytes.count, bytes[index + 8] == UInt8(ascii: "r") else {
                return false
            }
            return index + 13 == bytes.count || bytes[index + 13] != UInt8(ascii: "r")
        default: return false
        }
    }

    private mutating func look(atWordsOf line: Line) {
        var scanner = TokenScanner(line)
        var before: ByteString = ""
        while let token = scanner.next(&vocabulary) {
            guard case .word(let word, _) = token else { continue }
            for name in Self.blocks where word.text == name { needsNames = true }
            if before == "iproute_usr_dir" { usr = word.text }
            if before == "iproute_etc_dir" { etc = word.text }
            before = word.text
        }
    }
}
