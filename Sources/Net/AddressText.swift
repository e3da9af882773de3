// Addresses as people write them. Strict: four decimal parts, or RFC 4291 text; nothing else.

extension IPAddress {
    /// Parses "192.0.2.1", "2001:db8::1" or "::ffff:192.0.2.1"; nil for anything else.
    package init?(text: ArraySlice<UInt8>) {
        if let address = IPv4Address(text: text) {
            self = .v4(address)
        } else if let address = IPv6Address(text: text) {
            self = .v6(address)
        } else {
            return nil
        }
    }

    package init?(_ text: String) { self.init(text: [UInt8](text.utf8)[...]) }
}

extension Prefix {
    /// Strictly `address/length`.
    package init?(text: ArraySlice<UInt8>) {
        let parts = text.split(
            separator: UInt8(ascii: "/"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(text: parts[0]), !parts[1].isEmpty,
            parts[1].count <= 3
        else { return nil }
        var length = 0
        for byte in parts[1] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            length = length * 10 + Int(byte - UInt8(ascii: "0"))
        }
        guard length <= address.family.addressBits else { return nil }
        self.init(address: address, length: length)
    }
}

extension IPv4Address {
    package init?(text: ArraySlice<UInt8>) {
        var value: UInt32 = 0
        var rest = text
        for _ in 0..<3 {
            guard let dot = rest.prefix(4).firstIndex(of: UInt8(ascii: ".")),
                let octet = decimalOctet(rest[..<dot])
            else { return nil }
            value = value << 8 | octet
            rest = rest[(dot + 1)...]
        }
        guard let last = decimalOctet(rest) else { return nil }
        self.init(value << 8 | last)
    }
}

extension IPv6Address {
    package init?(text: ArraySlice<UInt8>) {
        guard text.count >= 2, text.count <= 45 else { return nil }
        guard let (head, tail) = halves(of: text) else { return nil }
        guard let front = groups(head), let tail else {
            guard tail == nil, let all = groups(head), all.count == 8 else { return nil }
            self.init(groups: all)
            return
        }
        guard let back = groups(tail), front.count + back.count <= 7 else { return nil }
        let zeros = [UInt16](repeating: 0, count: 8 - front.count - back.count)
        self.init(groups: front + zeros + back)
    }

    private init(groups: [UInt16]) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        for index in 0..<4 { high = high << 16 | UInt64(groups[index]) }
        for index in 4..<8 { low = low << 16 | UInt64(groups[index]) }
        self.init(high: high, low: low)
    }
}

private let colon = UInt8(ascii: ":")

private func decimalOctet(_ part: ArraySlice<UInt8>) -> UInt32? {
    guard (1...3).contains(part.count) else { return nil }
    var value: UInt32 = 0
    for byte in part {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        value = value * 10 + UInt32(byte - UInt8(ascii: "0"))
    }
    return value <= 255 ? value : nil
}

/// The text before and after "::"; the second is nil where there is none, the whole is nil where
/// there are two.
private func halves(
    of text: ArraySlice<UInt8>
) -> (ArraySlice<UInt8>, ArraySlice<UInt8>?)? {
    var found: Int? = nil
    var index = text.startIndex
    while index + 1 < text.endIndex {
        if text[index] == colon && text[index + 1] == colon {
            if found != nil { return nil }
            found = index
            index += 1
        }
        index += 1
    }
    guard let found else { return (text, nil) }
    return (text[text.startIndex..<found], text[(found + 2)...])
}

/// Groups of up to four hexadecimal digits; a dotted IPv4 address may stand last, for two groups.
private func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
    if text.isEmpty { return [] }
    let parts = text.split(separator: colon, maxSplits: 8, omittingEmptySubsequences: false)
    var result: [UInt16] = []
    for (position, part) in parts.enumerated() {
        if position == parts.count - 1, let dotted = IPv4Address(text: part) {
            result.append(UInt16(truncatingIfNeeded: dotted.value >> 16))
            result.append(UInt16(truncatingIfNeeded: dotted.value))
        } else {
            guard let group = hexadecimalGroup(part) else { return nil }
            result.append(group)
        }
    }
    return result.count <= 8 ? result : nil
}

private func hexadecimalGroup(_ part: ArraySlice<UInt8>) -> UInt16? {
    guard (1...4).contains(part.count) else { return nil }
    var value: UInt16 = 0
    for byte in part {
        guard let digit = hexadecimalDigit(byte) else { return nil }
        value = value << 4 | UInt16(digit)
    }
    return value
}

package func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
