import Net

/// An instance or group, by its name: what it is called survives a reload, its position may not.
struct Subject: Hashable {
    var isGroup: Bool
    var name: ByteString
}

/// What the world was told last of an instance or a group.
struct ToldState: Hashable {
    var state: NotifiedState
    var priority: UInt8
    /// It was stopped or removed since.
    var isOver = false
}

/// The queues of all instances and groups.
struct Notifier {
    private struct Line {
        var queue = NotificationQueue()
        var entry: SubjectEntry
        var started: Instant?
        var isWarned = false
        var isTimedOut = false
        /// Of those passed over, how many were spoken of.
        var told: UInt64 = 0
    }

    private static let patience = Interval.seconds(30)

    private var lines: [Subject: Line] = [:]
    /// notify_timeout; nil: commands may take as long as they like.
    var timeout: Interval?

    init() {}

    mutating func add(_ notification: Notification, _ entry: SubjectEntry) {
        let commands = entry.commands(for: notification)
        guard !commands.isEmpty else { return }
        let subject = Subject(isGroup: notification.isGroup, name: entry.name)
        var line = lines[subject] ?? Line(entry: entry)
        line.entry = entry
        line.queue.add(notification, commands)
        lines[subject] = line
    }

    /// Something to start now: whose, what, and its environment.
    mutating func next(at now: Instant) -> (Subject, NotificationQueue.Job, [ByteString])? {
        for (subject, line) in lines {
            var line = line
            guard let job = line.queue.next() else { continue }
            line.started = now
            line.isWarned = false
            line.isTimedOut = false
            lines[subject] = line
            let extra = line.entry.environment(for: job.notification, sequence: job.sequence)
            return (subject, job, extra)
        }
        return nil
    }

    /// Gives how many states were passed over since this was last asked.
    @discardableResult
    mutating func finished(_ subject: Subject) -> UInt64 {
        guard var line = lines[subject] else { return 0 }
        line.queue.finished()
        line.started = nil
        let count = line.queue.passedOver - line.told
        line.told = line.queue.passedOver
        lines[subject] = line
        return count
    }

    var isIdle: Bool {
        for line in lines.values where !line.queue.isIdle { return false }
        return true
    }

    /// When the next command will have run for too long.
    var deadline: Instant? {
        var result: Instant? = nil
        for line in lines.values {
            guard let started = line.started else { continue }
            if !line.isWarned { result = earliest(result, started + Notifier.patience) }
            if let timeout, !line.isTimedOut { result = earliest(result, started + timeout) }
        }
        return result
    }

    /// Those whose command has run for 30 s, each once.
    mutating func overdue(at now: Instant) -> [Subject] {
        var result: [Subject] = []
        for (subject, line) in lines where !line.isWarned {
            guard let started = line.started, now - started >= Notifier.patience else { continue }
            lines[subject]?.isWarned = true
            result.append(subject)
        }
        return result
    }

    /// Those whose command has run for longer than notify_timeout, each once.
    mutating func timedOut(at now: Instant) -> [Subject] {
        guard let timeout else { return [] }
        var result: [Subject] = []
        for (subject, line) in lines where !line.isTimedOut {
            guard let started = line.started, now - started >= timeout else { continue }
            lines[subject]?.isTimedOut = true
            result.append(subject)
        }
        return result
    }
}
