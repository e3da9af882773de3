import CLinux
package import Net

/// Everything that is due in one wake-up, sent with one call for each socket. Its memory is kept:
/// in steady state nothing is allocated.
package final class SendBatch {
    private var messages: [clinux_outgoing] = []
    private var bytes: [UInt8] = []

    /// Messages that could not be sent, since the start.
    package private(set) var failures: UInt64 = 0
    /// The errno of the last failure; 0: its interface was down.
    package private(set) var lastError: Int32 = 0

    /// As many as the kernel takes in one call, nearly: more at once would only keep more memory.
    private static let limit = 512

    package init() {}

    /// Adds a packet: for IPv4 with its header, for IPv6 the message alone, which gets this hop
    /// limit.
    ///
    /// - Parameter interface: the one to leave by; nil: the socket's.
    package func append(
        _ packet: [UInt8], through socket: VRRPSocket, on interface: Int32? = nil,
        from source: IPAddress, to destination: IPAddress, hopLimit: UInt8 = 255
    ) {
        messages.append(
            clinux_outgoing(
                source: source.raw, destination: destination.raw, fd: socket.descriptor,
                family_bits: Int32(socket.family.addressBits),
                interface_index: interface ?? socket.interfaceIndex, hop_limit: Int32(hopLimit),
                offset: UInt32(truncatingIfNeeded: bytes.count),
                length: UInt32(truncatingIfNeeded: packet.count)))
        bytes.append(contentsOf: packet)
        if messages.count >= SendBatch.limit { flush() }
    }

    /// Sends what was added. A message that fails is counted and does not hold up the others.
    package func flush() {
        guard !messages.isEmpty else { return }
        var error: Int32 = 0
        let failed = unsafe messages.withUnsafeBufferPointer { messages in
            unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe clinux_vrrp_send(
                    messages.baseAddress, Int32(messages.count), bytes.baseAddress, &error)
            }
        }
        if failed > 0 {
            failures &+= UInt64(failed)
            lastError = error
        }
        messages.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }
}
