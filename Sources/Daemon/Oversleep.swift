import Net

/// Notices that a process slept longer than it wanted to: it was stopped, or the whole machine was.
/// What others did meanwhile it has not seen, and it must not judge them by the time that went by.
struct Oversleep {
    /// Later than that is no matter of a busy processor alone.
    static let punctual = Interval.milliseconds(100)

    private var asleepSince: Instant?
    private var due: Instant?

    init() {}

    /// - Parameter due: when it wants to be woken; nil: whenever.
    mutating func fallAsleep(at now: Instant, until due: Instant?) {
        asleepSince = now
        self.due = due
    }

    /// Since when nobody looked, where it wakes up too late.
    func lateSince(at now: Instant) -> Instant? {
        guard let asleepSince, let due else { return nil }
        return now - max(due, asleepSince) > Oversleep.punctual ? asleepSince : nil
    }
}
