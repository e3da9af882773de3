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

    /// When to look next.
    private(set) var nextLook: Instant
    private var suspectTurns: UInt64?

    init(at now: Instant) { nextLook = now + .seconds(2) }

    /// Of an engine whose turn ends now. What is due already, because there is much to do, is done
    /// in the next turn: it is not late before that has lasted too long.
    ///
    /// - Parameters:
    ///   - next: its next deadline, by the clock of `now`.
    ///   - monotonic: CLOCK_MONOTONIC now.
    static func deadline(of next: Instant?, at now: Instant, _ monotonic: Instant) -> Instant? {
        next.map { monotonic + max($0 - now, .zero) }
    }

    static func allowance(_ evidence: Evidence) -> Interval {
        max(
            .seconds(2),
            max(evidence.shortestMasterDownInterval, evidence.longestNetlinkWait * 2))
    }

    /// To be called at `nextLook` or later.
    mutating func look(at evidence: Evidence, now: Instant) -> Verdict {
        let wasLate = now - nextLook > Oversleep.punctual
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
