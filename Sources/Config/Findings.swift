import Net

/// Collects diagnostics, each once, with the block they stand in.
struct Findings {
    private(set) var list: [Diagnostic] = []
    private var seen: Set<Diagnostic> = []
    /// "vrrp_instance VI_1"; empty outside of blocks.
    var block: ByteString = ""

    mutating func add(_ diagnostic: Diagnostic) {
        if seen.insert(diagnostic).inserted { list.append(diagnostic) }
    }

    mutating func error(_ code: String, _ text: String, _ word: Word?, hint: String? = nil) {
        report(.error, code, text, word, hint)
    }

    mutating func warning(_ code: String, _ text: String, _ word: Word?, hint: String? = nil) {
        report(.warning, code, text, word, hint)
    }

    mutating func note(_ code: String, _ text: String, _ word: Word?, hint: String? = nil) {
        report(.note, code, text, word, hint)
    }

    private mutating func report(
        _ severity: Severity, _ code: String, _ text: String, _ word: Word?, _ hint: String?
    ) {
        add(
            Diagnostic(
                severity, code, ByteString(text), at: word?.location, block: block,
                word: word?.text ?? "", hint: hint.map { ByteString($0) }))
    }
}
