import CLinux

/// The kernel's process connector: who starts, becomes another program, and ends. Only in the
/// machine's own process namespace. The kernel tells only sockets of the initial network namespace,
/// so one is fetched from there where we run in another (`-s`). Nobody is told where there is
/// nothing to be had, so it counts only once the kernel has confirmed it.
package final class ProcessEvents {
    package enum Change: Hashable {
        /// The kernel confirms that events come.
        case listening
        /// New, or another program than before.
        case changed(Int32)
        case gone(Int32)
        /// Events were lost.
        case lost
    }

    private let socket: Descriptor

    package init() throws(SystemError) {
        socket = Descriptor(owning: try check(clinux_process_events(), "the process connector"))
    }

    package var descriptor: Int32 { socket.rawValue }

    package func next() -> Change? {
        var pid: Int32 = 0
        let change = unsafe clinux_process_next(socket.rawValue, &pid)
        switch clinux_process_change(UInt32(max(change, 0))) {
        case CLINUX_PROCESS_LISTENING: return .listening
        case CLINUX_PROCESS_CHANGED: return .changed(pid)
        case CLINUX_PROCESS_GONE: return .gone(pid)
        case CLINUX_PROCESS_LOST: return .lost
        default: return nil
        }
    }
}
