import Linux
import Net

/// Runs the check scripts of one configuration and tells the engine their results.
struct ScriptChecks {
    let generation: UInt32
    private let scripts: [ScriptEntry]
    private var schedule: ScriptSchedule
    /// Last result of each script, to tell an engine that starts anew.
    private(set) var results: [Bool?]
    /// Process group of each script that runs; 0: it does not.
    private var running: [Int32]

    init(_ table: KeeperTable, at now: Instant) {
        generation = table.generation
        scripts = table.scripts
        schedule = ScriptSchedule(
            scripts.map { (interval: $0.command == nil ? nil : $0.interval, timeout: $0.timeout) },
            at: now)
        results = [Bool?](repeating: nil, count: scripts.count)
        running = [Int32](repeating: 0, count: scripts.count)
    }

    var deadline: Instant? { schedule.deadline }
}
