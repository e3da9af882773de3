import Net

/// The words of a line of virtual_routes, virtual_rules and their static kin, read one by one.
/// A mistake makes the whole line useless: half a route may lead anywhere.
struct OptionWords {
    private(set) var rest: ArraySlice<Word>
    /// The option that is being read.
    private(set) var option: Word
    private let names: RoutingNames
    private(set) var mistake: Mistake?

    struct Mistake {
        var code: String
        var text: String
        var word: Word
        var hint: String?
    }

    init(_ words: [Word], _ line: Word, _ names: RoutingNames) {
        rest = words[...]
        option = line
        self.names = names
    }

    mutating func next() -> Word? {
        guard mistake == nil, let word = rest.popFirst() else { return nil }
        option = word
        return word
    }

    /// Whether the word comes next; then it is passed over.
    mutating func skip(_ text: String) -> Bool {
        guard let word = rest.first, word.text == text else { return false }
        rest.removeFirst()
        return true
    }

    func isNext(_ text: String) -> Bool { rest.first.map { $0.text == text } ?? false }

    /// Takes the next word if it is one that `condition` likes.
    mutating func take(where condition: (Word) -> Bool) -> Word? {
        guard let word = rest.first, condition(word) else { return nil }
        rest.removeFirst()
        return word
    }

    mutating func fail(_ code: String, _ text: String, at word: Word? = nil, hint: String? = nil) {
        if mistake == nil {
            mistake = Mistake(code: code, text: text, word: word ?? option, hint: hint)
        }
    }

    mutating func value() -> Word? {
        if let word = rest.popFirst() { return word }
        fail("missing-value", "\(option.text) needs a value")
        return nil
    }
}

// Typed values; nil after a mistake.
extension OptionWords {
    mutating func number(upTo limit: UInt32) -> UInt32? {
        guard let word = value() else { return nil }
        if let number = unsigned(word.text), number <= limit { return number }
        fail("bad-number", "\(option.text) \(word.text) is no number from 0 to \(limit)", at: word)
        return nil
    }

    mutating func octet() -> UInt8? { number(upTo: 255).map { UInt8(truncatingIfNeeded: $0) } }

    /// A number or a name of iproute2's.
    mutating func named(_ kind: RoutingNames.Kind, upTo limit: UInt32) -> UInt32? {
        guard let word = value() else { return nil }
        if let number = unsigned(word.text) ?? names.number(word.text, kind), number <= limit {
            return number
        }
        fail(
            "bad-name", "\(option.text) \(word.text) is neither a number up to \(limit) nor a name",
            at: word, hint: "names are those of \(kind.file)")
        return nil
    }

    /// `[FROM/]TO`, as a number with FROM in its upper half.
    mutating func realms() -> UInt32? {
        guard let word = value() else { return nil }
        let parts = word.text.bytes.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var result: UInt32 = 0
        for part in parts {
            let text = ByteString(part)
            guard parts.count <= 2, let number = unsigned(text) ?? names.number(text, .realm),
                number <= 0xffff
            else {
                fail("bad-realm", "\(word.text) names no realm", at: word)
                return nil
            }
            result = result << 16 | number
        }
        return result
    }

    mutating func interface() -> ByteString? {
        guard let word = value() else { return nil }
        if (1...15).contains(word.text.count) && !word.text.bytes.contains(UInt8(ascii: "/")) {
            return word.text
        }
        fail("bad-interface", "\(word.text) cannot be the name of an interface", at: word)
        return nil
    }

    /// An address, `inet` or `inet6` before it allowed.
    mutating func address() -> IPAddress? {
        let wanted: Family? = skip("inet6") ? .ipv6 : skip("inet") ? .ipv4 : nil
        guard let word = value() else { return nil }
        if let address = IPAddress(text: word.text.bytes[...]),
            wanted == nil || wanted == address.family
        {
            return address
        }
        fail("bad-address", "\(word.text) is no address for \(option.text)", at: word)
        return nil
    }

    mutating func prefix() -> Prefix? {
        guard let word = value() else { return nil }
        if let prefix = Prefix(routing: word.text) { return prefix }
        fail("bad-address", "\(word.text) is no address or prefix", at: word)
        return nil
    }

    /// `FIRST[-LAST]`
    mutating func range(upTo limit: UInt32) -> (first: UInt32, last: UInt32)? {
        guard let word = value() else { return nil }
        let parts = word.text.bytes.split(
            separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        if (1...2).contains(parts.count), let first = unsigned(ByteString(parts[0])),
            let last = unsigned(ByteString(parts[parts.count - 1])), first <= last, last <= limit
        {
            return (first, last)
        }
        fail("bad-range", "\(option.text) \(word.text) is no range up to \(limit)", at: word)
        return nil
    }
}

extension Prefix {
    /// An address with or without a length.
    init?(routing text: ByteString) {
        if let address = IPAddress(text: text.bytes[...]) {
            self.init(address: address, length: address.family.addressBits)
        } else {
            self.init(text: text.bytes[...])
        }
    }

    static func everything(_ family: Family) -> Prefix {
        Prefix(address: family == .ipv4 ? .v4(.any) : .v6(.any), length: 0)
    }

    /// Without the bits behind its length.
    var network: Prefix {
        var bytes = address.bytes
        for index in bytes.indices {
            let kept = min(max(length - index * 8, 0), 8)
            bytes[index] &= UInt8(truncatingIfNeeded: 0xff << (8 - kept))
        }
        return Prefix(address: IPAddress(bytes: bytes[...]) ?? address, length: length)
    }
}
