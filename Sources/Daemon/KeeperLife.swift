import Linux
import Mail
import Net

// Reload and the end.
extension Keeper {
    /// A child reads the new text; nothing changes before it has said yes.
    func startReload() {
        guard phase == .running, reader == nil else { return }
        service.tell(
            "RELOADING=1\nMONOTONIC_USEC=\(Clock.monotonic().nanoseconds / 1_000)\n"
                + "STATUS=reading the configuration")
        readingAt = Clock.realTime()
        do throws(SystemError) {
            let handle = try ReaderHandle.start(
                options, log, generation: bundle.table.generation &+ 1, running: bundle)
            try poller.add(handle.ended.rawValue, token: Token.reader)
            reader = handle
        } catch {
            log.write(.error, "cannot read the configuration: \(error)")
            service.tell("READY=1\nSTATUS=reload failed, the old configuration runs on")
        }
    }

    func readerEnded() {
        guard let ended = reader, let status = Process.reap(ended.pid) else { return }
        poller.remove(ended.ended.rawValue)
        reader = nil
        guard status.isSuccess, let new = ended.bundle() else {
            log.write(.error, "reload refused: the running configuration stays in force")
            readAt = readingAt
            refusal = (time: Clock.boot(), reason: ended.refusal)
            service.tell("READY=1\nSTATUS=reload refused, the old configuration runs on")
            return
        }
        adopt(new, ended)
    }

    private func adopt(_ new: KeptBundle, _ file: ReaderHandle) {
        pending = new
        guard engine != nil else { return takeOver(new) }
        tellEngine(.reload(generation: new.table.generation), descriptor: file.file.rawValue)
    }

    /// The engine runs on a configuration: from here on the keeper's table is that one too.
    func engineRuns(_ generation: UInt32) {
        if let new = pending, new.table.generation == generation { takeOver(new) }
        service.tell("READY=1\nSTATUS=running, generation \(generation)")
        Memory.releaseStart()
    }

    private func takeOver(_ new: KeptBundle) {
        pending = nil
        history.move(from: bundle.table, to: new.table)
        lastStates.move(from: bundle.table, to: new.table)
        bundle = new
        acceptedAt = Clock.boot()
        readAt = readingAt
        refusal = nil
        post.tryAgain()
        notifier.timeout = new.table.notifyTimeout
        closeFIFOs(except: new.table.fifos.map { $0.path })
        openFIFOs()
        writeStatesOnReload()
        checks = ScriptChecks(new.table, continuing: checks, at: Clock.boot())
        endChecks(but: checks.identities)
        startChecker()
        watchFiles()
        watchProcesses()
        applySettings()
        settleLocalIGMP()
        for message in knownResults { tellEngine(message) }
    }

    /// SIGTERM: the engine resigns and lets go of every address; no fixed wait anywhere.
    ///
    /// - Parameter sender: who asks; a check script that does is not ended for it.
    func stop(askedBy sender: Int32) {
        switch phase {
        case .startingUp, .running: break
        case .stoppingEngine, .stoppingScripts, .shuttingDown: return
        }
        // Before anything else is done or written: the peer waits for priority 0.
        tellEngine(.stop)
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
        let patience = max(Interval.seconds(5), bundle.table.notifyTimeout ?? .zero)
        phase = .stoppingScripts(deadline: Clock.boot() + patience)
        if notificationsAreDone { shutDown() }
    }

    /// Nothing is left that the world must hear.
    var notificationsAreDone: Bool {
        if !notifier.isIdle || !post.isQuiet { return false }
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
        stateFile.remove()
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
        startEngine(resumes: false)
    }

    /// What scripts, files and processes said last.
    var knownResults: [KeeperMessage] { knownScripts + knownFiles + knownProcesses }
}
