package import Net

/// What the kernel says of a packet that carried an advertisement.
package struct ReceivedPacket: Hashable, Sendable {
    package var source: IPAddress
    package var destination: IPAddress
    /// TTL or hop limit, 0...255.
    package var hopLimit: Int

    package init(source: IPAddress, destination: IPAddress, hopLimit: Int) {
        self.source = source
        self.destination = destination
        self.hopLimit = hopLimit
    }
}

/// The VRID of what follows an IP header, before anything of it was checked; nil where it is too
/// short to have any.
package func peekVRID(_ payload: Span<UInt8>, isAuthenticated: Bool) -> UInt8? {
    let place = isAuthenticated ? AuthenticationHeader.size + 1 : 1
    return payload.count > place ? payload[place] : nil
}
