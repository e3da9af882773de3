/// The number in a track_file, as the C library's strtol with base 0 reads it: blanks, a sign,
/// then decimal, octal (`0…`) or hexadecimal (`0x…`) digits. Whatever follows is not looked at;
/// nothing that is a number is nil. Clamped to 32 bits.
func trackedNumber(_ text: [UInt8]) -> Int? {
    var rest = text[...].drop { $0 == 0x20 || (0x09...0x0d).contains($0) }
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    var base = 10
    if rest.first == UInt8(ascii: "0") {
        base = 8
        if let letter = rest.dropFirst().first, letter | 0x20 == UInt8(ascii: "x"),
            let digit = rest.dropFirst(2).first, value(of: digit, base: 16) != nil
        {
            base = 16
            rest = rest.dropFirst(2)
        }
    }
    guard let first = rest.first, value(of: first, base: base) != nil else { return nil }
    var number = 0
    for byte in rest {
        guard let digit = value(of: byte, base: base) else { break }
        number = min(number * base + digit, 2_147_483_647)
    }
    return isNegative ? -number : number
}

private func value(of byte: UInt8, base: Int) -> Int? {
    let digit: Int
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = Int(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = Int(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = Int(byte - UInt8(ascii: "A")) + 10
    default: return nil
    }
    return digit < base ? digit : nil
}
