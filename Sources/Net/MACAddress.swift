/// An Ethernet address, held as the low 48 bits of a number.
package struct MACAddress: Hashable, Sendable, CustomStringConvertible {
    package let value: UInt64

    package init(_ value: UInt64) { self.value = value & 0xffff_ffff_ffff }

    package static let broadcast = MACAddress(0xffff_ffff_ffff)

    /// 00:00:5e:00:01:VRID, or …:02:VRID for IPv6 (RFC 5798 section 7.3).
    package static func virtualRouter(_ vrid: UInt8, _ family: Family) -> MACAddress {
        MACAddress((family == .ipv4 ? 0x0000_5e00_0100 : 0x0000_5e00_0200) | UInt64(vrid))
    }

    /// The byte at a position from 0 (sent first) to 5.
    package func byte(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: value >> UInt64(40 - index * 8))
    }

    package var bytes: [UInt8] { (0..<6).map { byte($0) } }

    package var description: String {
        var text = ""
        for index in 0..<6 {
            let byte = byte(index)
            if index > 0 { text += ":" }
            if byte < 16 { text += "0" }
            text += String(byte, radix: 16)
        }
        return text
    }
}
