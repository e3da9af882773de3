/// IPv4 or IPv6: what a virtual router speaks.
package enum Family: UInt8, Hashable, Sendable, CaseIterable {
    case ipv4 = 4
    case ipv6 = 6

    /// Bytes of one address in an advertisement.
    package var addressSize: Int { self == .ipv4 ? 4 : 16 }
    /// Bits of a host prefix.
    package var addressBits: Int { addressSize * 8 }
}

/// An IPv4 address, held in host order so that comparing values compares addresses.
package struct IPv4Address: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let value: UInt32

    package init(_ value: UInt32) { self.value = value }
    package init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        value = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    package static let any = IPv4Address(0)
    /// 224.0.0.18, the VRRP group (RFC 3768 section 5.2.2).
    package static let vrrpGroup = IPv4Address(224, 0, 0, 18)

    package var isMulticast: Bool { value >> 28 == 0xe }
    package var isLinkLocal: Bool { value >> 16 == 0xa9fe }

    package static func < (left: IPv4Address, right: IPv4Address) -> Bool {
        left.value < right.value
    }

    package var description: String {
        "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
    }
}

/// An IPv6 address as two halves in host order. In memory they are four words of 32 bits, so that
/// what holds an address need not be aligned, and filled up, to eight bytes.
package struct IPv6Address: Hashable, Comparable, Sendable, CustomStringConvertible {
    private let first: UInt32
    private let second: UInt32
    private let third: UInt32
    private let fourth: UInt32

    package var high: UInt64 { UInt64(first) << 32 | UInt64(second) }
    package var low: UInt64 { UInt64(third) << 32 | UInt64(fourth) }

    package init(high: UInt64, low: UInt64) {
        first = UInt32(truncatingIfNeeded: high >> 32)
        second = UInt32(truncatingIfNeeded: high)
        third = UInt32(truncatingIfNeeded: low >> 32)
        fourth = UInt32(truncatingIfNeeded: low)
    }

    package static let any = IPv6Address(high: 0, low: 0)
    /// ff02::12, the VRRP group (RFC 5798 section 5.1.2.2).
    package static let vrrpGroup = IPv6Address(high: 0xff02_0000_0000_0000, low: 0x12)

    package var isMulticast: Bool { high >> 56 == 0xff }
    package var isLinkLocal: Bool { high >> 54 == 0xfe80 >> 6 }
    /// ff02::/16, whatever the flags.
    package var isLinkLocalMulticast: Bool { high >> 56 == 0xff && high >> 48 & 0xf == 2 }

    package static func < (left: IPv6Address, right: IPv6Address) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// The 16-bit group at a position from 0 (leftmost) to 7.
    package func group(_ index: Int) -> UInt16 {
        let half = index < 4 ? high : low
        return UInt16(truncatingIfNeeded: half >> UInt64(48 - (index & 3) * 16))
    }

    /// RFC 5952: lower case, the longest run of two or more zero groups shortened.
    package var description: String {
        let run = longestZeroRun()
        var text = ""
        var index = 0
        while index < 8 {
            if run.length > 1 && index == run.start {
                text += "::"
                index += run.length
                continue
            }
            if !text.isEmpty && !(text.utf8.last == UInt8(ascii: ":")) { text += ":" }
            text += String(group(index), radix: 16)
            index += 1
        }
        return text
    }

    private func longestZeroRun() -> (start: Int, length: Int) {
        var best = (start: 0, length: 0)
        var current = (start: 0, length: 0)
        for index in 0..<8 {
            if group(index) == 0 {
                if current.length == 0 { current.start = index }
                current.length += 1
                if current.length > best.length { best = current }
            } else {
                current.length = 0
            }
        }
        return best
    }
}

/// An address of either family. Ordered by family, then as unsigned big-endian numbers, which is
/// the comparison that an election's tie-break needs (RFC 3768 section 6.4.3).
package enum IPAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    case v4(IPv4Address)
    case v6(IPv6Address)

    package var family: Family {
        switch self {
        case .v4: .ipv4
        case .v6: .ipv6
        }
    }

    package var isMulticast: Bool {
        switch self {
        case .v4(let address): address.isMulticast
        case .v6(let address): address.isMulticast
        }
    }

    package var isLinkLocal: Bool {
        switch self {
        case .v4(let address): address.isLinkLocal
        case .v6(let address): address.isLinkLocal
        }
    }

    package var isUnspecified: Bool { self == .v4(.any) || self == .v6(.any) }

    package static func < (left: IPAddress, right: IPAddress) -> Bool {
        switch (left, right) {
        case (.v4(let a), .v4(let b)): a < b
        case (.v6(let a), .v6(let b)): a < b
        case (.v4, .v6): true
        case (.v6, .v4): false
        }
    }

    /// The byte at a position in network order; out of range gives 0.
    package func byte(_ index: Int) -> UInt8 {
        switch self {
        case .v4(let address):
            guard (0..<4).contains(index) else { return 0 }
            return UInt8(truncatingIfNeeded: address.value >> UInt32(24 - index * 8))
        case .v6(let address):
            guard (0..<16).contains(index) else { return 0 }
            let half = index < 8 ? address.high : address.low
            return UInt8(truncatingIfNeeded: half >> UInt64(56 - (index & 7) * 8))
        }
    }

    /// The address in network order: 4 or 16 bytes.
    package var bytes: [UInt8] { (0..<family.addressSize).map { byte($0) } }

    /// From 4 or 16 bytes in network order; nil for any other count.
    package init?(bytes: ArraySlice<UInt8>) {
        let reader = [UInt8](bytes)
        self.init(reader.span, at: 0, size: reader.count)
    }

    /// From the bytes at an offset of a larger span; nil where they do not fit, or where `size` is
    /// neither 4 nor 16.
    package init?(_ span: Span<UInt8>, at offset: Int, size: Int) {
        guard offset >= 0, size >= 0, offset <= span.count, size <= span.count - offset else {
            return nil
        }
        func number(_ start: Int, _ length: Int) -> UInt64 {
            var value: UInt64 = 0
            for index in start..<(start + length) { value = value << 8 | UInt64(span[index]) }
            return value
        }
        if size == 4 {
            self = .v4(IPv4Address(UInt32(truncatingIfNeeded: number(offset, 4))))
        } else if size == 16 {
            self = .v6(IPv6Address(high: number(offset, 8), low: number(offset + 8, 8)))
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let address): address.description
        }
    }
}

/// An address with its prefix length, as an interface carries it.
package struct Prefix: Hashable, Sendable, CustomStringConvertible {
    package var address: IPAddress
    /// One byte: thousands of prefixes are held.
    private var bits: UInt8

    /// 0...32 for IPv4, 0...128 for IPv6.
    package var length: Int {
        get { Int(bits) }
        set { bits = UInt8(clamping: newValue) }
    }

    package init(address: IPAddress, length: Int) {
        self.address = address
        bits = UInt8(clamping: length)
    }

    package var description: String { "\(address)/\(length)" }
}
