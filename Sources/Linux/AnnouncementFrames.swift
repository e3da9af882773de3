package import Net

// Frames that tell neighbours who has an address now.

/// A gratuitous ARP request (RFC 5227 section 3, as keepalived sends it): from and to the address
/// itself, to everybody.
package func gratuitousARP(_ address: IPv4Address, from mac: MACAddress) -> [UInt8] {
    let target = IPAddress.v4(address).bytes
    var frame = MACAddress.broadcast.bytes + mac.bytes
    frame += [0x08, 0x06]
    // Ethernet, IPv4, their sizes, request.
    frame += [0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, 0x01]
    frame += mac.bytes + target
    frame += MACAddress.broadcast.bytes + target
    return frame
}

/// An unsolicited Neighbor Advertisement (RFC 4861 section 7.2.6) to all nodes.
///
/// - Parameter isRouter: whether this machine forwards.
package func neighborAdvertisement(
    _ address: IPv6Address, from mac: MACAddress, isRouter: Bool
) -> [UInt8] {
    let source = IPAddress.v6(address)
    let allNodes = IPAddress.v6(IPv6Address(high: 0xff02_0000_0000_0000, low: 1))
    // Router, no solicitation, override.
    let flags: UInt8 = isRouter ? 0xa0 : 0x20
    var message: [UInt8] = [136, 0, 0, 0, flags, 0, 0, 0]
    message += source.bytes
    // Target link-layer address, one unit of eight bytes.
    message += [2, 1] + mac.bytes
    var checksum = Checksum()
    checksum.add(source)
    checksum.add(allNodes)
    checksum.add(word: UInt16(truncatingIfNeeded: message.count))
    checksum.add(word: 58)
    checksum.add(message.span)
    message[2] = UInt8(truncatingIfNeeded: checksum.value >> 8)
    message[3] = UInt8(truncatingIfNeeded: checksum.value)
    var frame: [UInt8] = [0x33, 0x33, 0, 0, 0, 1]
    frame += mac.bytes + [0x86, 0xdd]
    frame += [0x60, 0, 0, 0, 0, UInt8(truncatingIfNeeded: message.count), 58, 255]
    return frame + source.bytes + allNodes.bytes + message
}
