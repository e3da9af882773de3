package import Net

/// Whether the way to the server is encrypted (keyword smtp_tls, an extension).
package enum MailEncryption: UInt8, Hashable, Sendable, CaseIterable {
    /// As keepalived: never.
    case none = 0
    /// Plain at first, then STARTTLS; a server that does not offer it gets nothing.
    case starttls = 1
    /// From the first byte, usually on port 465.
    case tls = 2

    package var keyword: String {
        switch self {
        case .none: "none"
        case .starttls: "starttls"
        case .tls: "tls"
        }
    }

    package init?(keyword: ByteString) {
        for candidate in MailEncryption.allCases where keyword == candidate.keyword {
            self = candidate
            return
        }
        return nil
    }
}

/// Where mails go, and in whose name: global_defs, completed.
package struct MailSettings: Hashable, Sendable {
    /// A name or an address. Only the helper ever resolves it.
    package var server: ByteString
    package var port: UInt16
    /// smtp_helo_name; the host's own name where that is not given.
    package var hello: ByteString
    /// smtp_connect_timeout, in whole seconds.
    package var timeout: Interval
    package var encryption: MailEncryption
    /// smtp_tls_ca_file: the only authorities trusted; empty: those of the system.
    package var authorities: ByteString
    /// smtp_user; empty: no authentication.
    package var user: ByteString
    package var password: ByteString
    package var sender: ByteString
    package var recipients: [ByteString]
    /// router_id, or the host's name.
    package var routerID: ByteString
    package var host: ByteString
    /// False under no_email_faults.
    package var mailsFaults: Bool

    package init(server: ByteString, host: ByteString, recipients: [ByteString]) {
        self.server = server
        self.host = host
        self.recipients = recipients
        port = 25
        hello = host
        timeout = .seconds(30)
        encryption = .none
        authorities = ""
        user = ""
        password = ""
        sender = "keepalived@" + host
        routerID = host
        mailsFaults = true
    }
}

/// An order to the helper, as text: a line for each setting, an empty line, the message. Text, so
/// that the helper can be tried by hand, and so that neither side needs the other's layout.
package struct MailOrder: Hashable, Sendable {
    /// Bytes of an order at most.
    package static let limit = 65536

    package var settings: [(name: ByteString, value: ByteString)] {
        lines.map { ($0.name, $0.value) }
    }
    package private(set) var message: [UInt8]
    private var lines: [Line] = []

    private struct Line: Hashable, Sendable {
        var name: ByteString
        var value: ByteString
    }

    package init(_ letter: Letter, _ settings: MailSettings) {
        message = letter.message(from: settings.sender, settings)
        add("server", settings.server)
        add("port", ByteString(String(settings.port)))
        add("hello", settings.hello)
        add("timeout", ByteString(String(settings.timeout.nanoseconds / 1_000_000_000)))
        add("tls", ByteString(settings.encryption.keyword))
        if !settings.authorities.isEmpty { add("ca", settings.authorities) }
        if !settings.user.isEmpty {
            add("user", settings.user)
            add("password", settings.password)
        }
        add("from", envelopeAddress(settings.sender))
        for recipient in settings.recipients.map({ envelopeAddress($0) })
        where letter.recipients?.contains(recipient) ?? true { add("to", recipient) }
    }

    private mutating func add(_ name: String, _ value: ByteString) {
        lines.append(Line(name: ByteString(name), value: oneLine(value)))
    }

    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        for line in lines {
            bytes += line.name.bytes + [UInt8(ascii: " ")] + line.value.bytes + [10]
        }
        return bytes + [10] + message
    }

    /// Nil where the empty line is missing.
    package init?(_ bytes: [UInt8]) {
        message = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 10) {
            let line = rest[rest.startIndex..<end]
            rest = rest[(end + 1)...]
            if line.isEmpty {
                message = [UInt8](rest)
                return
            }
            let space = line.firstIndex(of: UInt8(ascii: " ")) ?? line.endIndex
            lines.append(
                Line(
                    name: ByteString(line[line.startIndex..<space]),
                    value: ByteString(line[space...].dropFirst())))
        }
        return nil
    }

    package func value(_ name: String) -> ByteString {
        for line in lines where line.name == name { return line.value }
        return ""
    }

    package func values(_ name: String) -> [ByteString] {
        var result: [ByteString] = []
        for line in lines where line.name == name { result.append(line.value) }
        return result
    }
}

/// "Web team <ops@example.org>" is delivered to ops@example.org.
func envelopeAddress(_ address: ByteString) -> ByteString {
    guard let open = address.bytes.lastIndex(of: UInt8(ascii: "<")),
        let close = address.bytes.lastIndex(of: UInt8(ascii: ">")), open < close
    else { return address }
    return ByteString(address.bytes[(open + 1)..<close])
}

private func oneLine(_ value: ByteString) -> ByteString {
    ByteString(value.bytes.map { $0 == 10 || $0 == 13 || $0 == 0 ? UInt8(ascii: "?") : $0 })
}

/// What became of an order.
package enum MailOutcome: Hashable, Sendable {
    /// The server has it. The text is what it did not like all the same, if anything.
    case delivered(ByteString)
    /// The server will never take it.
    case refused(ByteString)
    /// Not now: nobody there, no answer in time, or "try again later".
    case failed(ByteString)
    /// Not now for these recipients; for all others there is nothing more to do.
    case deferred([ByteString], ByteString)

    /// Bytes of an outcome at most.
    package static let limit = 8192

    /// - Parameter replies: to each recipient of `order` the first digit of the server's reply; 0
    ///   where it was not asked.
    package init(_ whole: MailOutcome, replies: [UInt8], to order: MailOrder) {
        self = whole
        var later: [ByteString] = []
        var isAnyAccepted = false
        var isAnyRefused = false
        for (recipient, digit) in zip(order.values("to"), replies) {
            switch digit {
            case UInt8(ascii: "2"): isAnyAccepted = true
            case UInt8(ascii: "4"): later.append(recipient)
            case UInt8(ascii: "5"): isAnyRefused = true
            default: break
            }
        }
        guard !later.isEmpty else { return }
        switch whole {
        case .delivered(let text): self = .deferred(later, text)
        // Nobody was accepted, so the letter itself was not offered.
        case .refused(let text), .failed(let text):
            if !isAnyAccepted && isAnyRefused { self = .deferred(later, text) }
        case .deferred: break
        }
    }

    package func encode() -> [UInt8] {
        switch self {
        case .delivered(let text): [UInt8(ascii: "d")] + text.bytes
        case .refused(let text): [UInt8(ascii: "r")] + text.bytes
        case .failed(let text): [UInt8(ascii: "f")] + text.bytes
        case .deferred(let recipients, let text):
            recipients.reduce([UInt8(ascii: "l")] + text.bytes) { bytes, recipient in
                // Some hundred fit; who does not is not tried again.
                bytes.count + recipient.bytes.count < MailOutcome.limit
                    ? bytes + [10] + recipient.bytes : bytes
            }
        }
    }

    /// Anything unknown is a failure.
    package init(_ bytes: [UInt8]) {
        let lines = bytes.dropFirst().split(separator: 10, omittingEmptySubsequences: false)
            .map { line in ByteString(line.map { $0 < 32 ? UInt8(ascii: " ") : $0 }) }
        let text = lines.first ?? ""
        switch bytes.first {
        case UInt8(ascii: "d"): self = .delivered(text)
        case UInt8(ascii: "r"): self = .refused(text)
        case UInt8(ascii: "l") where lines.count > 1:
            self = .deferred([ByteString](lines.dropFirst()), text)
        default: self = .failed(text)
        }
    }
}
