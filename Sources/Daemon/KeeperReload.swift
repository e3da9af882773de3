import Linux
import Mail
import Net

// Reload: what is read, what the engine is to take over, and what is in force.
extension Keeper {
    /// SIGHUP. One reload at a time: whoever asks during one is served after it, because the text
    /// may have changed since it was read.
    func askForReload() {
        reloadIsDue = true
        startReload()
    }

    /// A child reads the new text; nothing changes before it has said yes.
    func startReload() {
        guard reloadIsDue, phase == .running, reader == nil, pending == nil else { return }
        reloadIsDue = false
        service.tell(
            "RELOADING=1\nMONOTONIC_USEC=\(Clock.monotonic().nanoseconds / 1_000)\n"
                + "STATUS=reading the configuration")
        readingAt = Clock.realTime()
        generation &+= 1
        do throws(SystemError) {
            let handle = try ReaderHandle.start(options, generation: generation, running: bundle)
            try listen(to: handle.ended, of: handle.pid, token: Token.reader)
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
        guard status.isSuccess, let new = ended.bundle() else { return refuse(ended.refusal) }
        adopt(new, ended)
    }

    private func refuse(_ reason: ByteString) {
        log.write(.error, "reload refused: the running configuration stays in force")
        readAt = readingAt
        refusal = (time: Clock.boot(), reason: reason)
        service.tell("READY=1\nSTATUS=reload refused, the old configuration runs on")
        startReload()
    }

    private func adopt(_ new: KeptBundle, _ file: ReaderHandle) {
        guard engine != nil else {
            carryNumbers(to: new)
            takeOver(new)
            return startReload()
        }
        promised = additions(of: new)
        record()
        pending = new
        let message = KeeperMessage.reload(generation: new.table.generation)
        if !tellEngine(message, descriptor: file.file.rawValue) {
            dropPending("the engine takes no messages")
        }
    }

    /// The engine runs on a configuration: from here on the keeper's table is that one too.
    func engineRuns(_ generation: UInt32) {
        leftovers = Leftovers()
        if let new = pending, new.table.generation == generation { takeOver(new) }
        askForRecord()
        // A new engine says so of the old configuration, before it takes the new one over.
        if pending == nil {
            service.tell("READY=1\nSTATUS=running, generation \(generation)")
            startReload()
        }
        Memory.releaseStart()
    }

    /// What did not come into force is not tried again: it may be what ended the engine.
    func dropPending(_ reason: ByteString) {
        guard let dropped = pending else { return }
        pending = nil
        // Its engine died within the reload: some of it may be there.
        if slots.generation != bundle.table.generation { leftovers.add(promised) }
        promised = Leftovers()
        askForRecord()
        moveStates(from: dropped, to: bundle)
        log.write(.error, reason)
        refuse(reason)
    }

    /// What the world was told so far: names stay, positions move.
    private func moveStates(from old: KeptBundle, to new: KeptBundle) {
        history.move(from: old.table, to: new.table)
        lastStates.move(from: old.table, to: new.table)
    }

    /// No engine is there to do it. What was held is given away already, so that the next one
    /// starts anew; the numbers of authentication go on, because peers remember them.
    private func carryNumbers(to new: KeptBundle) {
        restart?.resumes = false
        var positions: [ByteString: Int] = [:]
        let old = bundle.virtualRouters
        for (position, entry) in old.enumerated() { positions[entry.name] = position }
        SlotWriter(slotMemory).moveNumbers(
            from: new.virtualRouters.map { positions[$0.name] }, of: old.count)
    }

    private func takeOver(_ new: KeptBundle) {
        pending = nil
        promised = Leftovers()
        moveStates(from: bundle, to: new)
        bundle = new
        acceptedAt = Clock.boot()
        readAt = readingAt
        refusal = nil
        post.tryAgain()
        notifier.timeout = new.table.notifyTimeout
        settleFIFOs()
        writeStatesOnReload()
        checks = ScriptChecks(new.table, continuing: checks, at: Clock.boot())
        endChecks(but: checks.identities)
        startChecker()
        watchFiles()
        watchProcesses()
        applySettings()
        settleLocalIGMP()
        for message in knownResults { tellEngine(message) }
        askForRecord()
    }
}
