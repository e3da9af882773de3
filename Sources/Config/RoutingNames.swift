import Net

/// The names that iproute2's rt_… files give to numbers. Numbers that every kernel has are known
/// without a file.
struct RoutingNames {
    enum Kind: CaseIterable {
        case table
        case proto
        case scope
        case realm
        case trafficClass
        case group

        var file: ByteString {
            switch self {
            case .table: "rt_tables"
            case .proto: "rt_protos"
            case .scope: "rt_scopes"
            case .realm: "rt_realms"
            case .trafficClass: "rt_dsfield"
            case .group: "group"
            }
        }
    }

    private var tables: [ByteString: UInt32] = [
        "default": 253, "main": 254, "local": 255,
    ]
    private var protocols: [ByteString: UInt32] = [
        "redirect": 1, "kernel": 2, "boot": 3, "static": 4, "ra": 9, "dhcp": 16, "keepalived": 18,
    ]
    private var scopes: [ByteString: UInt32] = [
        "global": 0, "universe": 0, "site": 200, "link": 253, "host": 254, "nowhere": 255,
    ]
    private var realms: [ByteString: UInt32] = [:]
    private var trafficClasses: [ByteString: UInt32] = [:]
    private var groups: [ByteString: UInt32] = ["default": 0]

    init() {}

    /// Reads the files only where a block may name something of theirs; those of iproute_etc_dir
    /// overrule those of iproute_usr_dir.
    init(_ survey: TextSurvey, _ include: (ByteString, ByteString) -> [SourceFile]) {
        guard survey.needsNames else { return }
        for directory in [survey.usr, survey.etc] {
            for kind in Kind.allCases {
                for file in include(kind.file, directory) { read(file.text, kind) }
                for file in include(kind.file + ".d/*.conf", directory) { read(file.text, kind) }
            }
        }
    }

    func number(_ name: ByteString, _ kind: Kind) -> UInt32? {
        switch kind {
        case .table: tables[name]
        case .proto: protocols[name]
        case .scope: scopes[name]
        case .realm: realms[name]
        case .trafficClass: trafficClasses[name]
        case .group: groups[name]
        }
    }

    /// One `NUMBER NAME` a line; what is none of that is passed over, as by iproute2.
    mutating func read(_ text: [UInt8], _ kind: Kind) {
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard words.count >= 2, let number = unsigned(ByteString(words[0])) else { continue }
            set(ByteString(words[1]), number, kind)
        }
    }

    private mutating func set(_ name: ByteString, _ number: UInt32, _ kind: Kind) {
        switch kind {
        case .table: tables[name] = number
        case .proto: protocols[name] = number
        case .scope: scopes[name] = number
        case .realm: realms[name] = number
        case .trafficClass: trafficClasses[name] = number
        case .group: groups[name] = number
        }
    }
}

/// Decimal, or hexadecimal after 0x; up to 32 bits.
func unsigned(_ text: ByteString) -> UInt32? {
    guard let value = unsigned64(text), value <= UInt64(UInt32.max) else { return nil }
    return UInt32(value)
}

func unsigned64(_ text: ByteString) -> UInt64? {
    var digits = text.bytes[...]
    var base: UInt64 = 10
    if digits.starts(with: [UInt8(ascii: "0"), UInt8(ascii: "x")]) {
        digits = digits.dropFirst(2)
        base = 16
    }
    guard !digits.isEmpty else { return nil }
    var value: UInt64 = 0
    for byte in digits {
        guard let digit = hexadecimalDigit(byte), UInt64(digit) < base else { return nil }
        let (product, isTooMuch) = value.multipliedReportingOverflow(by: base)
        let (sum, overflows) = product.addingReportingOverflow(UInt64(digit))
        if isTooMuch || overflows { return nil }
        value = sum
    }
    return value
}
