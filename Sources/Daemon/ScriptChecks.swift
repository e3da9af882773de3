import Net

/// The check scripts of one configuration: when they run, and what they said last.
struct ScriptChecks {
    let generation: UInt32
    private let scripts: [ScriptEntry]
    /// By script: what its processes are known by. A script that a reload does not touch keeps it.
    private(set) var identities: [UInt64] = []
    private var schedule: ScriptSchedule
    /// The last result of each, for an engine that starts anew; nil before the first.
    private(set) var results: [ScriptReport?]
    private var startedAt: [Instant]
    private var nextIdentity: UInt64

    /// - Parameter old: what ran before; a script with the same name and command goes on, its
    ///   running process, rhythm and last result included.
    init(_ table: KeeperTable, continuing old: ScriptChecks? = nil, at now: Instant) {
        generation = table.generation
        scripts = table.scripts
        nextIdentity = old?.nextIdentity ?? 0
        var lines: [(interval: Interval?, timeout: Interval)] = []
        for script in table.scripts {
            let interval = script.command == nil ? nil : script.interval
            lines.append((interval: interval, timeout: script.timeout))
        }
        schedule = ScriptSchedule(lines, at: now)
        results = [ScriptReport?](repeating: nil, count: scripts.count)
        startedAt = [Instant](repeating: now, count: scripts.count)
        for (index, script) in scripts.enumerated() {
            if let old, let previous = old.position(of: script) {
                identities.append(old.identities[previous])
                schedule.take(index, from: old.schedule, previous)
                results[index] = old.results[previous]
                startedAt[index] = old.startedAt[previous]
            } else {
                nextIdentity += 1
                identities.append(nextIdentity)
            }
        }
    }

    private func position(of script: ScriptEntry) -> Int? {
        for (index, candidate) in scripts.enumerated()
        where candidate.name == script.name && candidate.command == script.command
            && candidate.check == script.check
        {
            return index
        }
        return nil
    }

    func position(of identity: UInt64) -> Int? {
        for (index, candidate) in identities.enumerated() where candidate == identity {
            return index
        }
        return nil
    }

    var deadline: Instant? { schedule.deadline }

    mutating func due(at now: Instant) -> [ScriptSchedule.Action] {
        guard let deadline, deadline <= now else { return [] }
        let actions = schedule.due(at: now)
        for case .start(let index) in actions { startedAt[index] = now }
        return actions
    }

    /// It could not be started now, which says nothing about what it asks: the last result stays.
    mutating func postpone(_ index: Int, at now: Instant) {
        let isFirst = results.indices.contains(index) && results[index] == nil
        schedule.postpone(index, at: now, isUrgent: isFirst)
    }

    /// Their time is up, unless they have ended already.
    func overdue(at now: Instant) -> [Int] { schedule.overdue(at: now) }

    /// See `ScriptSchedule.makeUp`.
    mutating func makeUp(from then: Instant, to now: Instant) {
        schedule.makeUp(from: then, to: now)
    }

    mutating func ended(_ index: Int, at now: Instant) -> Bool {
        schedule.ended(index, at: now)
    }

    /// It was told to end, and has not yet.
    func isEnding(_ index: Int) -> Bool { schedule.isEnding(index) }

    func duration(of index: Int, at now: Instant) -> Interval {
        startedAt.indices.contains(index) ? now - startedAt[index] : .zero
    }

    mutating func remember(_ index: Int, _ report: ScriptReport) {
        if results.indices.contains(index) { results[index] = report }
    }

    func command(_ index: Int) -> ResolvedCommand? {
        scripts.indices.contains(index) ? scripts[index].command : nil
    }

    /// Positions of the built-in checks.
    var builtIn: [Int] { scripts.indices.filter { scripts[$0].check != nil } }

    /// What the checker has to do.
    var checkerTasks: [CheckerTask] {
        var tasks: [CheckerTask] = []
        for (index, script) in scripts.enumerated() {
            guard let check = script.check else { continue }
            tasks.append(
                CheckerTask(
                    identity: identities[index], check: check, interval: script.interval,
                    timeout: script.timeout))
        }
        return tasks
    }

    func name(_ index: Int) -> ByteString {
        scripts.indices.contains(index) ? scripts[index].name : ""
    }
}
