import Linux
import Mail
import Net

// The end.
extension Keeper {
    /// SIGTERM: the engine resigns and lets go of every address; no fixed wait anywhere.
    ///
    /// - Parameter sender: who asks; a check script that does is not ended for it.
    func stop(askedBy sender: Int32) {
        switch phase {
        case .startingUp, .running: break
        case .stoppingEngine, .stoppingScripts, .shuttingDown: return
        }
        // Before anything else is done or written: the peer waits for priority 0.
        engine?.tellFirst(KeeperMessage.stop.encode())
        phase = .stoppingEngine(deadline: Clock.boot() + .seconds(5))
        service.tell("STOPPING=1\nSTATUS=stopping")
        log.write(.notice, "stopping")
        endChecker()
        stoppedBy = sender > 0 ? Process.group(of: sender) : 0
        let spared = stoppedBy
        end { child in
            switch child.purpose {
            case .check: child.pid != spared
            case .startup: true
            case .notification, .shutdown, .fifoReader, .mailer: false
            }
        }
        if engine == nil { finishScripts() }
    }

    /// Stop scripts end before the process does, within bounds.
    func finishScripts() {
        let now = Clock.boot()
        let patience = min(
            max(Interval.seconds(5), bundle.table.notifyTimeout ?? .zero), Keeper.longestStop)
        phase = .stoppingScripts(deadline: now + patience)
        lastPost = now + Keeper.longestPost
        if notificationsAreDone(at: now) { shutDown() }
    }

    /// Whatever notify_timeout says: a service manager that lost its patience would kill us before
    /// shutdown_script.
    private static let longestStop = Interval.seconds(15)
    /// A mail server that does not answer by then is not waited for.
    private static let longestPost = Interval.seconds(2)

    /// Nothing is left that the world must hear.
    func notificationsAreDone(at now: Instant) -> Bool {
        if !notifier.isIdle { return false }
        if !post.isQuiet, let lastPost, now < lastPost { return false }
        for child in children {
            if case .notification = child.purpose { return false }
        }
        return true
    }

    /// shutdown_script, after everything else.
    func shutDown() {
        guard let command = bundle.table.shutdown, start(command, .shutdown) == nil else {
            return finish()
        }
        phase = .shuttingDown(deadline: Clock.boot() + bundle.table.shutdownTimeout)
    }

    func shutdownEnded(_ status: ExitStatus) {
        if !status.isSuccess {
            log.write(.warning, "the shutdown script ended with \(status.text)")
        }
        finish()
    }

    func finish() {
        for child in children where child.pid != stoppedBy {
            Process.send(Signal.kill, toGroup: child.pid)
        }
        if post.count > 0 { log.write(.warning, "\(post.count) mails were not sent") }
        restoreLocalIGMP()
        closeStateFile()
        exitStatus = 0
    }
}

// startup_script: the engine starts when it has ended.
extension Keeper {
    func begin() {
        if let command = bundle.table.startup, start(command, .startup) == nil {
            phase = .startingUp(deadline: Clock.boot() + bundle.table.startupTimeout)
        } else {
            beginService()
        }
    }

    func startupEnded(_ status: ExitStatus) {
        if !status.isSuccess {
            log.write(.warning, "the startup script ended with \(status.text)")
        }
        if case .startingUp = phase { beginService() }
    }

    func startupTookTooLong() {
        log.write(.warning, "the startup script took too long: ending it")
        end { $0.purpose == .startup }
        beginService()
    }

    private func beginService() {
        phase = .running
        checks = ScriptChecks(bundle.table, at: Clock.boot())
        startChecker()
        watchFiles()
        watchProcesses()
        settleLocalIGMP()
        record()
        startEngine(resumes: false)
        startReload()
    }

    /// What scripts, files and processes said last.
    var knownResults: [KeeperMessage] { knownScripts + knownFiles + knownProcesses }
}
