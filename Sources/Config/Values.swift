import Net
import VRRP

// What the words after a keyword mean. Each returns nil after it reported why.

extension Interpreter {
    mutating func integer(_ statement: Statement, in range: ClosedRange<Int>) -> Int? {
        guard let word = statement.values.first else { return nil }
        return integer(word, in: range, of: statement)
    }

    mutating func integer(
        _ word: Word, in range: ClosedRange<Int>, of statement: Statement
    ) -> Int? {
        if let value = Config.integer(word.text), range.contains(value) { return value }
        if let value = withoutSemicolon(word).flatMap({ Config.integer($0) }), range.contains(value)
        {
            return value
        }
        let keyword = statement.keyword?.text ?? ""
        findings.error(
            "bad-number",
            "\(keyword) \(word.text) is no number from \(range.lowerBound) to "
                + "\(range.upperBound)", word)
        return nil
    }

    /// `priority 100;` of other daemons' files: the semicolon is an error, its number is used.
    private mutating func withoutSemicolon(_ word: Word) -> ByteString? {
        guard word.text.bytes.last == UInt8(ascii: ";"), word.text.count > 1 else { return nil }
        let plain = ByteString(word.text.bytes.dropLast())
        guard Config.integer(plain) != nil else { return nil }
        findings.error(
            "semicolon", "the ; after \(plain) is ignored", word,
            hint: semicolonHint(word))
        return plain
    }

    /// For a word that a semicolon spoils; nil without one.
    func semicolonHint(_ word: Word) -> String? {
        word.text.bytes.last == UInt8(ascii: ";") ? "no semicolon ends a line here: remove it" : nil
    }

    /// What stands where a value was to be filled in; nil if it is none of that kind.
    func placeholderHint(_ word: Word) -> String? {
        let bytes = word.text.bytes
        let marks: [UInt8] = [
            UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "$"), UInt8(ascii: "*"), UInt8(ascii: "%"),
        ]
        let isMarked = bytes.contains { marks.contains($0) }
        let isCrossed = lowercase(word.text).bytes.contains { $0 == UInt8(ascii: "x") }
        guard isMarked || isCrossed else { return nil }
        return "this looks like a placeholder: fill in the real value"
    }

    mutating func interval(
        _ statement: Statement, in range: ClosedRange<Interval>
    ) -> Interval? {
        guard let word = statement.values.first else { return nil }
        if let value = seconds(word.text), range.contains(value) { return value }
        findings.error(
            "bad-number",
            "\(statement.keyword?.text ?? "") \(word.text) is no number of seconds "
                + "from \(secondsText(range.lowerBound)) to \(secondsText(range.upperBound))", word,
            hint: semicolonHint(word))
        return nil
    }

    /// Whole seconds.
    mutating func wholeSeconds(_ statement: Statement, in range: ClosedRange<Int>) -> Interval? {
        integer(statement, in: range).map { .seconds(Int64($0)) }
    }

    /// Without a word: true.
    mutating func boolean(_ statement: Statement) -> Bool? {
        guard let word = statement.values.first else { return true }
        if let value = Config.boolean(word.text) { return value }
        findings.error(
            "bad-boolean", "\(word.text) is neither true nor false", word,
            hint: "on, true, yes, off, false or no")
        return nil
    }

    /// An interface name; the kernel's have 15 bytes at most.
    mutating func interfaceName(_ word: Word) -> ByteString? {
        if (1...15).contains(word.text.count) && !word.text.bytes.contains(UInt8(ascii: "/")) {
            return word.text
        }
        findings.error(
            "bad-interface", "\(word.text) cannot be the name of an interface", word,
            hint: "1 to 15 bytes, no /")
        return nil
    }

    /// Text that follows an address without a blank is prose: full-width punctuation does not
    /// look like part of a word to its author.
    mutating func address(_ word: Word) -> IPAddress? {
        if let address = IPAddress(text: word.text.bytes[...]) { return address }
        let end = word.text.bytes.firstIndex { !isAddressByte($0) } ?? word.text.count
        if end < word.text.count, let address = IPAddress(text: word.text.bytes[..<end]) {
            findings.warning(
                "text-after-address", "the text after \(address) is ignored", word,
                hint: "comments start with # or !")
            return address
        }
        return nil
    }

    /// Weight and `reverse`, from the position on.
    mutating func weight(
        _ words: ArraySlice<Word>, in range: ClosedRange<Int>, of statement: Statement
    ) -> Weight? {
        guard let word = words.first else {
            findings.error("missing-value", "weight needs a number", statement.keyword)
            return nil
        }
        guard let value = Config.integer(word.text) else {
            _ = integer(word, in: range, of: statement)
            return nil
        }
        var weight = Weight(min(max(value, range.lowerBound), range.upperBound))
        if weight.value != value { _ = integer(word, in: range, of: statement) }
        for option in words.dropFirst() {
            if option.text == "reverse" {
                weight.isReversed = true
            } else if !(option.text == "noreverse") {
                findings.error(
                    "unknown-word", "unknown option \(option.text) after weight", option,
                    hint: nearest(option.text, among: ["reverse"]).map { "did you mean \($0)?" })
            }
        }
        return weight
    }

    /// CMD [user [group]]
    mutating func command(_ statement: Statement) -> Command? {
        let outer = outerWords(statement.rest)
        let words = commandWords(outer.first ?? [])
        guard let program = words.first, !program.isEmpty else {
            findings.error("missing-value", "an empty command is ignored", statement.keyword)
            return nil
        }
        var command = Command(words: words)
        if outer.count > 1 { command.user = ByteString(outer[1]) }
        if outer.count > 2 { command.group = ByteString(outer[2]) }
        return command
    }
}

private func isAddressByte(_ byte: UInt8) -> Bool {
    hexadecimalDigit(byte) != nil || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
}
