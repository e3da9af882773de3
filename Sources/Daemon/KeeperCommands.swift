import Linux
import Net

/// A command that runs, and what for.
struct Child {
    enum Purpose: Hashable {
        case check(generation: UInt32, index: Int)
        case notification(Subject)
        case startup
        case shutdown
        case fifoReader
        case mailer

        var delaysTheEnd: Bool {
            switch self {
            case .notification, .shutdown: true
            case .check, .startup, .fifoReader, .mailer: false
            }
        }
    }

    var pid: Int32
    /// Its pidfd.
    var ended: Descriptor
    var purpose: Purpose
}

// Check scripts, notifications, and other commands.
extension Keeper {
    func runChecks(at now: Instant) {
        for action in checks.due(at: now) {
            switch action {
            case .start(let index): startCheck(index, at: now)
            case .terminate(let index):
                log.write(.warning, "script \(checks.name(index)) took too long: ending it")
                signalCheck(index, Signal.terminate)
                report(index, success: false)
            case .kill(let index): signalCheck(index, Signal.kill)
            }
        }
    }

    private func startCheck(_ index: Int, at now: Instant) {
        guard let command = checks.command(index) else { return }
        let purpose = Child.Purpose.check(generation: checks.generation, index: index)
        if start(command, purpose) { return }
        _ = checks.ended(index, at: now)
        report(index, success: false)
    }

    private func signalCheck(_ index: Int, _ signal: Int32) {
        let purpose = Child.Purpose.check(generation: checks.generation, index: index)
        for child in children where child.purpose == purpose {
            Process.send(signal, toGroup: child.pid)
        }
    }

    private func report(_ index: Int, success: Bool) {
        checks.remember(index, success)
        tellEngine(.script(generation: checks.generation, index: index, success: success))
    }

    /// What is known already, for an engine that starts anew.
    func tellResults() {
        for (index, result) in checks.results.enumerated() {
            guard let result else { continue }
            tellEngine(.script(generation: checks.generation, index: index, success: result))
        }
    }

    /// Checks of a configuration that no longer runs, or of a daemon that stops.
    func endChecks(of old: ScriptChecks) {
        for child in children {
            guard case .check(let generation, _) = child.purpose, generation == old.generation
            else { continue }
            Process.send(Signal.terminate, toGroup: child.pid)
        }
    }

    func childEnded(_ pid: Int32) {
        guard let position = children.firstIndex(where: { $0.pid == pid }),
            let status = Process.reap(pid)
        else { return }
        let child = children.remove(at: position)
        poller.remove(child.ended.rawValue)
        switch child.purpose {
        case .check(let generation, let index):
            checkEnded(generation, index, status)
        case .notification(let subject):
            if !status.isSuccess {
                log.write(
                    .warning, about: subject.name, "a notify script ended with \(status.text)")
            }
            notifier.finished(subject)
            startNotifications()
        case .startup, .shutdown, .fifoReader, .mailer: break
        }
    }

    private func checkEnded(_ generation: UInt32, _ index: Int, _ status: ExitStatus) {
        guard generation == checks.generation else { return }
        if checks.ended(index, at: Clock.boot()) { report(index, success: status.isSuccess) }
    }

    /// False, with a log line, if it cannot be started.
    func start(
        _ command: ResolvedCommand, _ purpose: Child.Purpose, extra: [ByteString] = []
    ) -> Bool {
        do throws(SystemError) {
            _ = try start(
                SpawnRequest(
                    words: command.words, environment: environment + extra, user: command.user,
                    group: command.group), purpose)
            return true
        } catch {
            let program = command.words.first ?? ""
            log.write(.error, "cannot run \(program): \(SystemError.text(error.code))")
            return false
        }
    }

    func start(
        _ request: SpawnRequest, _ purpose: Child.Purpose
    ) throws(SystemError) -> Int32 {
        let pid = try Process.spawn(request)
        let ended = try Process.openPidfd(pid)
        try poller.add(
            ended.rawValue, token: Token.command &+ UInt64(truncatingIfNeeded: pid))
        children.append(Child(pid: pid, ended: ended, purpose: purpose))
        return pid
    }

    func notify(_ notification: Notification) {
        let table = notification.generation == pending?.table.generation ? pending?.table : nil
        let current = table ?? bundle.table
        guard notification.generation == current.generation else { return }
        let entries = notification.isGroup ? current.groups : current.instances
        guard entries.indices.contains(notification.subject) else { return }
        let entry = entries[notification.subject]
        notifier.add(notification, entry)
        writeToFIFOs(entry.line(for: notification))
        startNotifications()
        mail(notification, entry)
    }

    func startNotifications() {
        while let (subject, job, extra) = notifier.next(at: Clock.boot()) {
            if !start(job.command, .notification(subject), extra: extra) {
                notifier.finished(subject)
            }
        }
    }

    func warnOfSlowCommands(at now: Instant) {
        for subject in notifier.overdue(at: now) {
            log.write(
                .warning, about: subject.name, "a notify script has been running for 30 s")
        }
    }

    func runStartupScript() {
        if let command = bundle.table.startup { _ = start(command, .startup) }
    }

    func runShutdownScript() {
        if let command = bundle.table.shutdown { _ = start(command, .shutdown) }
    }
}

/// The environment of commands: the daemon's own, less what could make them do something else, or
/// speak to the service manager in our name.
func commandEnvironment(_ own: [ByteString]) -> [ByteString] {
    let forbidden = ["IFS=", "LD_", "NOTIFY_SOCKET=", "WATCHDOG_", "LISTEN_"]
    var result: [ByteString] = []
    for entry in own {
        var isAllowed = true
        for start in forbidden where entry.bytes.starts(with: [UInt8](start.utf8)) {
            isAllowed = false
        }
        if isAllowed { result.append(entry) }
    }
    return result
}
