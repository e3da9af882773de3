import Net
import VRRP

enum AuthenticationType {
    case password
    case header
}

/// auth_hmac as written.
struct TrailerDraft: Hashable {
    var keyword: Word
    var keys: [TrailerAuthentication.Key] = []
    var files: [KeyFile] = []
    var activeKey: UInt8?
    var window: Interval?
    var comparesClocks = true
    var mode = TrailerAuthentication.Mode.enforce

    func hasKey(_ id: UInt8) -> Bool {
        keys.contains { $0.id == id } || files.contains { $0.id == id }
    }
}

// The blocks authentication and auth_hmac. No finding ever shows a secret.
extension Interpreter {
    mutating func authentication(_ statement: Statement, _ draft: InstanceDraft) {
        guard let keyword: AuthenticationKeyword = accept(statement),
            let word = statement.values.first
        else { return }
        switch keyword {
        case .auth_type:
            if word.text == "PASS" || word.text == "AH" {
                let type: AuthenticationType = word.text == "PASS" ? .password : .header
                draft.authenticationType = .init(value: type, word: word)
            } else {
                findings.error(
                    "bad-authentication", "unknown authentication type \(word.text)", word,
                    hint: "PASS or AH, in capitals")
            }
        case .auth_pass:
            draft.password = word
            if word.text.count > 8 {
                findings.error(
                    "long-password", "only the first 8 bytes of auth_pass are used",
                    hidden(word, "auth_pass"),
                    hint: "shorten it to 8 bytes on all routers: the rest protects nothing")
            }
        }
    }

    /// The place of a secret, under another name.
    private func hidden(_ word: Word, _ name: ByteString) -> Word {
        Word(text: name, location: word.location, isQuoted: false)
    }

    mutating func trailer(_ statement: Statement, _ draft: InstanceDraft) {
        guard let word = statement.keyword else { return }
        var trailer = draft.trailer ?? TrailerDraft(keyword: word)
        for line in statement.body { trailerStatement(line, &trailer) }
        draft.trailer = trailer
    }

    private mutating func trailerStatement(_ statement: Statement, _ draft: inout TrailerDraft) {
        guard let keyword: TrailerKeyword = accept(statement),
            let word = statement.values.first
        else { return }
        switch keyword {
        case .key: key(statement, word, &draft)
        case .active_key:
            draft.activeKey = integer(statement, in: 1...255).map { UInt8($0) }
        case .time_window: draft.window = wholeSeconds(statement, in: 1...300)
        case .anti_replay:
            if word.text == "time" || word.text == "monotonic" {
                draft.comparesClocks = word.text == "time"
            } else {
                findings.error(
                    "bad-value", "anti_replay \(word.text) is ignored", word,
                    hint: "time or monotonic")
            }
        case .mode: mode(word, &draft)
        }
    }

    private mutating func mode(_ word: Word, _ draft: inout TrailerDraft) {
        if word.text == "enforce" {
            draft.mode = .enforce
        } else if word.text == "permissive" {
            draft.mode = .permissive
        } else if word.text == "receive-only" {
            draft.mode = .receiveOnly
        } else {
            findings.error(
                "bad-value", "mode \(word.text) is ignored", word,
                hint: "enforce, permissive or receive-only")
        }
    }

    /// `key ID VALUE`: the text itself, hex:DIGITS or file:PATH.
    private mutating func key(
        _ statement: Statement, _ number: Word, _ draft: inout TrailerDraft
    ) {
        guard let id = integer(number, in: 1...255, of: statement).map({ UInt8($0) }),
            let value = statement.values.dropFirst().first
        else { return }
        if draft.hasKey(id) {
            findings.error("repeated", "key \(id) was given before: ignored", number)
            return
        }
        if let path = value.text.after("file:") {
            draft.files.append(KeyFile(id: id, path: path, location: value.location))
            return
        }
        let digits = value.text.after("hex:")
        let secret = digits.map { hexadecimalBytes($0) } ?? value.text.bytes
        guard let secret, TrailerAuthentication.allowsKey(secret) else {
            findings.error(
                "bad-key", "key \(id) is left out", hidden(value, "key"),
                hint: "32 to 64 bytes: as text, hex:DIGITS or file:PATH")
            return
        }
        draft.keys.append(TrailerAuthentication.Key(id: id, secret: secret))
    }

    // From drafts to parameters.

    mutating func setAuthentication(
        _ draft: InstanceDraft, _ parameters: inout VirtualRouterParameters
    ) {
        if let trailer = draft.trailer {
            if let word = draft.authenticationType?.word {
                findings.warning(
                    "auth-replaced", "auth_hmac takes the place of authentication: it is left out",
                    word)
            }
            setTrailer(trailer, draft, &parameters)
            return
        }
        guard let type = draft.authenticationType else {
            if let password = draft.password {
                findings.error(
                    "no-auth-type", "auth_pass without auth_type is ignored",
                    hidden(password, "auth_pass"))
            }
            return
        }
        guard parameters.version == .v2 else {
            findings.error(
                "auth-version", "version 3 has no authentication: it is left out", type.word,
                hint: "auth_hmac authenticates version 3 too")
            return
        }
        guard let password = draft.password else {
            findings.error(
                "no-password", "auth_type without auth_pass is ignored", type.word,
                hint: "write auth_pass too: in quotation marks if it has a # or !")
            return
        }
        let bytes = passwordBytes(password.text)
        switch type.value {
        case .password: parameters.authentication = .password(bytes)
        case .header: parameters.authentication = .header(bytes)
        }
    }

    /// Whether there is a key to sign with is seen when the files were read (`resolveKeys`).
    private mutating func setTrailer(
        _ trailer: TrailerDraft, _ draft: InstanceDraft,
        _ parameters: inout VirtualRouterParameters
    ) {
        let first = trailer.keys.first?.id ?? trailer.files.first?.id ?? 0
        let usual = max(Interval.seconds(5), parameters.advertisementInterval * 3)
        var result = TrailerAuthentication(
            keys: trailer.keys, activeKey: trailer.activeKey ?? first,
            window: trailer.comparesClocks ? trailer.window ?? usual : nil)
        result.mode = trailer.mode
        if draft.isStrict ?? globals.isStrict, trailer.mode != .enforce {
            findings.error(
                "strict", "strict mode enforces auth_hmac: its mode is ignored", trailer.keyword)
            result.mode = .enforce
        }
        parameters.trailer = result
    }

    private func passwordBytes(_ text: ByteString) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<8 {
            value = value << 8 | UInt64(index < text.count ? text.bytes[index] : 0)
        }
        return value
    }
}

extension TrailerAuthentication {
    static func allowsKey(_ secret: [UInt8]) -> Bool { (32...64).contains(secret.count) }
}

extension ByteString {
    /// What follows the prefix; nil where the text begins otherwise.
    fileprivate func after(_ prefix: String) -> ByteString? {
        bytes.starts(with: prefix.utf8) ? ByteString(bytes.dropFirst(prefix.utf8.count)) : nil
    }
}

/// Nil for an odd number of digits and for what is no digit.
private func hexadecimalBytes(_ text: ByteString) -> [UInt8]? {
    guard text.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for position in stride(from: 0, to: text.count, by: 2) {
        guard let high = hexadecimalDigit(text.bytes[position]),
            let low = hexadecimalDigit(text.bytes[position + 1])
        else { return nil }
        bytes.append(high << 4 | low)
    }
    return bytes
}

extension Interpreter {
    /// keepalived: with AH nobody but an owner starts as master.
    mutating func settleAuthenticatedStart(
        _ draft: InstanceDraft, _ parameters: inout VirtualRouterParameters
    ) {
        guard case .header = parameters.authentication, parameters.startsAsMaster,
            !parameters.isOwner
        else { return }
        parameters.startsAsMaster = false
        findings.warning(
            "state-with-ah", "with auth_type AH \(draft.name.text) starts as BACKUP",
            draft.state?.word, hint: "write state BACKUP: the priority decides")
    }
}
