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
        do throws(SystemError) {
            let handle = try ReaderHandle.start(
                options, log, generation: bundle.table.generation &+ 1, running: bundle.archive)
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
            service.tell("READY=1\nSTATUS=reload refused, the old configuration runs on")
            return
        }
        adopt(new, ended)
    }

    private func adopt(_ new: Bundle, _ file: ReaderHandle) {
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

    private func takeOver(_ new: Bundle) {
        pending = nil
        let old = checks
        bundle = new
        closeFIFOs(except: new.table.fifos.map { $0.path })
        openFIFOs()
        post.tryAgain()
        checks = ScriptChecks(new.table, at: Clock.boot())
        endChecks(of: old)
        checks.keepResults(of: old)
        tellResults()
    }

    /// SIGTERM: the engine resigns and lets go of every address; no fixed wait anywhere.
    func stop() {
        guard phase == .running else { return }
        service.tell("STOPPING=1\nSTATUS=stopping")
        log.write(.notice, "stopping")
        phase = .stoppingEngine(deadline: Clock.boot() + .seconds(5))
        endChecks(of: checks)
        guard engine != nil else { return finishScripts() }
        tellEngine(.stop)
    }

    /// Stop and shutdown scripts end before the process does, within bounds.
    func finishScripts() {
        runShutdownScript()
        let patience = max(Interval.seconds(5), bundle.table.shutdownTimeout)
        phase = .stoppingScripts(deadline: Clock.boot() + patience)
        if isQuiet { finish() }
    }

    /// Nothing is left that the world must hear.
    var isQuiet: Bool {
        notifier.isIdle && post.isQuiet && !children.contains { $0.purpose.delaysTheEnd }
    }

    func finish() {
        for child in children { Process.send(Signal.kill, toGroup: child.pid) }
        if post.count > 0 { log.write(.warning, "\(post.count) mails were not sent") }
        stateFile.remove()
        exitStatus = 0
    }
}
