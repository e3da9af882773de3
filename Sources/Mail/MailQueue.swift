package import Net

/// The mails that wait, in order. Pure: times are arguments.
///
/// All of them go to one server, so a failure holds up all of them: the next attempt is made after
/// 5 s, then 10, 20 … 900 s. Where the server puts off some recipients only, this letter alone waits
/// so long. At most 100 wait, each for at most a day; the oldest give way.
package struct MailQueue: Sendable {
    package static let limit = 100
    package static let patience = Interval.seconds(86_400)
    private static let firstDelay = Interval.seconds(5)
    private static let longestDelay = Interval.seconds(900)

    private struct Waiting: Hashable, Sendable {
        var letter: Letter
        var since: Instant
        var hold = Hold()
    }

    /// From one attempt to the next.
    private struct Hold: Hashable, Sendable {
        private var delay = Interval.zero
        private(set) var until: Instant?

        mutating func lengthen(at now: Instant) {
            delay = delay == .zero ? MailQueue.firstDelay : min(delay * 2, MailQueue.longestDelay)
            until = now + delay
        }

        func isOver(at now: Instant) -> Bool { until.map { $0 <= now } ?? true }
    }

    private struct Subject: Hashable, Sendable {
        var isGroup: Bool
        var name: ByteString
    }

    private var waiting: [Waiting] = []
    /// What was last told of each: the same state twice is one mail.
    private var told: [Subject: MailedState] = [:]
    /// Which of those that wait is on its way.
    private var sending: Int?
    /// Of all of them.
    private var hold = Hold()
    /// Given up: too many, or too old.
    package private(set) var dropped: UInt64 = 0

    package init() {}

    package var count: Int { waiting.count }

    /// Nothing more can be done about it now: all is sent, or the server does not take it.
    package var isQuiet: Bool {
        guard sending == nil else { return false }
        return hold.until != nil || !waiting.contains { $0.hold.until == nil }
    }

    package mutating func add(_ letter: Letter, at now: Instant) {
        let subject = Subject(isGroup: letter.isGroup, name: letter.name)
        guard told[subject] != letter.state else { return }
        told[subject] = letter.state
        if waiting.count >= MailQueue.limit {
            dropOldest()
        }
        waiting.append(Waiting(letter: letter, since: now))
    }

    /// But for the one that is on its way.
    private mutating func dropOldest() {
        let oldest = sending == 0 ? 1 : 0
        guard waiting.indices.contains(oldest) else { return }
        waiting.remove(at: oldest)
        if let sending, sending > oldest { self.sending = sending - 1 }
        dropped += 1
    }

    /// The mail to send now, if there is one.
    package mutating func next(at now: Instant) -> Letter? {
        guard sending == nil, hold.isOver(at: now) else { return nil }
        while let first = waiting.first, now - first.since >= MailQueue.patience {
            waiting.removeFirst()
            dropped += 1
        }
        sending = waiting.firstIndex { $0.hold.isOver(at: now) }
        return sending.map { waiting[$0].letter }
    }

    package mutating func finished(_ outcome: MailOutcome, at now: Instant) {
        guard let position = sending else { return }
        sending = nil
        switch outcome {
        case .delivered, .refused:
            waiting.remove(at: position)
            hold = Hold()
        case .failed: hold.lengthen(at: now)
        case .deferred(let recipients, _):
            waiting[position].letter.recipients = recipients
            waiting[position].hold.lengthen(at: now)
            hold = Hold()
        }
    }

    /// No more waiting: the settings have changed.
    package mutating func tryAgain() {
        hold = Hold()
        for position in waiting.indices { waiting[position].hold = Hold() }
    }

    /// When `next` has something, if nothing happens before.
    package var deadline: Instant? {
        guard sending == nil else { return nil }
        let moments = waiting.map { $0.hold.until ?? $0.since }
        guard let first = moments.min() else { return nil }
        return hold.until.map { max($0, first) } ?? first
    }
}
