import Net

/// What to do when an engine is gone, and how long to wait before the next one.
struct RestartPolicy {
    enum Decision: Hashable {
        /// A new engine at once, which goes on being master.
        case resume
        /// Resign, remove the addresses, and start a new engine after that long.
        case handOver(restartAfter: Interval)
    }

    private var lastStart: Instant?
    private var lastDeath: Instant?
    private var lastHandover: Instant?
    /// Hand-overs without a quiet hour between them.
    private var handovers = 0

    init() {}

    mutating func engineStarted(at now: Instant) { lastStart = now }

    /// Once in ten seconds an engine may die and be resumed.
    mutating func engineDied(at now: Instant, hung: Bool, respawns: Bool) -> Decision {
        defer { lastDeath = now }
        let isRepeated = lastDeath.map { now - $0 < .seconds(10) } ?? false
        guard hung || isRepeated || !respawns else { return .resume }
        if let lastHandover, now - lastHandover > .seconds(3600) { handovers = 0 }
        handovers += 1
        lastHandover = now
        return .handOver(restartAfter: .seconds(1 << Int64(min(handovers - 1, 6))))
    }

    /// Until when engines do not preempt: 60 s after a hand-over, doubling to an hour; nil where
    /// there was none, or it is long past.
    func preemptionPausedUntil(at now: Instant) -> Instant? {
        guard let lastHandover else { return nil }
        let pause = min(Interval.seconds(60 << Int64(min(handovers - 1, 6))), .seconds(3600))
        return now < lastHandover + pause ? lastHandover + pause : nil
    }

    /// Whether an engine that dies now may be resumed for what it took over from silence, in the
    /// hour after a hand-over: nobody else can hold that. One that died as soon as it had started
    /// would do nothing else again.
    func resumesWhatSilenceGave(at now: Instant) -> Bool {
        guard let lastHandover, now - lastHandover < .seconds(3600), let lastStart else {
            return false
        }
        return now - lastStart >= .milliseconds(500)
    }
}
