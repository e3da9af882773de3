import Net

/// Which virtual links are ready, and when to try again with those that could not be made.
struct VirtualLinkBook {
    /// Index of each link that has its settings, by name.
    var ready: [ByteString: Int32] = [:]
    /// Routers that let go and whose links are still up.
    var toLower: [Int] = []
    private var failures: [ByteString: (count: Int, retry: Instant)] = [:]

    var deadline: Instant? {
        var result: Instant? = nil
        for failure in failures.values { result = earliest(result, failure.retry) }
        return result
    }

    func mayTry(_ name: ByteString, at now: Instant) -> Bool {
        guard let failure = failures[name] else { return true }
        return failure.retry <= now
    }

    /// The wait before the next attempt: 1, 2, 4 ... 30 s.
    mutating func failed(_ name: ByteString, at now: Instant) -> Interval {
        let count = failures[name]?.count ?? 0
        let wait = backOff(count)
        failures[name] = (count + 1, now + wait)
        return wait
    }

    mutating func succeeded(_ name: ByteString) { failures[name] = nil }

    mutating func forget(except names: Set<ByteString>) {
        ready = ready.filter { names.contains($0.key) }
        failures = failures.filter { names.contains($0.key) }
    }
}
