import Net

/// The check scripts of one configuration: when they run, and what they said last.
struct ScriptChecks {
    let generation: UInt32
    private let scripts: [ScriptEntry]
    private var schedule: ScriptSchedule
    /// The last result of each, for an engine that starts anew; nil before the first.
    private(set) var results: [Bool?]

    init(_ table: KeeperTable, at now: Instant) {
        generation = table.generation
        scripts = table.scripts
        var lines: [(interval: Interval?, timeout: Interval)] = []
        for script in table.scripts {
            let interval = script.command == nil ? nil : script.interval
            lines.append((interval: interval, timeout: script.timeout))
        }
        schedule = ScriptSchedule(lines, at: now)
        results = [Bool?](repeating: nil, count: scripts.count)
    }

    var deadline: Instant? { schedule.deadline }

    mutating func due(at now: Instant) -> [ScriptSchedule.Action] {
        guard let deadline, deadline <= now else { return [] }
        return schedule.due(at: now)
    }

    mutating func ended(_ index: Int, at now: Instant) -> Bool {
        schedule.ended(index, at: now)
    }

    mutating func remember(_ index: Int, _ success: Bool) {
        if results.indices.contains(index) { results[index] = success }
    }

    func command(_ index: Int) -> ResolvedCommand? {
        scripts.indices.contains(index) ? scripts[index].command : nil
    }

    func name(_ index: Int) -> ByteString {
        scripts.indices.contains(index) ? scripts[index].name : ""
    }

    /// The same script as before keeps what it said.
    mutating func keepResults(of old: ScriptChecks) {
        for (index, script) in scripts.enumerated() {
            for (oldIndex, oldScript) in old.scripts.enumerated()
            where oldScript.name == script.name && oldScript.command == script.command {
                results[index] = old.results[oldIndex]
            }
        }
    }
}
