package import Net

/// What a client of the control socket asks: one line of words, `status` or `explain NAME`, and
/// `json` behind it for the other form. A name with blanks, or one that is `json`, stands in double
/// quotes, where a backslash keeps the next character from meaning anything.
package struct ControlRequest: Hashable, Sendable {
    package enum Subject: Hashable, Sendable {
        case status
        /// The name of a vrrp_instance.
        case explain(ByteString)
    }

    package var subject: Subject
    package var isJSON: Bool

    /// Bytes of a line at most, its end included.
    package static let limit = 4096

    package init(_ subject: Subject, isJSON: Bool) {
        self.subject = subject
        self.isJSON = isJSON
    }
}

/// Why a line is no request: one reason for each check, in the order in which they are made.
package enum ControlRefusal: Error, Hashable, Sendable {
    case tooLong
    case controlCharacter
    case openQuote
    case empty
    case unknownCommand
    case missingName
    case surplusWord

    package var text: String {
        switch self {
        case .tooLong: "a request has \(ControlRequest.limit) bytes at most"
        case .controlCharacter: "a request is one line of text"
        case .openQuote: "a quote is not closed"
        case .empty: "nothing was asked: status, or explain NAME"
        case .unknownCommand: "there are status and explain NAME, and json behind them"
        case .missingName: "explain needs the name of a vrrp_instance"
        case .surplusWord: "there is a word too many"
        }
    }
}

extension ControlRequest {
    /// From what a client sent, with or without the end of the line.
    package static func decode(_ bytes: [UInt8]) throws(ControlRefusal) -> ControlRequest {
        guard bytes.count <= limit else { throw .tooLong }
        var line = bytes[...]
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        for byte in line where byte < 0x20 && byte != tab { throw .controlCharacter }
        var words = try split(line)[...]
        guard let command = words.popFirst() else { throw .empty }
        var subject = Subject.status
        switch command.text.description {
        case "status": break
        case "explain":
            guard let name = words.popFirst(), !name.text.isEmpty else { throw .missingName }
            subject = .explain(name.text)
        default: throw .unknownCommand
        }
        var isJSON = false
        if let word = words.popFirst() {
            guard word.text == "json", !word.isQuoted else { throw .surplusWord }
            isJSON = true
        }
        guard words.isEmpty else { throw .surplusWord }
        return ControlRequest(subject, isJSON: isJSON)
    }

    /// The line that `decode` reads; nil for a name that no line can hold.
    package func encode() -> [UInt8]? {
        var line: [UInt8] = []
        switch subject {
        case .status: line += "status".utf8
        case .explain(let name):
            line += "explain \"".utf8
            for byte in name.bytes {
                if byte == quote || byte == backslash { line.append(backslash) }
                line.append(byte)
            }
            line.append(quote)
        }
        if isJSON { line += " json".utf8 }
        line.append(UInt8(ascii: "\n"))
        do throws(ControlRefusal) {
            return try ControlRequest.decode(line) == self ? line : nil
        } catch {
            return nil
        }
    }

    private struct Word {
        var text: ByteString
        var isQuoted: Bool
    }

    private static func split(_ line: ArraySlice<UInt8>) throws(ControlRefusal) -> [Word] {
        var words: [Word] = []
        var rest = line
        while true {
            rest = rest.drop { $0 == blank || $0 == tab }
            guard let first = rest.first else { return words }
            if first == quote {
                words.append(Word(text: try quoted(&rest), isQuoted: true))
            } else {
                let text = rest.prefix { $0 != blank && $0 != tab }
                rest = rest.dropFirst(text.count)
                words.append(Word(text: ByteString(text), isQuoted: false))
            }
        }
    }

    private static func quoted(
        _ rest: inout ArraySlice<UInt8>
    ) throws(ControlRefusal) -> ByteString {
        var text: [UInt8] = []
        rest = rest.dropFirst()
        while let byte = rest.popFirst() {
            if byte == quote { return ByteString(text) }
            guard byte == backslash else {
                text.append(byte)
                continue
            }
            guard let next = rest.popFirst() else { throw .openQuote }
            text.append(next)
        }
        throw .openQuote
    }
}

private let blank = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")
private let quote = UInt8(ascii: "\"")
private let backslash = UInt8(ascii: "\\")
