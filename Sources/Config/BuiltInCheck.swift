package import Net

/// `check …` in a vrrp_script (an extension): a question that needs no process.
package enum BuiltInCheck: Hashable, Sendable {
    /// tcp ADDRESS:PORT: a connection can be made.
    case tcp(IPAddress, port: UInt16)
    /// http ADDRESS:PORT [PATH] [status NUMBER] [string TEXT].
    case http(HTTPRequest)
    /// process NAME: a process of that name runs.
    case process(ByteString)
    /// file PATH: there is such a file.
    case file(ByteString)
    /// ping ADDRESS: it answers.
    case ping(IPAddress)
    /// route default [ipv6]: the main table has a default route.
    case defaultRoute(Family)
}

package struct HTTPRequest: Hashable, Sendable {
    package var address: IPAddress
    package var port: UInt16
    package var path: ByteString = "/"
    /// Nil: any from 200 to 399.
    package var status: Int?
    /// What the answer has to contain.
    package var text: ByteString?

    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }
}

/// What a vrrp_script does.
package enum CheckAction: Hashable, Sendable {
    case command(Command)
    case builtIn(BuiltInCheck)
}

extension Interpreter {
    /// The words after `check`; nil after it was said why.
    mutating func builtInCheck(_ statement: Statement) -> BuiltInCheck? {
        var words = statement.values
        guard let kind = words.popFirst() else { return nil }
        let check = builtInCheck(kind, &words)
        if check != nil, let surplus = words.first {
            findings.error(
                "unknown-word", "\(surplus.text) after check \(kind.text) is ignored", surplus)
        }
        return check
    }

    private mutating func builtInCheck(
        _ kind: Word, _ words: inout ArraySlice<Word>
    ) -> BuiltInCheck? {
        guard let value = words.popFirst() else {
            findings.error("missing-value", "check \(kind.text) needs a value", kind)
            return nil
        }
        if kind.text == "tcp" {
            return endpoint(value).map { .tcp($0.address, port: $0.port) }
        }
        if kind.text == "http" { return request(value, &words).map { .http($0) } }
        if kind.text == "process" { return .process(value.text) }
        if kind.text == "file" { return .file(value.text) }
        if kind.text == "ping" { return pinged(value).map { .ping($0) } }
        if kind.text == "route" { return route(value, &words) }
        let known = ["tcp", "http", "process", "file", "ping", "route"]
        findings.error(
            "bad-check", "unknown check \(kind.text)", kind,
            hint: nearest(kind.text, among: known).map { "did you mean \($0)?" }
                ?? "tcp, http, process, file, ping or route")
        return nil
    }

    /// ADDRESS:PORT or [ADDRESS]:PORT: no name, since looking one up would need another check.
    private mutating func endpoint(_ word: Word) -> (address: IPAddress, port: UInt16)? {
        let bytes = word.text.bytes
        if let colon = bytes.lastIndex(of: UInt8(ascii: ":")) {
            var host = bytes[..<colon]
            if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") {
                host = host.dropFirst().dropLast()
            }
            if let address = IPAddress(text: host), let port = naturalNumber(bytes[(colon + 1)...]),
                (1...65535).contains(port)
            {
                return (address, UInt16(port))
            }
        }
        findings.error(
            "bad-address", "\(word.text) is no address with a port", word,
            hint: "127.0.0.1:80 or [::1]:80; names are not looked up")
        return nil
    }

    private mutating func request(
        _ word: Word, _ words: inout ArraySlice<Word>
    ) -> HTTPRequest? {
        guard let endpoint = endpoint(word) else { return nil }
        var request = HTTPRequest(address: endpoint.address, port: endpoint.port)
        if let path = words.first, path.text.bytes.first == UInt8(ascii: "/") {
            request.path = path.text
            words.removeFirst()
        }
        while let option = words.first {
            let isStatus = option.text == "status"
            guard isStatus || option.text == "string" else { break }
            words.removeFirst()
            guard let value = words.popFirst() else {
                findings.error("missing-value", "\(option.text) needs a value", option)
                return nil
            }
            if isStatus { request.status = status(value) } else { request.text = value.text }
        }
        return request
    }

    private mutating func status(_ word: Word) -> Int? {
        if let value = Config.integer(word.text), (100...599).contains(value) { return value }
        findings.error("bad-number", "status \(word.text) is no number from 100 to 599", word)
        return nil
    }

    private mutating func pinged(_ word: Word) -> IPAddress? {
        if let address = address(word) { return address }
        findings.error("bad-address", "\(word.text) is no address", word)
        return nil
    }

    private mutating func route(
        _ word: Word, _ words: inout ArraySlice<Word>
    ) -> BuiltInCheck? {
        guard word.text == "default" else {
            findings.error(
                "bad-check", "check route \(word.text) is not known", word, hint: "default")
            return nil
        }
        guard let family = words.first, family.text == "ipv6" else { return .defaultRoute(.ipv4) }
        words.removeFirst()
        return .defaultRoute(.ipv6)
    }
}
