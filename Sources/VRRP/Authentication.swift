package import Net

/// Authentication of VRRPv2 (RFC 2338 section 5.3.6; removed by RFC 3768, still in daily use).
package enum Authentication: Hashable, Sendable {
    case none
    /// Type 1: eight bytes in clear text, in network order, zero padded.
    case password(UInt64)
    /// Type 2: an IP Authentication Header with HMAC-MD5-96; the key is eight bytes as above.
    case header(UInt64)

    /// The Auth Type field.
    package var type: UInt8 {
        switch self {
        case .none: 0
        case .password: 1
        case .header: 2
        }
    }

    /// The key of an Authentication Header; empty for others.
    var headerKey: [UInt8] {
        guard case .header(let key) = self else { return [] }
        return (0..<8).map { UInt8(truncatingIfNeeded: key >> UInt64(56 - $0 * 8)) }
    }
}

/// auth_hmac: an HMAC-SHA256 trailer behind the advertisement, any version and family.
package struct TrailerAuthentication: Hashable, Sendable {
    package enum Mode: UInt8, Hashable, Sendable {
        /// Signs; hears signed advertisements only.
        case enforce = 0
        /// Signs; hears advertisements without a trailer too, wrong trailers never.
        case permissive = 1
        /// Does not sign; hears as `permissive`.
        case receiveOnly = 2
        /// Has no key to sign or to check with: hears what peers say, signed or not, and believes
        /// all of it, so as to stay out of the way of those who have one.
        case keyless = 3
    }

    package struct Key: Hashable, Sendable {
        /// 1...255.
        package var id: UInt8
        /// 32...64 bytes.
        package var secret: [UInt8]

        package init(id: UInt8, secret: [UInt8]) {
            self.id = id
            self.secret = secret
        }
    }

    package var keys: [Key]
    /// active_key: the one that signs.
    package var activeKey: UInt8
    package var mode = Mode.enforce
    /// time_window: how far clocks may differ, 1...300 s. Nil under `anti_replay monotonic`: clocks
    /// are not compared.
    package var window: Interval?

    package init(keys: [Key], activeKey: UInt8, window: Interval?) {
        self.keys = keys
        self.activeKey = activeKey
        self.window = window
    }

    package var signs: Bool { mode == .enforce || mode == .permissive }

    package var signingKey: Key? {
        for key in keys where key.id == activeKey { return key }
        return nil
    }
}

/// What an authenticated advertisement says of its place in time, to be held against what was heard
/// before (`Freshness`).
package enum Proof: Hashable, Sendable {
    /// Nothing: it is not authenticated, or by a password, which anyone can repeat.
    case none
    /// The Authentication Header's sequence number.
    case sequence(UInt32)
    /// The trailer's time stamp: 32 bits of seconds since 1970, 16 of their fraction, 16 of a counter.
    case stamp(UInt64)
}
