import Net

/// Whether the main table has a default route, from the kernel's own list of it
/// (/proc/net/route, /proc/net/ipv6_route).
enum DefaultRoute {
    private static let isUp = 0x1
    private static let isRejected = 0x200

    static func file(_ family: Family) -> ByteString {
        family == .ipv4 ? "/proc/self/net/route" : "/proc/self/net/ipv6_route"
    }

    static func isThere(in list: [UInt8], _ family: Family) -> Bool {
        for line in list.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split { $0 == 0x20 || $0 == 0x09 }
            if family == .ipv4 ? isDefaultV4(fields) : isDefaultV6(fields) { return true }
        }
        return false
    }

    /// Iface Destination Gateway Flags RefCnt Use Metric Mask …
    private static func isDefaultV4(_ fields: [ArraySlice<UInt8>]) -> Bool {
        guard fields.count > 7 else { return false }
        return number(fields[1]) == 0 && number(fields[7]) == 0 && isUsable(fields[3])
    }

    /// destination, its length, source, its length, next hop, metric, uses, references, flags,
    /// interface
    private static func isDefaultV6(_ fields: [ArraySlice<UInt8>]) -> Bool {
        guard fields.count > 9, !fields[9].elementsEqual("lo".utf8) else { return false }
        return fields[0].allSatisfy { $0 == UInt8(ascii: "0") } && number(fields[1]) == 0
            && isUsable(fields[8])
    }

    private static func isUsable(_ flags: ArraySlice<UInt8>) -> Bool {
        guard let flags = number(flags) else { return false }
        return flags & isUp != 0 && flags & isRejected == 0
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        Int(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
