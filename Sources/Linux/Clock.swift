import CLinux
package import Net

/// The kernel's clocks. Nothing below Daemon reads them: time is an argument.
package enum Clock {
    /// CLOCK_BOOTTIME: goes on while the machine sleeps.
    package static func boot() -> Instant { Instant(nanoseconds: clinux_boot_time()) }

    /// CLOCK_MONOTONIC: stands still while the machine sleeps.
    package static func monotonic() -> Instant { Instant(nanoseconds: clinux_monotonic_time()) }

    /// Nanoseconds since 1970; may step.
    package static func realTime() -> Int64 { clinux_real_time() }
}

/// When a packet arrived, from the kernel's stamp, which is wall clock and may have stepped since:
/// never in the future, and never before the socket was last seen empty.
package func arrival(
    stamp: Int64, realTime: Int64, now: Instant, lastEmpty: Instant
) -> Instant {
    guard stamp > 0 else { return now }
    let oldest = now - lastEmpty
    let age = min(max(Interval(nanoseconds: realTime &- stamp), .zero), max(oldest, .zero))
    return now - age
}
