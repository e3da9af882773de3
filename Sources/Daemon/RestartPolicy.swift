import Net

/// What to do when an engine is gone, and how long to wait before the next one.
struct RestartPolicy {
    enum Decision: Hashable {
        /// A new engine, which goes on being master of what the old one mastered, and counts on
        /// where it waited for a master.
        case resume(after: Interval)
        /// Resign, remove the addresses, and start a new engine after that long.
        case handOver(restartAfter: Interval)
    }

    private var lastStart: Instant?
    private var lastDeath: Instant?
    private var lastHandover: Instant?
    /// Hand-overs without a quiet hour between them.
    private(set) var handovers = 0
    /// Engines in a row that died young.
    private var youngDeaths = 0

    /// An engine that dies earlier was killed by its own start, as far as anybody can tell.
    private static let youth = Interval.milliseconds(500)

    init() {}

    mutating func engineStarted(at now: Instant) { lastStart = now }

    /// Once in ten seconds an engine may die and be resumed. Who held nothing has nothing to give
    /// away: its successor waits on for the same silence, however often it happens.
    ///
    /// - Parameter resumable: what the dead engine left can be gone on with.
    mutating func engineDied(
        at now: Instant, held: Bool, resumable: Bool, respawns: Bool
    ) -> Decision {
        defer { lastDeath = now }
        countYoungDeaths(at: now)
        let isRepeated = lastDeath.map { now - $0 < .seconds(10) } ?? false
        if respawns && resumable {
            if !held { return .resume(after: rest(at: now)) }
            if !isRepeated { return .resume(after: .zero) }
        }
        if let lastHandover, now - lastHandover > .seconds(3600) { handovers = 0 }
        handovers += 1
        lastHandover = now
        return .handOver(restartAfter: rest(at: now))
    }

    private mutating func countYoungDeaths(at now: Instant) {
        let isYoung = lastStart.map { now - $0 < RestartPolicy.youth } ?? false
        youngDeaths = isYoung ? min(youngDeaths + 1, 1_000) : 0
    }

    /// Two starts are 0.2 s apart, and 1 s after ten young deaths in a row: an engine that cannot
    /// live costs the machine little, and no address is away for long because of it.
    private func rest(at now: Instant) -> Interval {
        guard let lastStart else { return .zero }
        let distance: Interval = youngDeaths > 10 ? .seconds(1) : .milliseconds(200)
        return max(.zero, lastStart + distance - now)
    }

    /// Until when engines do not preempt: 60 s after a hand-over, doubling to an hour; nil where
    /// there was none, or it is long past.
    func preemptionPausedUntil(at now: Instant) -> Instant? {
        guard let lastHandover else { return nil }
        let pause = min(Interval.seconds(60 << Int64(min(handovers - 1, 6))), .seconds(3600))
        return now < lastHandover + pause ? lastHandover + pause : nil
    }

    /// Whether an engine that dies now may be resumed for what silence or another's resignation gave
    /// back to it in the hour after a hand-over: nobody else can hold that. One that died as soon as it had started
    /// would do nothing else again.
    func resumesWhatCameBack(at now: Instant) -> Bool {
        guard let lastHandover, now - lastHandover < .seconds(3600), let lastStart else {
            return false
        }
        return now - lastStart >= RestartPolicy.youth
    }
}
