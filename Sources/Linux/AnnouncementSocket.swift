import CLinux
package import Net

/// Sends Ethernet frames on any interface; receives nothing.
package final class AnnouncementSocket {
    private let socket: Descriptor
    /// Frames that could not be sent, since the start.
    package private(set) var failures: UInt64 = 0

    package init() throws(SystemError) {
        socket = Descriptor(owning: try check(clinux_frame_socket(), "socket(AF_PACKET)"))
    }

    /// Gratuitous ARP or an unsolicited Neighbor Advertisement, whichever the address needs.
    package func announce(
        _ address: IPAddress, on interface: Int32, from mac: MACAddress, isRouter: Bool
    ) {
        switch address {
        case .v4(let address): send(gratuitousARP(address, from: mac), on: interface)
        case .v6(let address):
            send(neighborAdvertisement(address, from: mac, isRouter: isRouter), on: interface)
        }
    }

    private func send(_ frame: [UInt8], on interface: Int32) {
        let result = unsafe frame.withUnsafeBufferPointer { bytes in
            unsafe clinux_frame_send(
                socket.rawValue, interface, bytes.baseAddress, UInt(bytes.count))
        }
        if result < 0 { failures &+= 1 }
    }
}
