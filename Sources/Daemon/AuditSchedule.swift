import Net

/// When everything that is held is compared with everything that is there, though no notice asked
/// for it: once a minute, so that a notice that never came does its harm for a minute and not for
/// ever. It has no wake-up of its own: who masters wakes up to advertise, and who does not hears a
/// master.
struct AuditSchedule {
    private static let interval = Interval.seconds(60)
    /// A comparison of thousands of addresses takes some milliseconds: not just before something
    /// that has to be on time.
    private static let room = Interval.milliseconds(20)

    /// While others change the kernel all the time no comparison tells all: notices do, and it is
    /// tried again ever more rarely.
    private static let shortestPause = Interval.milliseconds(200)

    private var due: Instant?
    /// When everything is compared again, because the last time told not all.
    private(set) var retryDue: Instant?
    private var pause = Self.shortestPause

    init() {}

    mutating func toldNotAll(at now: Instant) {
        retryDue = now + pause
        pause = min(pause * 2, Self.interval)
    }

    mutating func succeeded() {
        retryDue = nil
        pause = Self.shortestPause
    }

    /// - Parameter next: when the next thing is to be done.
    mutating func begins(at now: Instant, next: Instant?) -> Bool {
        guard let due else {
            self.due = now + Self.interval
            return false
        }
        guard now >= due else { return false }
        // Where nothing ever leaves room, it is a minute later.
        if let next, next - now < Self.room, now < due + Self.interval { return false }
        self.due = now + Self.interval
        return true
    }
}
