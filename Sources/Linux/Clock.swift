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

    /// "2026-11-25 10:42:08" in local time.
    ///
    /// - Parameter seconds: since 1970.
    package static func localText(_ seconds: Int64) -> ByteString {
        var text = [CChar](repeating: 0, count: 32)
        unsafe text.withUnsafeMutableBufferPointer { text in
            unsafe clinux_local_time_of(seconds, text.baseAddress, UInt(text.count))
        }
        return ByteString(text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
    }
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
