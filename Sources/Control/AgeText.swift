package import Net

// Lengths of time for people, always with their units.

/// As exact as matters: "0.22 s", "42 s", "11 min", "3 h 02 min", "12 d 04 h".
package func ageText(_ age: Interval) -> String {
    let age = max(age, .zero)
    let seconds = age.nanoseconds / 1_000_000_000
    switch seconds {
    case ..<10: return secondsText(age)
    case ..<100: return "\(seconds) s"
    case ..<6_000: return "\(seconds / 60) min"
    case ..<172_800: return "\(seconds / 3_600) h \(twoDigits(seconds / 60 % 60)) min"
    default: return "\(seconds / 86_400) d \(twoDigits(seconds / 3_600 % 24)) h"
    }
}

/// With two decimals, or three below a tenth of a second: "3.69 s", "0.032 s".
func secondsText(_ interval: Interval) -> String {
    let milliseconds = interval.nanoseconds / 1_000_000
    let whole = milliseconds / 1_000
    let isShort = milliseconds.magnitude < 100
    let fraction = isShort ? milliseconds.magnitude : milliseconds.magnitude % 1_000 / 10
    return "\(whole).\(isShort ? threeDigits(fraction) : twoDigits(fraction)) s"
}

private func twoDigits(_ number: some BinaryInteger) -> String {
    let digits = String(number)
    return digits.utf8.count < 2 ? "0" + digits : digits
}

private func threeDigits(_ number: some BinaryInteger) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 3 - digits.utf8.count)) + digits
}

/// For JSON: seconds with as many decimals as they need, microseconds at most.
func jsonSeconds(_ interval: Interval) -> String {
    shortestSeconds(Interval(nanoseconds: interval.nanoseconds / 1_000 * 1_000))
}
