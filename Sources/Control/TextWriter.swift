import Net

/// Collects text as bytes, so that names come out exactly as they were configured.
struct TextWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ text: String) { bytes += text.utf8 }
    mutating func append(_ text: ByteString) { bytes += text.bytes }

    mutating func line(_ text: String) {
        append(text)
        bytes.append(newline)
    }

    mutating func line(_ label: String, _ value: ByteString) {
        append(label)
        append(value)
        bytes.append(newline)
    }

    mutating func line(_ label: String, _ value: String) {
        append(label)
        append(value)
        bytes.append(newline)
    }

    mutating func line(_ label: String, _ value: some BinaryInteger) {
        line(label, String(value))
    }
}

private let newline = UInt8(ascii: "\n")

/// A number of microseconds as seconds with six decimals.
func decimalSeconds(microseconds: Int64) -> String {
    let fraction = String(microseconds.magnitude % 1_000_000)
    let padding = String(repeating: "0", count: 6 - fraction.utf8.count)
    return "\(microseconds / 1_000_000).\(padding)\(fraction)"
}

/// An interval in seconds, with as many decimals as it needs: "1", "0.2", "3.609375".
func shortestSeconds(_ interval: Interval) -> String {
    let whole = interval.nanoseconds / 1_000_000_000
    var fraction = String(interval.nanoseconds.magnitude % 1_000_000_000)
    fraction = String(repeating: "0", count: 9 - fraction.utf8.count) + fraction
    while fraction.utf8.last == UInt8(ascii: "0") { fraction.removeLast() }
    return fraction.isEmpty ? String(whole) : "\(whole).\(fraction)"
}

extension InstanceStatus.Address {
    /// As keepalived writes it: "10.9.0.1/24 dev e0 scope global label e0:v set".
    func text() -> ByteString {
        var text = TextWriter()
        text.append("\(prefix)")
        if let broadcast {
            text.append(" brd ")
            text.append(broadcast)
        }
        text.append(" dev ")
        text.append(interface)
        if let parent {
            text.append("@")
            text.append(parent)
        }
        text.append(" scope \(scopeName)")
        if let label {
            text.append(" label ")
            text.append(label)
        }
        for option in options { text.append(" " + option) }
        if prefix.address.family == .ipv6 { text.append(lifetimeText) }
        if isSet { text.append(" set") }
        return ByteString(text.bytes)
    }

    private var lifetimeText: String {
        switch preferredLifetime ?? (prefix.length == 128 ? 0 : UInt32.max) {
        case 0: " deprecated"
        case UInt32.max: " preferred_lft forever"
        case let seconds: " preferred_lft \(seconds)"
        }
    }

    /// The names of /etc/iproute2/rt_scopes as it is shipped.
    private var scopeName: String {
        switch scope {
        case 0: "global"
        case 200: "site"
        case 253: "link"
        case 254: "host"
        case 255: "nowhere"
        default: String(scope)
        }
    }
}
