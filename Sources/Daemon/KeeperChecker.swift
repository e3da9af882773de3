import Linux
import Net

/// The running checker, as its keeper holds it.
final class CheckerHandle {
    let pid: Int32
    let channel: Channel
    let ended: Descriptor
    /// It says something at least this often, unless it hangs.
    let silence: Interval
    var heardAt: Instant

    init(
        pid: Int32, channel: Channel, ended: Descriptor, silence: Interval, at now: Instant
    ) {
        self.pid = pid
        self.channel = channel
        self.silence = silence
        heardAt = now
        self.ended = ended
    }
}

// Built-in checks: in a process of their own, since they read what strangers write.
extension Keeper {
    /// Before the engine starts, and for each new configuration.
    func startChecker() {
        endChecker()
        let tasks = checks.checkerTasks
        if tasks.isEmpty { return }
        do throws(SystemError) {
            let (ours, theirs) = try Channel.pair()
            let keeper = Process.identifier
            var silence = Interval(nanoseconds: .max)
            for task in tasks { silence = min(silence, task.interval + task.timeout) }
            try poller.add(ours.descriptor, token: Token.checkerChannel)
            let pid = try Process.fork()
            if pid == 0 { becomeChecker(tasks, theirs, keeper) }
            let ended = try watch(pid, token: Token.checker)
            checker = CheckerHandle(
                pid: pid, channel: ours, ended: ended, silence: silence + .seconds(3),
                at: Clock.boot())
        } catch {
            log.write(.error, "cannot start the checker: \(error)")
            checkerAt = Clock.boot() + .seconds(1)
        }
    }

    private func becomeChecker(
        _ tasks: [CheckerTask], _ channel: Channel, _ keeper: Int32
    ) -> Never {
        Process.setName("martlet-checker")
        Process.closeDescriptors(but: channel.descriptor)
        let log = Log(options)
        do throws(SystemError) {
            let checker = try Checker(tasks, channel)
            let user = Accounts.account("martlet") ?? Accounts.account("nobody")
            try Privileges.dropEverything(
                to: user ?? Account(user: 65_534, group: 65_534), parent: keeper)
            checker.run()
        } catch {
            log.write(.critical, "the checker cannot start: \(error)")
        }
        Process.exit(1)
    }

    func endChecker() {
        checkerAt = nil
        guard let old = checker else { return }
        poller.remove(old.channel.descriptor)
        poller.remove(old.ended.rawValue)
        Process.send(Signal.kill, to: old.pid)
        _ = Process.wait(old.pid)
        checker = nil
    }

    func checkerEnded() {
        guard let ended = checker, let status = Process.reap(ended.pid) else { return }
        log.write(.error, "the checker ended with \(status.text): a new one starts")
        poller.remove(ended.channel.descriptor)
        poller.remove(ended.ended.rawValue)
        checker = nil
        checkerAt = Clock.boot() + .seconds(1)
    }

    func readChecker() {
        while let checker, case .message(let bytes, _) = checker.channel.receive() {
            checker.heardAt = Clock.boot()
            do throws(DecodingError) {
                take(try CheckerMessage(bytes))
            } catch {
                log.write(.error, "the checker sent something unreadable")
            }
        }
    }

    private func take(_ message: CheckerMessage) {
        guard let index = checks.position(of: message.identity) else { return }
        tell(message.report, of: index)
    }

    var checkerDeadline: Instant? {
        earliest(checkerAt, checker.map { $0.heardAt + $0.silence })
    }

    /// One that hangs (a file on a server that is gone) is replaced; until the new one has an
    /// answer its checks have failed.
    func lookAtChecker(at now: Instant) {
        if let checker, checker.heardAt + checker.silence <= now {
            log.write(.error, "the checker hangs: a new one starts")
            endChecker()
            for index in checks.builtIn {
                let report = ScriptReport(
                    success: false, outcome: "the checker hangs", duration: .zero, output: "")
                tell(report, of: index)
            }
            checkerAt = now + .seconds(1)
        }
        if let checkerAt, checkerAt <= now { startChecker() }
    }
}
