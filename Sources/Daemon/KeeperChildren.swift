import Linux
import Net

/// A command that runs, and what for.
struct Child {
    enum Purpose: Hashable {
        /// By the identity of its script.
        case check(UInt64)
        case notification(Subject)
        case startup
        case shutdown
        case fifoReader(ByteString)
        case mailer

        var delaysTheEnd: Bool {
            switch self {
            case .notification, .shutdown: true
            case .check, .startup, .fifoReader, .mailer: false
            }
        }
    }

    /// Of the process, and of its group.
    var pid: Int32
    /// Its pidfd.
    var ended: Descriptor
    var purpose: Purpose
    /// It was told to end; by then its group is killed.
    var killAt: Instant?
}

// Commands from their start to their end.
extension Keeper {
    /// From SIGTERM to SIGKILL.
    static let grace = Interval.seconds(2)

    /// Nil where it runs; else why it cannot be started, which is in the log too.
    func start(
        _ command: ResolvedCommand, _ purpose: Child.Purpose, extra: [ByteString] = [],
        input: Int32 = -1, output: Int32 = -1
    ) -> SystemError? {
        do throws(SystemError) {
            try launch(command, purpose, extra: extra, input: input, output: output)
            return nil
        } catch {
            tell(error, of: command)
            return error
        }
    }

    func tell(_ error: SystemError, of command: ResolvedCommand) {
        let program = command.words.first ?? ""
        log.write(.error, "cannot run \(program): \(SystemError.text(error.code))")
    }

    /// Of a failure nothing is in the log yet.
    func launch(
        _ command: ResolvedCommand, _ purpose: Child.Purpose, extra: [ByteString] = [],
        input: Int32 = -1, output: Int32 = -1
    ) throws(SystemError) {
        let pid = try Process.spawn(
            SpawnRequest(
                words: command.words, environment: environment + extra, user: command.user,
                group: command.group, input: input, output: output))
        let ended = try watch(pid, token: Token.command &+ UInt64(truncatingIfNeeded: pid))
        children.append(Child(pid: pid, ended: ended, purpose: purpose))
    }

    /// A child's pidfd, which tells of its end by the token. Where that cannot be had the child is
    /// ended and buried, because nobody ever would.
    func watch(_ pid: Int32, token: UInt64) throws(SystemError) -> Descriptor {
        let ended = try Process.watch(pid)
        try listen(to: ended, of: pid, token: token)
        return ended
    }

    /// See `watch`.
    func listen(to ended: Descriptor, of pid: Int32, token: UInt64) throws(SystemError) {
        do throws(SystemError) {
            try poller.add(ended.rawValue, token: token)
        } catch {
            Process.discard(pid)
            throw error
        }
    }

    func childEnded(_ pid: Int32) {
        guard let position = children.firstIndex(where: { $0.pid == pid }) else { return }
        // What it started does not outlive it, where it was told to end. Before it is buried: so
        // long nobody else has the number.
        if isEnding(children[position]) { Process.send(Signal.kill, toGroup: pid) }
        guard let status = Process.reap(pid) else { return }
        let child = children.remove(at: position)
        poller.remove(child.ended.rawValue)
        switch child.purpose {
        case .check(let identity): checkEnded(identity, status)
        case .notification(let subject): notificationEnded(subject, status)
        case .startup: startupEnded(status)
        case .shutdown: shutdownEnded(status)
        case .fifoReader(let path):
            log.write(.notice, "the script of the FIFO \(path) ended with \(status.text)")
        case .mailer: break
        }
    }

    private func isEnding(_ child: Child) -> Bool {
        if child.killAt != nil { return true }
        guard case .check(let identity) = child.purpose,
            let index = checks.position(of: identity)
        else { return false }
        return checks.isEnding(index)
    }

    /// SIGTERM to the groups of these, and SIGKILL if that does not help.
    func end(_ isMeant: (Child) -> Bool) {
        for position in children.indices where isMeant(children[position]) {
            guard children[position].killAt == nil else { continue }
            Process.send(Signal.terminate, toGroup: children[position].pid)
            children[position].killAt = Clock.boot() + Keeper.grace
        }
    }

    var killDeadline: Instant? {
        var result: Instant? = nil
        for child in children { result = earliest(result, child.killAt) }
        return result
    }

    func killWhatDoesNotEnd(at now: Instant) {
        for position in children.indices {
            guard let killAt = children[position].killAt, killAt <= now else { continue }
            Process.send(Signal.kill, toGroup: children[position].pid)
            children[position].killAt = now + Keeper.grace
        }
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
