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

/// The protocol version and VRID of a message, before anything of it was checked; nil where it is
/// too short to have any.
package func peekVRID(_ message: Span<UInt8>) -> UInt8? {
    message.count >= 2 ? message[1] : nil
}
