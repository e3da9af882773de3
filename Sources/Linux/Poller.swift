import CLinux

/// epoll, level-triggered.
package final class Poller {
    private let epoll: Descriptor
    private var tokens = [UInt64](repeating: 0, count: 64)

    package init() throws(SystemError) {
        epoll = Descriptor(owning: try check(clinux_epoll_create(), "epoll_create1"))
    }

    package func add(_ descriptor: Int32, token: UInt64) throws(SystemError) {
        _ = try check(clinux_epoll_add(epoll.rawValue, descriptor, token), "epoll_ctl")
    }

    /// To be told when the descriptor takes more.
    package func addWritable(_ descriptor: Int32, token: UInt64) throws(SystemError) {
        _ = try check(
            clinux_epoll_add_writable(epoll.rawValue, descriptor, token), "epoll_ctl")
    }

    package func remove(_ descriptor: Int32) {
        _ = clinux_epoll_remove(epoll.rawValue, descriptor)
    }

    /// Waits; gives how many descriptors are ready, 0 at the end of the wait.
    ///
    /// - Parameter milliseconds: -1 waits for ever.
    package func wait(milliseconds: Int32) -> Int {
        let count = unsafe tokens.withUnsafeMutableBufferPointer { buffer in
            unsafe clinux_epoll_wait(
                epoll.rawValue, buffer.baseAddress, Int32(buffer.count), milliseconds)
        }
        return Int(max(count, 0))
    }

    /// The token of the ready descriptor at a position.
    package func token(_ position: Int) -> UInt64 {
        tokens.indices.contains(position) ? tokens[position] : 0
    }
}
