import CLinux
package import Net

/// A TCP connection on its way, or made.
package final class Connection {
    private let socket: Descriptor

    /// Begins to connect; the descriptor is writable when that is decided.
    package init(to address: IPAddress, port: UInt16) throws(SystemError) {
        let raw = clinux_connect(Int32(address.family.addressBits), address.raw, port)
        socket = Descriptor(owning: try check(raw, "connect"))
    }

    package var descriptor: Int32 { socket.rawValue }

    /// 0: it is made.
    package var error: Int32 { clinux_connect_error(socket.rawValue) }

    /// Short requests only: what the socket does not take at once is lost.
    package func send(_ bytes: [UInt8]) -> Bool {
        let count = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe clinux_send(socket.rawValue, bytes.baseAddress, UInt(bytes.count))
        }
        return count == bytes.count
    }

    package enum Received {
        case nothing
        case bytes([UInt8])
        /// By the other side; with an error number, or 0.
        case closed(Int32)
    }

    package func receive() -> Received {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            unsafe clinux_read(socket.rawValue, buffer.baseAddress, UInt(buffer.count))
        }
        if count == 0 { return .closed(0) }
        if count < 0 {
            let error = clinux_errno()
            return error == 11 ? .nothing : .closed(error)
        }
        return .bytes([UInt8](buffer[0..<min(count, buffer.count)]))
    }
}

/// Sends ICMP echo requests, and hears the answers to them.
package final class EchoSocket {
    private let socket: Descriptor
    private let family: Family

    package init(_ family: Family) throws(SystemError) {
        self.family = family
        let raw = clinux_echo_socket(Int32(family.addressBits))
        socket = Descriptor(owning: try check(raw, "opening an ICMP socket"))
    }

    package var descriptor: Int32 { socket.rawValue }

    package func ask(
        _ address: IPAddress, identifier: UInt16, sequence: UInt16
    ) throws(SystemError) {
        let result = clinux_echo_send(
            socket.rawValue, Int32(family.addressBits), address.raw, identifier, sequence)
        try check(result, "sending an echo request")
    }

    /// The next answer with that identifier.
    package func next(identifier: UInt16) -> (sequence: UInt16, sender: IPAddress)? {
        var sequence: UInt16 = 0
        var sender = clinux_address()
        let found = unsafe clinux_echo_receive(
            socket.rawValue, Int32(family.addressBits), identifier, &sequence, &sender)
        return found > 0 ? (sequence, IPAddress(sender, family)) : nil
    }
}

extension Privileges {
    /// No capability, no root, no new process: for who reads what strangers write.
    package static func dropEverything(
        to account: Account, parent: Int32
    ) throws(SystemError) {
        try check(clinux_drop_everything(account.user, account.group), "dropping privileges")
        try check(clinux_forbid_processes(), "seccomp")
        try check(clinux_die_with_parent(parent), "PR_SET_PDEATHSIG")
    }
}
