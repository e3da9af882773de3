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

    /// A time that has passed fires at once; nil never. Costs nothing if it is set so already.
    package func set(_ deadline: Instant?) {
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
