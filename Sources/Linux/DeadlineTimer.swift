import CLinux
package import Net

/// One timerfd on CLOCK_BOOTTIME, set to absolute times.
package final class DeadlineTimer {
    private let timer: Descriptor
    private var current: Instant?

    package init() throws(SystemError) {
        timer = Descriptor(owning: try check(clinux_timer_create(), "timerfd_create"))
    }

    package var descriptor: Int32 { timer.rawValue }

    /// Fires not later than that: a time that has passed at once, nil never. A later time than
    /// the one it is set to costs nothing: it fires too early then, once, and whoever waits sets
    /// it anew. A backup's deadline moves with every advertisement and seldom comes.
    package func set(_ deadline: Instant?) {
        if let current, deadline.map({ $0 >= current }) ?? true { return }
        guard deadline != current else { return }
        current = deadline
        _ = clinux_timer_set(timer.rawValue, deadline.map { max($0.nanoseconds, 1) } ?? 0)
    }

    /// To be called when the descriptor is ready.
    package func acknowledge() {
        clinux_timer_acknowledge(timer.rawValue)
        current = nil
    }
}
