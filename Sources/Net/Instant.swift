/// A length of time in whole nanoseconds; may be negative. Arithmetic saturates, so a foreign
/// number can never trap.
package struct Interval: Hashable, Comparable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let zero = Interval(nanoseconds: 0)
    package static func nanoseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count) }
    package static func microseconds(_ count: Int64) -> Interval { .nanoseconds(1_000) * count }
    package static func milliseconds(_ count: Int64) -> Interval { .nanoseconds(1_000_000) * count }
    package static func centiseconds(_ count: Int64) -> Interval {
        .nanoseconds(10_000_000) * count
    }
    package static func seconds(_ count: Int64) -> Interval { .nanoseconds(1_000_000_000) * count }

    package static func < (left: Interval, right: Interval) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
    package static func + (left: Interval, right: Interval) -> Interval {
        Interval(nanoseconds: saturatingSum(left.nanoseconds, right.nanoseconds))
    }
    package static func - (left: Interval, right: Interval) -> Interval {
        Interval(nanoseconds: saturatingSum(left.nanoseconds, 0 &- right.nanoseconds))
    }
    package static func * (left: Interval, factor: Int64) -> Interval {
        let (product, overflow) = left.nanoseconds.multipliedReportingOverflow(by: factor)
        if overflow {
            return Interval(nanoseconds: (left.nanoseconds < 0) == (factor < 0) ? .max : .min)
        }
        return Interval(nanoseconds: product)
    }
    /// Division towards zero; dividing by zero gives zero.
    package static func / (left: Interval, divisor: Int64) -> Interval {
        divisor == 0 ? .zero : Interval(nanoseconds: left.nanoseconds / divisor)
    }
}

/// A point on CLOCK_BOOTTIME, in nanoseconds since the machine started.
package struct Instant: Hashable, Comparable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
    package static func + (left: Instant, right: Interval) -> Instant {
        Instant(nanoseconds: saturatingSum(left.nanoseconds, right.nanoseconds))
    }
    package static func - (left: Instant, right: Interval) -> Instant {
        Instant(nanoseconds: saturatingSum(left.nanoseconds, 0 &- right.nanoseconds))
    }
    package static func - (left: Instant, right: Instant) -> Interval {
        Interval(nanoseconds: saturatingSum(left.nanoseconds, 0 &- right.nanoseconds))
    }
}

/// The earlier of two deadlines, where nil means "never".
package func earliest(_ left: Instant?, _ right: Instant?) -> Instant? {
    guard let left else { return right }
    guard let right else { return left }
    return min(left, right)
}

private func saturatingSum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? (left < 0 ? .min : .max) : sum
}

/// A time or none, in eight bytes where `Instant?` takes sixteen: what there is thousands of has
/// several. A time that cannot be, before all others, stands for none.
@propertyWrapper
package struct Eventual: Hashable, Sendable {
    private var nanoseconds = Int64.min

    package init() {}
    package init(wrappedValue: Instant?) { self.wrappedValue = wrappedValue }

    package var wrappedValue: Instant? {
        get { nanoseconds == .min ? nil : Instant(nanoseconds: nanoseconds) }
        set { nanoseconds = newValue?.nanoseconds ?? .min }
    }
}
