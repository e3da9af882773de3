import Net

/// How many words a keyword takes, and whether a block.
struct Shape {
    var words: ClosedRange<Int>
    var hasBlock = false

    static let flag = Shape(words: 0...0)
    /// An optional on, true, yes, off, false or no.
    static let boolean = Shape(words: 0...1)
    static let value = Shape(words: 1...1)
    /// A command, its user and its group.
    static let command = Shape(words: 1...3)
    static let block = Shape(words: 0...0, hasBlock: true)
    static let namedBlock = Shape(words: 1...1, hasBlock: true)
    static func words(_ range: ClosedRange<Int>) -> Shape { Shape(words: range) }
    /// Not looked at.
    static let anything = Shape(words: 0...1_000_000)
}

/// A keyword that is known but has no effect here; its number, if it is one, is checked all the
/// same.
struct IdleKeyword {
    var name: String
    var shape: Shape
    /// In nanoseconds, for seconds with decimals.
    var range: ClosedRange<Interval>?

    init(_ name: String, _ shape: Shape, seconds range: ClosedRange<Interval>? = nil) {
        self.name = name
        self.shape = shape
        self.range = range
    }
}

/// The keywords of one kind of block. The cases have keepalived's spelling.
protocol KeywordSet: RawRepresentable, CaseIterable, Sendable where RawValue == String {
    var shape: Shape { get }
    static var idle: [IdleKeyword] { get }
    /// Made once: `KeywordIndex()`.
    static var index: KeywordIndex<Self> { get }
}

extension KeywordSet {
    static func named(_ text: ByteString) -> Self? {
        index.keyword(text)
    }

    static func idleKeyword(_ text: ByteString) -> IdleKeyword? {
        index.idle(text)
    }

    /// For hints and the manual.
    static var allNames: [String] {
        var names: [String] = []
        for keyword in allCases { names.append(keyword.rawValue) }
        for keyword in idle { names.append(keyword.name) }
        return names
    }
}

/// Every keyword with the block it stands in, for those who hold the manual against it.
package func keywordTable() -> [(block: String, names: [String])] {
    [
        ("", RootKeyword.allNames), ("global_defs", GlobalKeyword.allNames),
        ("vrrp_instance", InstanceKeyword.allNames),
        ("authentication", AuthenticationKeyword.allNames),
        ("auth_hmac", TrailerKeyword.allNames),
        ("vrrp_sync_group", GroupKeyword.allNames), ("vrrp_script", ScriptKeyword.allNames),
        ("vrrp_track_file", FileKeyword.allNames),
        ("vrrp_track_process", ProcessKeyword.allNames),
        ("virtual_ipaddress", AddressOption.allNames),
        ("virtual_routes", RouteOption.allNames), ("virtual_rules", RuleOption.allNames),
        ("garp_group", GarpGroupKeyword.allNames), ("bfd_instance", BFDKeyword.allNames),
    ]
}
