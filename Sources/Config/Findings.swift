import Net

/// Collects diagnostics, each once, with the block they stand in.
struct Findings {
    private(set) var list: [Diagnostic] = []
    private var seen: Set<Diagnostic> = []
    /// Of a vrrp_instance its name alone: there are thousands, and few have findings.
    private var instance: ByteString?
    private var otherBlock: ByteString = ""

    /// "vrrp_instance VI_1"; empty outside of blocks.
    var block: ByteString {
        get { instance.map { InstanceDraft.block($0) } ?? otherBlock }
        set {
            instance = nil
            otherBlock = newValue
        }
    }

    mutating func enter(instance name: ByteString) { instance = name }

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
