import Net

/// Decides from what the engine publishes whether it hangs. Times are CLOCK_MONOTONIC: a machine
/// that slept is no hang.
///
/// Hung is: past its own deadline by the allowance, seen at two wake-ups of the keeper that were
/// themselves on time and 200 ms apart. A keeper that was late itself was stopped together with the
/// engine, and starts to look anew.
struct HangDetector {
    struct Evidence: Hashable {
        /// The engine's next deadline; nil: it waits for nothing.
        var deadline: Instant?
        var turns: UInt64
        var longestNetlinkWait: Interval
        /// Zero: it masters nothing.
        var shortestMasterDownInterval: Interval
    }

    enum Verdict: Hashable {
        case alive
        /// Past the allowance once: look again after 200 ms.
        case suspicious
        case hung
    }

    static let recheck = Interval.milliseconds(200)
    private static let punctual = Interval.milliseconds(100)

    /// When to look next.
    private(set) var nextLook: Instant
    private var suspectTurns: UInt64?

    init(at now: Instant) { nextLook = now + .seconds(2) }

    static func allowance(_ evidence: Evidence) -> Interval {
        max(
            .seconds(2),
            max(evidence.shortestMasterDownInterval, evidence.longestNetlinkWait * 2))
    }

    /// To be called at `nextLook` or later.
    mutating func look(at evidence: Evidence, now: Instant) -> Verdict {
        let wasLate = now - nextLook > HangDetector.punctual
        guard let deadline = evidence.deadline else {
            return settle(.alive, next: now + .seconds(2))
        }
        let limit = deadline + HangDetector.allowance(evidence)
        guard now >= limit else {
            return settle(.alive, next: max(limit, now + HangDetector.recheck))
        }
        if let suspectTurns, suspectTurns == evidence.turns, !wasLate {
            return .hung
        }
        suspectTurns = evidence.turns
        nextLook = now + HangDetector.recheck
        return .suspicious
    }

    private mutating func settle(_ verdict: Verdict, next: Instant) -> Verdict {
        suspectTurns = nil
        nextLook = next
        return verdict
    }
}

/// What to do when an engine is gone, and how long to wait before the next one.
struct RestartPolicy {
    enum Decision: Hashable {
        /// A new engine at once, which goes on being master.
        case resume
        /// Resign, remove the addresses, and start a new engine after that long.
        case handOver(restartAfter: Interval)
    }

    private var lastDeath: Instant?
    private var failures = 0

    init() {}

    /// Once in ten seconds an engine may die and be resumed.
    mutating func engineDied(at now: Instant, hung: Bool, respawns: Bool) -> Decision {
        defer { lastDeath = now }
        let isRepeated = lastDeath.map { now - $0 < .seconds(10) } ?? false
        guard hung || isRepeated || !respawns else {
            failures = 0
            return .resume
        }
        failures += 1
        return .handOver(restartAfter: .seconds(1 << Int64(min(failures - 1, 6))))
    }

    /// For how long an engine that starts after a hand-over does not preempt: 60 s, doubling to an
    /// hour; zero while none was handed over.
    var preemptionPause: Interval {
        guard failures > 0 else { return .zero }
        return min(.seconds(60 << Int64(min(failures - 1, 6))), .seconds(3600))
    }
}
