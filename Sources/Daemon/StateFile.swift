import Linux
import Net

/// What is held, as far as its removal needs it.
struct Leftovers: Hashable {
    var addresses: [DeclaredAddress] = []
    var routes: [Route] = []
    var rules: [Rule] = []

    /// Routes and rules in the order of adding.
    var holdings: [Holding] {
        routes.map { .route($0, isTracked: false) } + rules.map { .rule($0, isTracked: false) }
    }
}

/// What is held now, on disk beside the pid file: what a start after both processes were killed has
/// to remove, also where the configuration no longer names it. One line each: address, prefix length
/// and interface; `route` or `rule`, and its bytes as the keeper's table has them, in hexadecimal.
struct StateFile {
    let path: ByteString

    /// Another daemon's bytes may mean something else.
    private static let routeWord = ByteString("route-1")
    private static let ruleWord = ByteString("rule-1")

    /// An absent or broken file names nothing.
    func read() -> Leftovers {
        do throws(SystemError) {
            return StateFile.parse(try Files.read(path, limit: 1 << 20))
        } catch {
            return Leftovers()
        }
    }

    static func parse(_ text: [UInt8]) -> Leftovers {
        var result = Leftovers()
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.count == 2 else { continue }
            let word = ByteString(words[0])
            if word == routeWord {
                let route = decode(words[1]) { (r) throws(DecodingError) in try Route(from: &r) }
                if let route { result.routes.append(route) }
            } else if word == ruleWord {
                let rule = decode(words[1]) { (r) throws(DecodingError) in try Rule(from: &r) }
                if let rule { result.rules.append(rule) }
            } else if let prefix = Prefix(text: words[0]) {
                let name = ByteString(words[1])
                result.addresses.append(
                    DeclaredAddress(prefix: prefix, interface: name, isOwners: false))
            }
        }
        return result
    }

    static func text(_ held: Leftovers) -> [UInt8] {
        var text: [UInt8] = []
        for address in held.addresses {
            text += [UInt8]("\(address.prefix) ".utf8) + address.interface.bytes
            text.append(UInt8(ascii: "\n"))
        }
        for route in held.routes { text += line(routeWord) { route.encode(into: &$0) } }
        for rule in held.rules { text += line(ruleWord) { rule.encode(into: &$0) } }
        return text
    }

    private static func line(
        _ word: ByteString, _ encode: (inout ByteWriter) -> Void
    ) -> [UInt8] {
        var writer = ByteWriter()
        encode(&writer)
        var line = word.bytes + [UInt8(ascii: " ")]
        for byte in writer.bytes { line += hexadecimal(byte) }
        return line + [UInt8(ascii: "\n")]
    }

    func write(_ text: [UInt8]) throws(SystemError) {
        try Files.replace(path, with: text, mode: 0o600)
    }

    func remove() { Files.remove(path) }
}

private func hexadecimal(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
}

/// Nil for anything but whole bytes.
private func bytes(hexadecimal text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text {
        guard let digit = hexadecimalDigit(character) else { return nil }
        if let first = high {
            bytes.append(first << 4 | digit)
            high = nil
        } else {
            high = digit
        }
    }
    return bytes
}

/// Nil unless it is one value, whole.
private func decode<Value>(
    _ text: ArraySlice<UInt8>, _ read: (inout ByteReader) throws(DecodingError) -> Value
) -> Value? {
    guard let bytes = bytes(hexadecimal: text) else { return nil }
    var reader = ByteReader(bytes)
    do throws(DecodingError) {
        let value = try read(&reader)
        return reader.isAtEnd ? value : nil
    } catch {
        return nil
    }
}

/// Enough to tell one text from another without keeping it: how long it is, and its FNV-1a digest.
struct TextPrint: Hashable {
    private let count: Int
    private let digest: UInt64

    init(_ text: [UInt8]) {
        count = text.count
        digest = text.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

extension Keeper {
    /// A transition: the state file is out of date. It is written in this turn, so that a kill finds
    /// it true; where hundreds follow because a peer failed, then once more a moment later.
    func askForRecord() { recordDue = recordDue ?? max(Clock.boot(), recordPause) }

    /// What is mastered now. Adopted addresses are not ours to remove.
    func recordMasters(at now: Instant) {
        guard let recordDue, recordDue <= now else { return }
        self.recordDue = nil
        recordPause = now + .milliseconds(20)
        // Slots and table may be of two generations for now.
        guard pending == nil else { return askForRecord() }
        var held = Leftovers()
        let declared = bundle.virtualRouters
        for index in slots.masters(count: declared.count) {
            let isAdopted = slots.state(of: index)?.hasAdopted ?? true
            let entry = declared[index]
            for address in entry.addresses where !(address.isOwners && isAdopted) {
                held.addresses.append(address)
            }
            held.routes += entry.routes
            held.rules += entry.rules
        }
        let text = StateFile.text(held)
        let print = TextPrint(text)
        guard print != recorded else { return }
        recorded = print
        do throws(SystemError) {
            try stateFile.write(text)
        } catch {
            log.write(.warning, "cannot write \(stateFile.path): \(error)")
        }
    }
}

extension DeclaredAddress {
    /// As far as its removal goes.
    var desired: DesiredAddress {
        DesiredAddress(
            interface: interface, spec: AddressSpec(interfaceIndex: 0, prefix: prefix),
            isTracked: false, adopts: false)
    }
}
