import CLinux
package import Net

/// Sends Ethernet frames on any interface, those of a turn with one call; receives nothing.
package final class AnnouncementSocket {
    private let socket: Descriptor
    private var frames: [clinux_frame] = []
    private var bytes: [UInt8] = []
    /// Frames that could not be sent, since the start.
    package private(set) var failures: UInt64 = 0

    package init() throws(SystemError) {
        socket = Descriptor(owning: try check(clinux_frame_socket(), "socket(AF_PACKET)"))
    }

    /// Adds a gratuitous ARP or an unsolicited Neighbor Advertisement, whichever the address needs.
    package func append(
        _ address: IPAddress, on interface: Int32, from mac: MACAddress, isRouter: Bool
    ) {
        let start = bytes.count
        switch address {
        case .v4(let address): bytes.appendGratuitousARP(address, from: mac)
        case .v6(let address):
            bytes.appendNeighborAdvertisement(address, from: mac, isRouter: isRouter)
        }
        frames.append(
            clinux_frame(
                interface_index: interface, offset: UInt32(truncatingIfNeeded: start),
                length: UInt32(truncatingIfNeeded: bytes.count - start)))
    }

    /// Sends what was added. A frame that fails is counted and does not hold up the others.
    package func flush() {
        guard !frames.isEmpty else { return }
        let failed = unsafe frames.withUnsafeBufferPointer { frames in
            unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe clinux_frames_send(
                    socket.rawValue, frames.baseAddress, Int32(frames.count), bytes.baseAddress)
            }
        }
        if failed > 0 { failures &+= UInt64(failed) }
        frames.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }
}
