import Net

/// The commands that one instance or group still owes the world: one at a time, in order.
///
/// While a slow command runs, states that were passed over meanwhile are dropped and counted: what
/// runs next tells of the latest state. Remarks (a lower priority was heard, a priority changed)
/// wait their turn, bounded.
struct NotificationQueue {
    /// A command to run for a notification.
    struct Job: Hashable {
        var command: ResolvedCommand
        var notification: Notification
        /// Of the subject's notifications, from 1.
        var sequence: UInt64
    }

    private static let limit = 64

    private var waiting: [Job] = []
    private(set) var isRunning = false
    private(set) var passedOver: UInt64 = 0
    private var sequence: UInt64 = 0
    private var lastStarted: UInt64 = 0

    init() {}

    var isIdle: Bool { !isRunning && waiting.isEmpty }

    /// Queues the commands for a notification; states that nobody was told of yet give way.
    mutating func add(_ notification: Notification, _ commands: [ResolvedCommand]) {
        sequence += 1
        if notification.state.isState { dropStates() }
        for command in commands where waiting.count < NotificationQueue.limit {
            waiting.append(
                Job(command: command, notification: notification, sequence: sequence))
        }
    }

    /// The next command to start; nil while one runs or nothing waits.
    mutating func next() -> Job? {
        guard !isRunning, !waiting.isEmpty else { return nil }
        isRunning = true
        let job = waiting.removeFirst()
        lastStarted = job.sequence
        return job
    }

    mutating func finished() { isRunning = false }

    /// A state of which only a part was told (its first command runs) is told to the end.
    private mutating func dropStates() {
        var dropped: Set<UInt64> = []
        let begun = isRunning ? lastStarted : 0
        waiting.removeAll { job in
            guard job.notification.state.isState, job.sequence != begun else { return false }
            dropped.insert(job.sequence)
            return true
        }
        passedOver += UInt64(dropped.count)
    }
}

extension NotifiedState {
    /// A state that the next one makes out of date; STOP and DELETED are last words.
    var isState: Bool {
        switch self {
        case .master, .backup, .fault: true
        case .stop, .deleted, .lowerPriorityHeard, .masterPriority, .backupPriority: false
        }
    }
}
