import Config
import Linux
import Net

/// Notices an engine that wakes up later than the processor should let it (max_auto_priority).
struct Lateness {
    /// What a user may configure as late is never less.
    static let threshold = Interval.milliseconds(1)

    /// The deadline that the wake-up was set for.
    var expected: Instant?

    init() {}

    /// How late this wake-up is, where that is worth a word; asked once for each wake-up.
    mutating func delay(at now: Instant) -> Interval? {
        guard let due = expected else { return nil }
        expected = nil
        let delay = now - due
        return delay >= Lateness.threshold ? delay : nil
    }
}

/// Real-time priority that rises, a step at a time, while an engine keeps waking up late.
struct AutomaticPriority: Hashable {
    private(set) var current: Int

    /// - Parameter start: the configured real-time priority; 0: none.
    init(start: Int) { current = start }

    /// The new priority; nil where nothing changes.
    mutating func raise(after delay: Interval, _ settings: ProcessSettings) -> Int? {
        guard delay >= settings.automaticPriorityDelay,
            current < settings.automaticPriorityLimit
        else { return nil }
        current += 1
        return current
    }
}

// The keeper may what the engine may not any more: it sets how both run.
extension Keeper {
    /// Before the engine gave up its privileges, and again after a reload.
    func applySettings() {
        let settings = bundle.table.process
        Process.setName(settings.keeperName)
        guard let engine else { return }
        automaticPriority = AutomaticPriority(start: settings.realTimePriority ?? 0)
        attempt("vrrp_priority", settings.niceness.map { Process.setNiceness($0, of: engine.pid) })
        let realTime = settings.realTimePriority.map { Process.setRealTime($0, of: engine.pid) }
        realTimeProblem = realTime.flatMap { $0 < 0 ? 0 &- $0 : nil }
        attempt("vrrp_rt_priority", realTime)
        attempt(
            "vrrp_rlimit_rttime",
            settings.realTimeLimit.map { Process.limitRealTime($0, of: engine.pid) })
        if !settings.processors.isEmpty {
            attempt(
                "vrrp_cpu_affinity", Process.setProcessors(settings.processors, of: engine.pid))
        }
    }

    private func attempt(_ keyword: String, _ result: Int32?) {
        guard let result, result < 0 else { return }
        log.write(.warning, "\(keyword) cannot be set: \(SystemError.text(0 &- result))")
    }

    /// The engine woke up late.
    func engineWasLate(_ delay: Interval) {
        guard let engine,
            let priority = automaticPriority.raise(after: delay, bundle.table.process)
        else { return }
        let milliseconds = delay.nanoseconds / 1_000_000
        log.write(
            .warning,
            "the engine woke up \(milliseconds) ms late: real-time priority becomes \(priority)")
        attempt("max_auto_priority", Process.setRealTime(priority, of: engine.pid))
    }
}
