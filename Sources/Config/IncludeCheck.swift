import Net

/// include_check: which includes that find nothing are more than a note.
struct IncludeCheck {
    var readable = false
    var match = false
    var wildcardMatch = false
    var braceMatch = false

    static var all: IncludeCheck {
        IncludeCheck(readable: true, match: true, wildcardMatch: true, braceMatch: true)
    }

    /// What a variant of include adds; nil: the word is none.
    static func named(_ keyword: ByteString) -> IncludeCheck? {
        if keyword == "include" { return IncludeCheck() }
        if keyword == "includer" { return IncludeCheck(readable: true) }
        if keyword == "includem" { return IncludeCheck(match: true) }
        if keyword == "includew" { return IncludeCheck(wildcardMatch: true) }
        if keyword == "includeb" { return IncludeCheck(braceMatch: true) }
        if keyword == "includea" { return .all }
        return nil
    }

    /// Words with + or - change single checks; without any words all are on.
    mutating func set(_ words: [ByteString]) {
        if words.isEmpty { self = .all }
        for word in words {
            let isAdded = word.bytes.first != UInt8(ascii: "-")
            let isSigned = !isAdded || word.bytes.first == UInt8(ascii: "+")
            let name = ByteString(word.bytes[(isSigned ? 1 : 0)...])
            if name == "readable" { readable = isAdded }
            if name == "match" { match = isAdded }
            if name == "wildcard_match" { wildcardMatch = isAdded }
            if name == "brace_match" { braceMatch = isAdded }
        }
    }

    func union(_ other: IncludeCheck) -> IncludeCheck {
        IncludeCheck(
            readable: readable || other.readable, match: match || other.match,
            wildcardMatch: wildcardMatch || other.wildcardMatch,
            braceMatch: braceMatch || other.braceMatch)
    }

    func complains(ofMissing pattern: ByteString) -> Bool {
        let wildcards: [UInt8] = [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "[")]
        if match { return true }
        if pattern.bytes.contains(where: { wildcards.contains($0) }) { return wildcardMatch }
        return pattern.bytes.contains(Byte.open) ? braceMatch : readable
    }
}
