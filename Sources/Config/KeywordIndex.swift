import Net

/// Finds keywords by their text, among those of the same length: there are few of each.
struct KeywordIndex<Keyword: KeywordSet>: Sendable {
    private struct Entry<Value: Sendable>: Sendable {
        var text: ByteString
        var value: Value
    }

    /// By length.
    private var known: [[Entry<Keyword>]] = []
    private var idle: [[Entry<IdleKeyword>]] = []

    init() {
        for keyword in Keyword.allCases { Self.add(keyword, keyword.rawValue, to: &known) }
        for keyword in Keyword.idle { Self.add(keyword, keyword.name, to: &idle) }
    }

    private static func add<Value>(
        _ value: Value, _ name: String, to entries: inout [[Entry<Value>]]
    ) {
        let text = ByteString(name)
        while entries.count <= text.count { entries.append([]) }
        entries[text.count].append(Entry(text: text, value: value))
    }

    func keyword(_ text: ByteString) -> Keyword? { Self.find(text, in: known) }

    func idle(_ text: ByteString) -> IdleKeyword? { Self.find(text, in: idle) }

    private static func find<Value>(_ text: ByteString, in entries: [[Entry<Value>]]) -> Value? {
        guard text.count < entries.count else { return nil }
        for entry in entries[text.count] where entry.text == text { return entry.value }
        return nil
    }
}
