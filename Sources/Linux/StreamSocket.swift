import CLinux
package import Net

/// A socket in the file system that others connect to.
package final class StreamListener {
    private let socket: Descriptor
    private let path: ByteString

    package enum Accepted {
        case client(StreamSocket)
        case nobody
        /// Of ours: no descriptor is left, for instance.
        case failed
    }

    /// EADDRINUSE (98): a running process listens there, or it is no socket.
    ///
    /// - Parameter mode: permissions of its file, whatever the umask.
    package init(_ path: ByteString, mode: Int32) throws(SystemError) {
        self.path = path
        let raw = unsafe path.withCText { unsafe clinux_stream_listen($0, mode) }
        socket = Descriptor(owning: try check(raw, "listen"))
    }

    package var descriptor: Int32 { socket.rawValue }

    package func accept() -> Accepted {
        let raw = clinux_stream_accept(socket.rawValue)
        if raw >= 0 { return .client(StreamSocket(owning: raw)) }
        switch clinux_errno() {
        // EAGAIN, EINTR, ECONNABORTED.
        case 11, 4, 103: return .nobody
        default: return .failed
        }
    }

    package func remove() { Files.remove(path) }
}

/// One end of a connection.
package final class StreamSocket {
    private let socket: Descriptor

    package enum Received {
        case bytes([UInt8])
        case nothing
        /// The other end sends no more, or is gone.
        case end
    }

    init(owning raw: Int32) { socket = Descriptor(owning: raw) }

    /// - Parameter seconds: how long each wait may be.
    package init(connectingTo path: ByteString, patience seconds: Int32) throws(SystemError) {
        let raw = unsafe path.withCText { unsafe clinux_stream_connect($0, seconds) }
        socket = Descriptor(owning: try check(raw, "connect"))
    }

    package var descriptor: Int32 { socket.rawValue }

    package func receive(atMost limit: Int) -> Received {
        var part = [UInt8](repeating: 0, count: limit)
        let count = unsafe part.withUnsafeMutableBufferPointer { part in
            unsafe clinux_stream_receive(socket.rawValue, part.baseAddress, UInt(part.count))
        }
        if count > 0 { return .bytes([UInt8](part.prefix(count))) }
        // EAGAIN.
        return count < 0 && clinux_errno() == 11 ? .nothing : .end
    }

    /// How many bytes were taken; nil: none will be.
    package func send(_ bytes: ArraySlice<UInt8>) -> Int? {
        let count = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe clinux_stream_send(socket.rawValue, bytes.baseAddress, UInt(bytes.count))
        }
        return count < 0 ? nil : count
    }

    /// Nothing more is sent.
    package func finish() { clinux_stream_finish(socket.rawValue) }

    package func waitWhenSending(milliseconds: Int32) {
        clinux_stream_set_patience(socket.rawValue, milliseconds)
    }
}
