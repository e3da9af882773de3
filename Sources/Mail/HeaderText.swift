import Net

/// A value as it may stand in a header: no control byte gets through, since a line break in a
/// name would begin a header of its own; what is not ASCII is encoded (RFC 2047).
func headerText(_ text: ByteString) -> ByteString {
    let bytes = text.bytes.map { $0 < 32 || $0 == 127 ? UInt8(ascii: "?") : $0 }
    var isPlain = true
    for byte in bytes where byte > 126 { isPlain = false }
    return ByteString(isPlain ? bytes : encodedWords(bytes))
}

/// An encoded word is 75 characters at most: 45 bytes make 60, and the frame is 12.
private func encodedWords(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
        if !result.isEmpty { result += [UInt8]("\r\n ".utf8) }
        let part = rest.prefix(lengthOfWholeCharacters(in: rest))
        result += [UInt8]("=?UTF-8?B?".utf8) + base64(part) + [UInt8]("?=".utf8)
        rest = rest.dropFirst(part.count)
    }
    return result
}

/// Up to 45 bytes, cut before a character that would not fit whole.
private func lengthOfWholeCharacters(in bytes: ArraySlice<UInt8>) -> Int {
    guard bytes.count > 45 else { return bytes.count }
    for length in (42...45).reversed()
    where bytes[bytes.startIndex + length] & 0xc0 != 0x80 { return length }
    return 45
}

func base64(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let digits = [UInt8]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    var rest = bytes
    while !rest.isEmpty {
        let part = rest.prefix(3)
        var word: UInt32 = 0
        for byte in part { word = word << 8 | UInt32(byte) }
        word <<= 8 * UInt32(3 - part.count)
        for place in 0..<4 {
            let digit = digits[Int(word >> UInt32(18 - 6 * place) & 63)]
            result.append(place <= part.count ? digit : UInt8(ascii: "="))
        }
        rest = rest.dropFirst(3)
    }
    return result
}

/// "Tue, 24 Nov 2026 20:41:32 +0000" (RFC 5322 section 3.3), from seconds since 1970.
func mailDate(_ time: Int64) -> String {
    let seconds = max(0, min(time, 253_402_300_799))
    let day = seconds / 86_400
    let date = civilDate(day)
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(day % 7)]
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let clock = [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60].map { twoDigits($0) }
    return "\(weekday), \(twoDigits(date.day)) \(months[Int(date.month - 1)]) \(date.year) "
        + "\(clock[0]):\(clock[1]):\(clock[2]) +0000"
}

private func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

/// The Gregorian date of a day since 1970-01-01. Years begin in March here, so that the leap day
/// is a year's last.
private func civilDate(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = day + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    let isJanuaryOrFebruary = month >= 10
    return (
        era * 400 + year + (isJanuaryOrFebruary ? 1 : 0),
        isJanuaryOrFebruary ? month - 9 : month + 3, dayOfYear - (153 * month + 2) / 5 + 1
    )
}
