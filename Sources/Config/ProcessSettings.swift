package import Net

/// How the daemon's processes run: priority, memory, processors, names.
package struct ProcessSettings: Hashable, Sendable {
    /// vrrp_priority: nice, -20...19.
    package var niceness: Int?
    /// vrrp_rt_priority: SCHED_RR, 1...99.
    package var realTimePriority: Int?
    /// vrrp_rlimit_rttime: microseconds of processor time without a pause, then the kernel ends it.
    package var realTimeLimit: Int?
    /// vrrp_cpu_affinity; empty: every processor.
    package var processors: [Int] = []
    /// vrrp_no_swap.
    package var locksMemory = false
    /// max_auto_priority: up to here real-time priority rises when the engine wakes up late; 0: never.
    package var automaticPriorityLimit = 0
    /// min_auto_priority_delay: what is late.
    package var automaticPriorityDelay = Interval.seconds(1)
    /// process_name and vrrp_process_name.
    package var keeperName: ByteString = "martletd"
    package var engineName: ByteString = "martlet-engine"

    package init() {}
}

extension Interpreter {
    /// One of the keywords about the daemon's own processes.
    mutating func processSetting(_ keyword: GlobalKeyword, _ statement: Statement) {
        var settings = globals.values.process
        switch keyword {
        case .vrrp_priority: settings.niceness = integer(statement, in: -20...19)
        case .vrrp_rt_priority: settings.realTimePriority = integer(statement, in: 1...99)
        case .vrrp_rlimit_rttime, .vrrp_rlimit_rtime:
            settings.realTimeLimit = integer(statement, in: 1...1_000_000_000)
        case .vrrp_cpu_affinity: settings.processors = processors(statement)
        case .vrrp_no_swap: settings.locksMemory = true
        case .max_auto_priority:
            settings.automaticPriorityLimit =
                statement.values.isEmpty ? 99 : max(0, integer(statement, in: -1...99) ?? 0)
        case .min_auto_priority_delay:
            if let value = integer(statement, in: 1...1_000_000_000) {
                settings.automaticPriorityDelay = .microseconds(Int64(value))
            }
        case .process_names: settings.engineName = "martletd_vrrp"
        case .process_name: settings.keeperName = processName(statement) ?? settings.keeperName
        case .vrrp_process_name:
            settings.engineName = processName(statement) ?? settings.engineName
        default: return
        }
        globals.values.process = settings
    }

    private mutating func processors(_ statement: Statement) -> [Int] {
        var result: [Int] = []
        for word in statement.values {
            if let number = integer(word, in: 0...1023, of: statement) { result.append(number) }
        }
        return result
    }

    /// The kernel keeps 15 bytes.
    private mutating func processName(_ statement: Statement) -> ByteString? {
        guard let word = statement.values.first else { return nil }
        if word.text.count > 15 {
            findings.warning(
                "long-name", "only the first 15 bytes of \(word.text) can be seen", word)
        }
        return word.text
    }
}
