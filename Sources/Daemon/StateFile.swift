import Linux
import Net

/// What is held, as far as its removal needs it, and what settings were before us.
struct Leftovers: Hashable {
    var addresses: [DeclaredAddress] = []
    var routes: [Route] = []
    var rules: [Rule] = []
    /// Interfaces of our own. What their parents had, their aliases tell.
    var links: [ByteString] = []
    var promoted: [PromotedInterface] = []
    /// igmp_link_local_mcast_reports, where disable_local_igmp changed it.
    var localIGMP: UInt32?

    /// Routes and rules in the order of adding.
    var holdings: [Holding] {
        routes.map { .route($0, isTracked: false) } + rules.map { .rule($0, isTracked: false) }
    }

    var isEmpty: Bool { self == Leftovers() }

    mutating func add(_ other: Leftovers) {
        addresses += other.addresses
        routes += other.routes
        rules += other.rules
        links += other.links
        promoted += other.promoted
        localIGMP = localIGMP ?? other.localIGMP
    }
}

/// An interface whose promote_secondaries was 0 before us. Its index tells it from a later one of
/// that name.
struct PromotedInterface: Hashable {
    var name: ByteString
    var index: Int32

    /// Nil where there is nothing to put back.
    func link(among links: [LinkInfo]) -> LinkInfo? {
        links.first {
            $0.index == index && $0.name == name && $0.ipv4?.promoteSecondaries == 1
        }
    }
}

/// What is held now, on disk beside the pid file: what a start after both processes were killed has
/// to remove or put back, also where the configuration no longer names it. One line each: address,
/// prefix length and interface; `route` or `rule`, and its bytes as the keeper's table has them, in
/// hexadecimal; `link` and its name; `promoted`, an interface and its index; the setting that
/// disable_local_igmp changes, and its value before.
struct StateFile {
    let path: ByteString

    /// Another daemon's bytes may mean something else.
    private static let routeWord = ByteString("route-1")
    private static let ruleWord = ByteString("rule-1")
    private static let linkWord = ByteString("link")
    private static let promotedWord = ByteString("promoted")
    private static let localIGMPWord = ByteString("igmp_link_local_mcast_reports")

    /// An absent or broken file names nothing.
    func read() -> Leftovers {
        do throws(SystemError) {
            return StateFile.parse(try Files.read(path))
        } catch {
            return Leftovers()
        }
    }

    /// A line that has no end may be cut off, and name another.
    static func parse(_ text: [UInt8]) -> Leftovers {
        var result = Leftovers()
        let end = text.lastIndex(of: UInt8(ascii: "\n")) ?? 0
        for line in text[..<end].split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            if words.count == 2 { read(ByteString(words[0]), words[1], into: &result) }
            if words.count == 3, ByteString(words[0]) == promotedWord,
                let index = Int32(ByteString(words[2]).description)
            {
                result.promoted.append(
                    PromotedInterface(name: ByteString(words[1]), index: index))
            }
        }
        return result
    }

    private static func read(
        _ word: ByteString, _ value: ArraySlice<UInt8>, into result: inout Leftovers
    ) {
        if word == routeWord {
            let route = decode(value) { (r) throws(DecodingError) in try Route(from: &r) }
            if let route { result.routes.append(route) }
        } else if word == ruleWord {
            let rule = decode(value) { (r) throws(DecodingError) in try Rule(from: &r) }
            if let rule { result.rules.append(rule) }
        } else if word == linkWord {
            result.links.append(ByteString(value))
        } else if word == localIGMPWord {
            result.localIGMP = UInt32(ByteString(value).description)
        } else if let prefix = Prefix(text: word.bytes[...]) {
            let name = ByteString(value)
            result.addresses.append(
                DeclaredAddress(prefix: prefix, interface: name, isOwners: false))
        }
    }

    static func text(_ held: Leftovers) -> [UInt8] {
        var text: [UInt8] = []
        for address in held.addresses {
            text += [UInt8]("\(address.prefix) ".utf8) + address.interface.bytes
            text.append(UInt8(ascii: "\n"))
        }
        for route in held.routes { text += line(routeWord) { route.encode(into: &$0) } }
        for rule in held.rules { text += line(ruleWord) { rule.encode(into: &$0) } }
        for link in held.links { text += "\(linkWord) \(link)\n".utf8 }
        for one in held.promoted {
            text += "\(promotedWord) \(one.name) \(one.index)\n".utf8
        }
        if let localIGMP = held.localIGMP { text += "\(localIGMPWord) \(localIGMP)\n".utf8 }
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

extension DeclaredAddress {
    /// As far as its removal goes.
    var desired: DesiredAddress {
        DesiredAddress(
            interface: interface, spec: AddressSpec(interfaceIndex: 0, prefix: prefix),
            isTracked: false, adopts: false)
    }
}
