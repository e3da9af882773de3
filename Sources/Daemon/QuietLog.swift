import Net

/// Keeps what a network can provoke from filling the log: the first line of each kind and source is
/// written in full, whatever follows is counted and summed up once a minute. Lines are rationed on
/// the whole too, since sources are easily forged.
struct QuietLog {
    /// What a line is about.
    struct Topic: Hashable {
        /// Whose: the virtual router's position, or -1.
        var virtualRouter: Int
        /// What: the number of a discard or remark.
        var kind: Int
        var source: IPAddress
    }

    /// Something that happened again and was not written.
    struct Summary: Hashable {
        var topic: Topic
        var count: UInt64
    }

    static let period = Interval.seconds(60)
    /// Topics that are told apart; what is beyond is only counted as a whole.
    static let capacity = 64
    /// Lines in full within one period.
    static let ration = 8

    private struct Entry {
        var topic: Topic
        var quiet: UInt64 = 0
    }

    private var entries: [Entry] = []
    private var written = 0
    /// Beyond the capacity.
    private(set) var others: UInt64 = 0
    /// When the next summary is due; nil while there is nothing to tell.
    private(set) var deadline: Instant?

    init() {}

    /// What happened within this period or the last.
    var topics: [Topic] { entries.map { $0.topic } }

    /// Whether to write it in full.
    mutating func isWorthALine(_ topic: Topic, at now: Instant) -> Bool {
        if deadline == nil { deadline = now + QuietLog.period }
        if let place = entries.firstIndex(where: { $0.topic == topic }) {
            entries[place].quiet += 1
            return false
        }
        guard entries.count < QuietLog.capacity else {
            others += 1
            return false
        }
        let isWritten = written < QuietLog.ration
        entries.append(Entry(topic: topic, quiet: isWritten ? 0 : 1))
        if isWritten { written += 1 }
        return isWritten
    }

    /// What a minute brought: at most as many as the ration, the rest as a sum. A topic that was
    /// quiet for a whole period is forgotten, and would be written in full again.
    mutating func summaries(at now: Instant) -> (told: [Summary], untold: UInt64)? {
        guard let due = deadline, due <= now else { return nil }
        var told: [Summary] = []
        var untold = others
        for entry in entries where entry.quiet > 0 {
            if told.count < QuietLog.ration {
                told.append(Summary(topic: entry.topic, count: entry.quiet))
            } else {
                untold += entry.quiet
            }
        }
        entries.removeAll { $0.quiet == 0 }
        for place in entries.indices { entries[place].quiet = 0 }
        others = 0
        written = 0
        deadline = entries.isEmpty ? nil : now + QuietLog.period
        return (told, untold)
    }

    /// Positions of virtual routers have changed their meaning.
    mutating func forget() { self = QuietLog() }
}
