import Net

// Frames that tell neighbours who has an address now. They are written behind one another: a
// take-over sends thousands.

extension [UInt8] {
    /// A gratuitous ARP request (RFC 5227 section 3, as keepalived sends it): from and to the
    /// address itself, to everybody.
    mutating func appendGratuitousARP(_ address: IPv4Address, from mac: MACAddress) {
        append(.broadcast)
        append(mac)
        append(word: 0x0806)
        // Ethernet, IPv4, their sizes, request.
        append(word: 1)
        append(word: 0x0800)
        append(word: 0x0604)
        append(word: 1)
        append(mac)
        append(.v4(address))
        append(.broadcast)
        append(.v4(address))
    }

    /// An unsolicited Neighbor Advertisement (RFC 4861 section 7.2.6) to all nodes.
    ///
    /// - Parameter isRouter: whether this machine forwards.
    mutating func appendNeighborAdvertisement(
        _ address: IPv6Address, from mac: MACAddress, isRouter: Bool
    ) {
        let source = IPAddress.v6(address)
        let allNodes = IPAddress.v6(IPv6Address(high: 0xff02_0000_0000_0000, low: 1))
        append(MACAddress(0x3333_0000_0001))
        append(mac)
        append(word: 0x86dd)
        append(word: 0x6000)
        append(word: 0)
        append(word: 32)
        // ICMPv6, hop limit.
        append(word: 58 << 8 | 255)
        append(source)
        append(allNodes)
        let message = count
        append(word: 136 << 8)
        append(word: 0)
        // Router, no solicitation, override.
        append(word: isRouter ? 0xa000 : 0x2000)
        append(word: 0)
        append(source)
        // Target link-layer address, one unit of eight bytes.
        append(word: 0x0201)
        append(mac)
        var checksum = Checksum()
        checksum.add(source)
        checksum.add(allNodes)
        checksum.add(word: 32)
        checksum.add(word: 58)
        for place in stride(from: message, to: count, by: 2) {
            checksum.add(word: UInt16(self[place]) << 8 | UInt16(self[place + 1]))
        }
        self[message + 2] = UInt8(truncatingIfNeeded: checksum.value >> 8)
        self[message + 3] = UInt8(truncatingIfNeeded: checksum.value)
    }

    private mutating func append(word: UInt16) {
        append(UInt8(truncatingIfNeeded: word >> 8))
        append(UInt8(truncatingIfNeeded: word))
    }

    private mutating func append(_ mac: MACAddress) {
        for index in 0..<6 { append(mac.byte(index)) }
    }

    private mutating func append(_ address: IPAddress) {
        for index in 0..<address.family.addressSize { append(address.byte(index)) }
    }
}
