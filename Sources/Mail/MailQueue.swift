package import Net

/// The mails that wait, in order. Pure: times are arguments.
///
/// All of them go to one server, so a failure holds up all of them: the next attempt is made after
/// 5 s, then 10, 20 … 900 s. At most 100 wait, each for at most a day; the oldest give way.
package struct MailQueue: Sendable {
    package static let limit = 100
    package static let patience = Interval.seconds(86_400)
    private static let firstDelay = Interval.seconds(5)
    private static let longestDelay = Interval.seconds(900)

    private struct Waiting: Hashable, Sendable {
        var letter: Letter
        var since: Instant
    }

    private struct Subject: Hashable, Sendable {
        var isGroup: Bool
        var name: ByteString
    }

    private var waiting: [Waiting] = []
    /// What was last told of each: the same state twice is one mail.
    private var told: [Subject: MailedState] = [:]
    private var isSending = false
    private var delay = Interval.zero
    private var notBefore: Instant?
    /// Given up: too many, or too old.
    package private(set) var dropped: UInt64 = 0

    package init() {}

    package var count: Int { waiting.count }

    /// Nothing more can be done about it now: all is sent, or the server does not take it.
    package var isQuiet: Bool { !isSending && (waiting.isEmpty || notBefore != nil) }

    package mutating func add(_ letter: Letter, at now: Instant) {
        let subject = Subject(isGroup: letter.isGroup, name: letter.name)
        guard told[subject] != letter.state else { return }
        told[subject] = letter.state
        if waiting.count >= MailQueue.limit {
            // The first may be on its way.
            waiting.remove(at: isSending ? 1 : 0)
            dropped += 1
        }
        waiting.append(Waiting(letter: letter, since: now))
    }

    /// The mail to send now, if there is one.
    package mutating func next(at now: Instant) -> Letter? {
        guard !isSending else { return nil }
        if let notBefore, now < notBefore { return nil }
        while let first = waiting.first, now - first.since >= MailQueue.patience {
            waiting.removeFirst()
            dropped += 1
        }
        guard let first = waiting.first else { return nil }
        isSending = true
        return first.letter
    }

    package mutating func finished(_ outcome: MailOutcome, at now: Instant) {
        guard isSending else { return }
        isSending = false
        switch outcome {
        case .delivered, .refused:
            waiting.removeFirst()
            tryAgain()
        case .failed:
            delay = delay == .zero ? MailQueue.firstDelay : min(delay * 2, MailQueue.longestDelay)
            notBefore = now + delay
        }
    }

    /// No more waiting: the settings have changed.
    package mutating func tryAgain() {
        delay = .zero
        notBefore = nil
    }

    /// When `next` has something, if nothing happens before.
    package var deadline: Instant? {
        guard !isSending, let first = waiting.first else { return nil }
        return notBefore ?? first.since
    }
}
