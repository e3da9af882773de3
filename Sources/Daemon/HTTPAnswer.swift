import Config
import Net

/// The answer to an HTTP request as it comes in, and whether it is the wanted one. Pure.
struct HTTPAnswer {
    enum Verdict: Hashable {
        case more
        case good
        case bad(String)
    }

    /// Bytes that are read at most.
    static let limit = 65_536

    private let request: HTTPRequest
    private var bytes: [UInt8] = []
    private var status: Int?

    init(to request: HTTPRequest) { self.request = request }

    /// What is sent to ask.
    static func question(_ request: HTTPRequest) -> [UInt8] {
        let host =
            request.address.family == .ipv6 ? "[\(request.address)]" : request.address.description
        var text = [UInt8]("GET ".utf8) + request.path.bytes
        text += " HTTP/1.0\r\nHost: \(host)\r\nUser-Agent: martlet\r\n".utf8
        text += "Connection: close\r\n\r\n".utf8
        return text
    }

    mutating func append(_ part: [UInt8]) -> Verdict {
        bytes += part.prefix(HTTPAnswer.limit - bytes.count)
        if status == nil, let problem = readStatus() { return .bad(problem) }
        guard status != nil else {
            return bytes.count > 1024 ? .bad("no HTTP answer") : .more
        }
        guard let text = request.text else { return .good }
        if contains(text.bytes) { return .good }
        return bytes.count < HTTPAnswer.limit ? .more : .bad("the text is not in the answer")
    }

    /// The other side has closed.
    func end() -> Verdict {
        status == nil ? .bad("no HTTP answer") : .bad("the text is not in the answer")
    }

    /// "HTTP/1.1 200 OK"
    private mutating func readStatus() -> String? {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let words = bytes[..<end].split(separator: UInt8(ascii: " "))
        guard let first = words.first, first.starts(with: "HTTP/".utf8), words.count >= 2,
            let code = Int(String(decoding: words[1].prefix(3), as: UTF8.self))
        else { return "no HTTP answer" }
        let isWanted = request.status.map { $0 == code } ?? (200...399).contains(code)
        if !isWanted { return "status \(code)" }
        status = code
        return nil
    }

    private func contains(_ text: [UInt8]) -> Bool {
        guard !text.isEmpty else { return true }
        guard bytes.count >= text.count else { return false }
        for start in 0...(bytes.count - text.count)
        where bytes[start..<(start + text.count)].elementsEqual(text) {
            return true
        }
        return false
    }
}
