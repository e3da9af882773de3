package import Net

// Numbers as the configuration writes them; nil for anything else, and for what does not fit.

func integer(_ text: ByteString) -> Int? {
    var digits = text.bytes[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    guard let magnitude = naturalNumber(digits) else { return nil }
    return isNegative ? -magnitude : magnitude
}

/// Decimal digits only, at least one; nil from 10^18 on.
func naturalNumber(_ digits: ArraySlice<UInt8>) -> Int? {
    guard !digits.isEmpty else { return nil }
    var value = 0
    for byte in digits {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        guard value < 100_000_000_000_000_000 else { return nil }
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return value
}

/// Seconds with up to nine decimals; what is finer is cut off. May be negative.
func seconds(_ text: ByteString) -> Interval? {
    var rest = text.bytes[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest = rest.dropFirst() }
    if let whole = naturalNumber(rest) {
        return whole < 9_000_000_000 ? .seconds(Int64(isNegative ? -whole : whole)) : nil
    }
    let parts = rest.split(
        separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let last = parts.last else { return nil }
    let fraction = parts.count == 2 ? last : []
    guard !(first.isEmpty && fraction.isEmpty) else { return nil }
    guard let whole = first.isEmpty ? 0 : naturalNumber(first), whole < 9_000_000_000,
        let part = nanoseconds(fraction)
    else { return nil }
    let value = Interval.seconds(Int64(whole)) + .nanoseconds(part)
    return isNegative ? value * -1 : value
}

private func nanoseconds(_ fraction: ArraySlice<UInt8>) -> Int64? {
    if fraction.isEmpty { return 0 }
    guard let value = naturalNumber(fraction.prefix(9)) else { return nil }
    guard fraction.dropFirst(9).isEmpty || naturalNumber(fraction.dropFirst(9).prefix(17)) != nil
    else { return nil }
    var scaled = Int64(value)
    for _ in 0..<max(0, 9 - fraction.count) { scaled *= 10 }
    return scaled
}

/// "1.5" for one and a half seconds.
package func secondsText(_ interval: Interval) -> String {
    let magnitude = interval.nanoseconds.magnitude
    var text = "\(interval.nanoseconds < 0 ? "-" : "")\(magnitude / 1_000_000_000)"
    var fraction = magnitude % 1_000_000_000
    if fraction == 0 { return text }
    text += "."
    var place: UInt64 = 100_000_000
    while fraction > 0 {
        text += "\(fraction / place)"
        fraction %= place
        place /= 10
    }
    return text
}

/// on, true, yes, off, false, no; exactly so.
func boolean(_ text: ByteString) -> Bool? {
    if text == "on" || text == "true" || text == "yes" { return true }
    if text == "off" || text == "false" || text == "no" { return false }
    return nil
}
