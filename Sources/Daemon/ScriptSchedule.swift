import Net

/// When check scripts start, and when one that takes too long is ended. Pure: `ScriptRunner` acts.
///
/// A script starts at once and then every interval, on the rhythm of its start; where there are
/// many, the second start comes earlier for some, so that they spread over the interval. A turn at which it
/// still runs is skipped. At its timeout it has failed: its process group is terminated, and killed
/// two seconds later if that did not help. Where nobody looked for a while, because the daemon itself
/// stood still, it gets that time back: as long as its timeout in all.
///
/// To start a script takes its time where the machine is busy, and meanwhile nobody is buried and
/// the engine is not watched: only so many are started in one turn of the loop, each in its turn.
struct ScriptSchedule {
    enum Action: Hashable {
        case start(Int)
        /// SIGTERM to the group; the result is failure already.
        case terminate(Int)
        /// SIGKILL to the group.
        case kill(Int)
    }

    fileprivate enum Phase {
        case waiting
        case running(timeout: Instant)
        case terminating(kill: Instant)
    }

    fileprivate struct Line {
        var interval: Interval
        var timeout: Interval
        var nextStart: Instant
        /// Of the second start, which is so much earlier.
        var lead = Interval.zero
        var phase = Phase.waiting
        /// What this run can get back at most.
        var credit = Interval.zero
    }

    fileprivate static let grace = Interval.seconds(2)

    /// So many scripts may start in one moment.
    private static let crowd = 8

    private var lines: [Line]
    /// Where to look first, so that in a crowd everybody's turn comes.
    private var first = 0

    /// Scripts that must not run have an interval of nil.
    init(_ scripts: [(interval: Interval?, timeout: Interval)], at now: Instant) {
        lines = []
        for script in scripts {
            let never = Instant(nanoseconds: .max)
            let interval = max(script.interval ?? .seconds(1), .milliseconds(1))
            lines.append(
                Line(
                    interval: interval, timeout: script.timeout,
                    nextStart: script.interval == nil ? never : now))
        }
        if lines.count > ScriptSchedule.crowd { spread() }
    }

    private mutating func spread() {
        for index in lines.indices {
            let share = lines[index].interval / Int64(lines.count)
            lines[index].lead = share * Int64(index)
        }
    }

    var deadline: Instant? {
        var result: Instant? = nil
        for line in lines {
            switch line.phase {
            case .waiting: result = earliest(result, line.nextStart)
            case .running(let timeout): result = earliest(result, timeout)
            case .terminating(let kill): result = earliest(result, kill)
            }
        }
        return result
    }

    /// What is to be done now, each script at most once. Where more have to start than may start at
    /// once, the deadline stays past.
    mutating func due(at now: Instant) -> [Action] {
        var actions: [Action] = []
        var started = 0
        for offset in lines.indices {
            let index = (first + offset) % lines.count
            if lines[index].isStart && started == ScriptSchedule.crowd { continue }
            switch lines[index].due(at: now) {
            case .start:
                actions.append(.start(index))
                started += 1
                if started == ScriptSchedule.crowd { first = (index + 1) % lines.count }
            case .terminate: actions.append(.terminate(index))
            case .kill: actions.append(.kill(index))
            case nil: break
            }
        }
        return actions
    }

    /// A script that was due could not be started: it waits for its next turn.
    ///
    /// - Parameter isUrgent: for a second at most; nothing is known of it yet.
    mutating func postpone(_ index: Int, at now: Instant, isUrgent: Bool) {
        guard ended(index, at: now), isUrgent else { return }
        lines[index].nextStart = min(lines[index].nextStart, now + .seconds(1))
    }

    /// Those whose time is up. Whoever asks looks first whether they have ended by themselves.
    func overdue(at now: Instant) -> [Int] {
        lines.indices.filter { lines[$0].isOverdue(at: now) }
    }

    /// Nobody looked from then until now: what runs has as much time left as it had then.
    mutating func makeUp(from then: Instant, to now: Instant) {
        for index in lines.indices { lines[index].makeUp(from: then, to: now) }
    }

    /// A script's process has ended (or could not be started). True if its result counts: after a
    /// timeout the failure was told already.
    mutating func ended(_ index: Int, at now: Instant) -> Bool {
        guard lines.indices.contains(index) else { return false }
        var counts = true
        if case .terminating = lines[index].phase { counts = false }
        lines[index].phase = .waiting
        lines[index].skipMissedTurns(at: now)
        return counts
    }

    /// Goes on as a line of another schedule did: what runs is not started again. The rhythm stays
    /// if the interval is the same.
    mutating func take(_ index: Int, from old: ScriptSchedule, _ previous: Int) {
        guard lines.indices.contains(index), old.lines.indices.contains(previous) else { return }
        lines[index].phase = old.lines[previous].phase
        if lines[index].interval == old.lines[previous].interval {
            lines[index].nextStart = old.lines[previous].nextStart
            lines[index].lead = .zero
        }
    }

    /// Told to end, but not gone yet.
    func isEnding(_ index: Int) -> Bool {
        guard lines.indices.contains(index) else { return false }
        if case .terminating = lines[index].phase { return true }
        return false
    }

    fileprivate enum Step { case start, terminate, kill }
}

extension ScriptSchedule.Line {
    /// What comes next is a start.
    fileprivate var isStart: Bool {
        if case .waiting = phase { return true }
        return false
    }

    fileprivate func isOverdue(at now: Instant) -> Bool {
        guard case .running(let deadline) = phase else { return false }
        return deadline <= now
    }

    /// Within bounds: on a machine that is too busy to be ever on time a script that hangs must fail
    /// at last.
    fileprivate mutating func makeUp(from then: Instant, to now: Instant) {
        guard case .running(let deadline) = phase, then < now else { return }
        let left = max(deadline - then, .zero)
        let earliest = max(deadline, now)
        let more = min(now + left - earliest, credit)
        credit = credit - more
        phase = .running(timeout: earliest + more)
    }

    fileprivate mutating func due(at now: Instant) -> ScriptSchedule.Step? {
        switch phase {
        case .waiting:
            guard nextStart <= now else { return nil }
            skipMissedTurns(at: now)
            nextStart = nextStart + interval - lead
            lead = .zero
            phase = .running(timeout: now + timeout)
            credit = timeout
            return .start
        case .running(let deadline):
            guard deadline <= now else { return nil }
            phase = .terminating(kill: now + ScriptSchedule.grace)
            return .terminate
        case .terminating(let deadline):
            guard deadline <= now else { return nil }
            phase = .terminating(kill: now + ScriptSchedule.grace)
            return .kill
        }
    }

    /// Moves the next start to the latest turn that is not past, keeping the rhythm.
    fileprivate mutating func skipMissedTurns(at now: Instant) {
        let late = now - nextStart
        guard late >= interval else { return }
        nextStart = nextStart + interval * (late.nanoseconds / interval.nanoseconds)
    }
}
