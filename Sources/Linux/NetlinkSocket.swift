import CLinux
import CNetlink
import Net

/// A netlink socket that never blocks a reader.
@safe
final class NetlinkSocket {
    /// One step of reading.
    enum Step {
        /// A datagram of the kernel's was handed over, or a stranger's dropped.
        case read
        case empty
        /// ENOBUFS, or a datagram beyond all measure: the kernel had more to say than the buffer
        /// held, and what was lost is unknown.
        case overflowed
        /// Any other errno.
        case failed(Int32)
    }

    private let socket: OpaquePointer
    let descriptor: Int32
    /// By this the kernel and others name the socket.
    let port: UInt32
    /// Lives as long as the socket; pages that nothing was ever read into cost no memory.
    private let room: UnsafeMutablePointer<UInt8>
    private static let roomSize = 16 << 10

    /// `family`: NETLINK_ROUTE or NETLINK_NETFILTER.
    init(_ family: Int32 = NETLINK_ROUTE, receiveBuffer: Int32) throws(SystemError) {
        guard let socket = unsafe nl_socket_alloc() else {
            throw SystemError("nl_socket_alloc", code: ENOMEM)
        }
        guard unsafe nl_connect(socket, family) == 0 else {
            let error = cnetlink_errno()
            unsafe nl_socket_free(socket)
            throw SystemError("nl_connect", code: error)
        }
        unsafe self.socket = socket
        descriptor = unsafe nl_socket_get_fd(socket)
        port = unsafe nl_socket_get_local_port(socket)
        unsafe room = UnsafeMutablePointer.allocate(capacity: NetlinkSocket.roomSize)
        _ = unsafe nl_socket_set_nonblocking(socket)
        _ = cnetlink_set_receive_buffer(descriptor, receiveBuffer)
    }

    /// Goes on with a socket that another process opened and left; what was sent to that one is
    /// thrown away.
    init(_ family: Int32, adopting adopted: Descriptor) throws(SystemError) {
        let own = clinux_duplicate(adopted.rawValue)
        try check(own, "duplicating a netlink socket")
        guard let socket = unsafe nl_socket_alloc() else {
            clinux_close(own)
            throw SystemError("nl_socket_alloc", code: ENOMEM)
        }
        guard unsafe nl_socket_set_fd(socket, family, own) == 0 else {
            unsafe nl_socket_free(socket)
            clinux_close(own)
            throw SystemError("nl_socket_set_fd", code: EBADF)
        }
        unsafe self.socket = socket
        descriptor = own
        port = unsafe nl_socket_get_local_port(socket)
        unsafe room = UnsafeMutablePointer.allocate(capacity: NetlinkSocket.roomSize)
        while case .read = receive({ _ in }) {}
    }

    deinit {
        unsafe nl_socket_free(socket)
        unsafe room.deallocate()
    }

    /// `group`: RTNLGRP_…
    func join(_ group: Int32) throws(SystemError) {
        guard unsafe nl_socket_add_membership(socket, group) == 0 else {
            throw SystemError("nl_socket_add_membership", code: cnetlink_errno())
        }
    }

    /// 0 or an errno. The kernel works on requests within this call: when it returns, all
    /// acknowledgements wait to be read.
    func send(_ messages: inout [UInt8]) -> Int32 {
        let count = messages.count
        let result = unsafe nl_sendto(socket, &messages, count)
        return result < 0 ? cnetlink_errno() : 0
    }

    /// Reads one datagram. `body` sees only what the kernel itself sent: any process may send to
    /// a netlink socket, but only the kernel has port 0.
    func receive(_ body: (Span<UInt8>) -> Void) -> Step {
        var sender: UInt32 = 0
        let size = NetlinkSocket.roomSize
        let count = unsafe cnetlink_receive(descriptor, room, UInt(size), &sender)
        guard count > 0 else { return step(forResult: count) }
        guard count <= size else { return sender == 0 ? .overflowed : .read }
        if sender == 0 {
            body(unsafe UnsafeBufferPointer(start: room, count: count).span)
        }
        return .read
    }

    private func step(forResult result: Int) -> Step {
        switch Int32(truncatingIfNeeded: 0 &- result) {
        // A datagram without bytes, which only a stranger sends.
        case 0: return .read
        case EAGAIN: return .empty
        case ENOBUFS: return .overflowed
        case let code: return .failed(code)
        }
    }
}
