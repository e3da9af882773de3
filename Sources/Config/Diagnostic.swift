package import Net

/// How bad a finding is.
package enum Severity: UInt8, Hashable, Sendable, Comparable {
    /// Something worth knowing that changes nothing.
    case note
    case warning
    /// Its statement has no effect (or another than written); the rest is used all the same.
    case error
    /// Scripts would run in a way that endangers the machine (keepalived's exit code 6).
    case security

    package static func < (left: Severity, right: Severity) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A place in a configuration file. Line and column count from 1; the column counts bytes.
package struct SourceLocation: Hashable, Sendable {
    // Every word has one: twelve bytes do.
    private var storedFile: Int32
    private var storedLine: Int32
    private var storedColumn: Int32

    package init(file: Int, line: Int, column: Int) {
        storedFile = Int32(clamping: file)
        storedLine = Int32(clamping: line)
        storedColumn = Int32(clamping: column)
    }

    /// Position in the list of source files.
    package var file: Int {
        get { Int(storedFile) }
        set { storedFile = Int32(clamping: newValue) }
    }
    package var line: Int {
        get { Int(storedLine) }
        set { storedLine = Int32(clamping: newValue) }
    }
    package var column: Int {
        get { Int(storedColumn) }
        set { storedColumn = Int32(clamping: newValue) }
    }
}

/// One finding in a configuration.
package struct Diagnostic: Hashable, Sendable {
    package var severity: Severity
    /// What it is, for machines; stable between releases: "unknown-keyword".
    package var code: String
    package var location: SourceLocation?
    /// The other of two lines that do not fit.
    package var related: SourceLocation?
    /// What is wrong, in one line.
    package var message: ByteString
    /// What to do about it, in one line.
    package var hint: ByteString?
    /// The block it stands in ("vrrp_instance VI_1") and the word it is about: with `code`, what
    /// makes it the same finding in another text.
    package var block: ByteString
    package var word: ByteString

    package init(
        _ severity: Severity, _ code: String, _ message: ByteString, at location: SourceLocation?,
        block: ByteString = "", word: ByteString = "", hint: ByteString? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.location = location
        self.block = block
        self.word = word
        self.hint = hint
    }
}

extension Diagnostic {
    static let braceForValue = "brace-for-value"

    /// Nothing starts with it, as with keepalived (`-t`: 2); a reload is refused.
    package var preventsStart: Bool { code == Diagnostic.braceForValue }

    /// keepalived counts it among the errors of a configuration, so that its `-t` ends with 5 also
    /// where this daemon understands what was meant.
    package var isErrorOfKeepalived: Bool {
        severity == .error || Self.errorsOfKeepalived.contains { code == $0 }
    }

    private static var errorsOfKeepalived: [String] {
        [
            "lost-global-defs", "odd-blank", "state-case", "text-after-address", "nopreempt-master",
            "preempt-delay-unused", "no-address", "own-interface", "deprecated", "owner-weight",
            "member-weight", "no-recipient", "untracked-route", "unicast-vmac", "no-peers",
            "state-with-ah", "fwmark-protocol", "no-vmac", "zero-count", "lvs-daemon-place",
            "native-ipv6", "ipvlan-address",
        ]
    }
}

/// A file of a configuration with its text, as read by whoever may open files.
package struct SourceFile: Hashable, Sendable {
    package var path: ByteString
    package var text: [UInt8]
    /// False: an include that is there but could not be read; its text is empty.
    package var isReadable: Bool

    package init(path: ByteString, text: [UInt8], isReadable: Bool = true) {
        self.path = path
        self.text = text
        self.isReadable = isReadable
    }
}
