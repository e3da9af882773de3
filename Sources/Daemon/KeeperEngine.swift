import Config
import Linux
import Net

/// What a dead engine left in the slots.
private enum Legacy {
    /// A successor can go on with it.
    case sound
    /// It hung: nobody knows since when it has heard nothing.
    case deaf
    /// It died within a reload: some of it belongs to the old table, some to the new one.
    case torn
}

// Starting engines, and what happens when one is gone.
extension Keeper {
    /// Forks without exec: the engine shares what the keeper has in memory, and nothing else.
    func startEngine(resumes: Bool) {
        restart = nil
        do throws(SystemError) {
            let (ours, theirs) = try Channel.pair()
            let keeper = Process.identifier
            if !resumes { firewall = nil }
            if !resumes { SlotWriter(slotMemory).clear(count: bundle.virtualRouterCount) }
            try poller.add(ours.descriptor, token: Token.channel)
            let pid = try Process.fork()
            if pid == 0 { becomeEngine(theirs, resumes: resumes, keeper: keeper) }
            let ended = try watch(pid, token: Token.engine)
            engine = EngineHandle(pid: pid, channel: ours, ended: ended)
            policy.engineStarted(at: Clock.boot())
            hang = HangDetector(at: Clock.monotonic())
            applySettings()
        } catch {
            log.write(.critical, "cannot start an engine: \(error)")
            handOver(.deaf, restartAfter: .seconds(1))
        }
    }

    /// In the new process: nothing of the keeper's is touched again, so that nothing of it is
    /// closed by anyone but the call that closes it all.
    private func becomeEngine(_ channel: Channel, resumes: Bool, keeper: Int32) -> Never {
        Process.setName(bundle.table.process.engineName)
        let archive = ArchiveParcel(bundle.archive)
        Process.closeDescriptors(
            but: channel.descriptor, and: firewall?.socket.rawValue ?? -1)
        let start = EngineStart(
            options: options, table: bundle.table, archive: archive, channel: channel,
            slots: slotMemory, resumes: resumes, diedAt: diedAt,
            preemptsFrom: policy.preemptionPausedUntil(at: Clock.boot()),
            leftovers: leftovers, firewall: firewall, known: knownResults, keeper: keeper)
        Process.exit(runEngine(start))
    }

    func engineEnded() {
        guard let ended = engine, let status = Process.reap(ended.pid) else { return }
        readMessages()
        poller.remove(ended.channel.descriptor)
        poller.remove(ended.ended.rawValue)
        engine = nil
        switch phase {
        case .running: engineDied(status)
        case .stoppingEngine: engineStopped(status)
        case .startingUp, .stoppingScripts, .shuttingDown: break
        }
    }

    private func engineStopped(_ status: ExitStatus) {
        if !status.isSuccess {
            log.write(.error, "the engine ended with \(status.text) while stopping")
            handOverNow(handover(of: legacy))
        }
        finishScripts()
    }

    private func engineDied(_ status: ExitStatus) {
        log.write(.critical, "the engine died: \(status.text)")
        rememberDeath(status.text)
        if status == .exited(EngineExit.cannotStart) {
            exitStatus = EngineExit.cannotStart
            return
        }
        let now = Clock.boot()
        diedAt = now
        let legacy = self.legacy
        dropPending("the engine died before the new configuration was in force")
        let held = legacy == .torn || !slots.masters(count: bundle.virtualRouterCount).isEmpty
        let decision = policy.engineDied(
            at: now, held: held, resumable: legacy == .sound, respawns: options.respawns)
        switch decision {
        case .resume(let delay):
            log.write(.notice, "a new engine goes on where it was")
            schedule(after: delay, resumes: true)
        case .handOver(let delay): handOverOrResume(legacy, restartAfter: delay)
        }
    }

    /// Of the engine that ends now, whose messages are read.
    private var legacy: Legacy {
        let isTorn = pending != nil && slots.generation != bundle.table.generation
        return isTorn ? .torn : .sound
    }

    private func rememberDeath(_ how: String) {
        deaths += 1
        lastDeath = (time: Clock.boot(), reason: ByteString(how))
    }

    func lookForHang() {
        guard let engine else { return }
        let now = Clock.monotonic()
        guard now >= hang.nextLook else { return }
        switch hang.look(at: slots.evidence, now: now) {
        case .alive, .suspicious: return
        case .hung: break
        }
        log.write(.critical, "the engine hangs: handing over")
        rememberDeath("it hung")
        engine.kill()
        readMessages()
        let legacy = self.legacy == .torn ? Legacy.torn : .deaf
        dropPending("the engine hung before the new configuration was in force")
        let decision = policy.engineDied(
            at: Clock.boot(), held: true, resumable: false, respawns: options.respawns)
        poller.remove(engine.channel.descriptor)
        poller.remove(engine.ended.rawValue)
        self.engine = nil
        if case .handOver(let delay) = decision {
            handOverOrResume(legacy, restartAfter: delay)
        }
        _ = Process.wait(engine.pid)
    }

    /// What came back in the hour after a hand-over nobody else can hold: that is
    /// resumed, the rest is handed over.
    private func handOverOrResume(_ legacy: Legacy, restartAfter delay: Interval) {
        let count = bundle.virtualRouterCount
        let slots = self.slots
        let kept = slots.masters(count: count).filter {
            slots.state(of: $0)?.cameBack ?? false
        }
        guard legacy != .torn, options.respawns, !kept.isEmpty,
            policy.resumesWhatCameBack(at: Clock.boot())
        else {
            return handOver(legacy, restartAfter: delay)
        }
        log.write(.notice, "nobody else holds the addresses: a new engine goes on with them")
        give(handover(of: legacy, kept: kept))
        startEngine(resumes: true)
    }

    /// What was not given away waits on, unless a hang had made it deaf nobody knows for how long.
    private func handOver(_ legacy: Legacy, restartAfter delay: Interval) {
        log.write(.critical, "handing over: the peer takes the addresses")
        var handover = handover(of: legacy)
        handover.isLast = !options.respawns
        give(handover)
        schedule(after: delay, resumes: legacy == .sound)
    }

    private func handover(of legacy: Legacy, kept: [Int] = []) -> Handover {
        var handover = Handover(bundle, slots: slots, log: log, kept: kept)
        handover.givesAll = legacy == .torn
        return handover
    }

    private func give(_ handover: Handover) {
        let given = handover.affected()
        if !given.isEmpty || handover.isLast { handOverNow(handover) }
        for index in given { SlotWriter(slotMemory).clear(slot: index) }
        if handover.kept.isEmpty { firewall = nil }
    }

    private func schedule(after delay: Interval, resumes: Bool) {
        guard options.respawns else {
            exitStatus = 1
            return
        }
        if delay == .zero { return startEngine(resumes: resumes) }
        log.write(.notice, "a new engine starts in \(delay.nanoseconds / 1_000_000) ms")
        restart = Restart(at: Clock.boot() + delay, resumes: resumes)
    }

    /// In a process of its own, so that the keeper stays as small as it is; where there is none to
    /// be had, here.
    private func handOverNow(_ handover: Handover) {
        do throws(SystemError) {
            let pid = try Process.fork()
            if pid == 0 {
                handover.perform()
                Process.exit(0)
            }
            _ = Process.wait(pid)
        } catch {
            handover.perform()
        }
    }

    /// False where no engine takes it.
    @discardableResult
    func tellEngine(_ message: KeeperMessage, descriptor: Int32 = -1) -> Bool {
        guard let engine else { return false }
        let isSent = engine.tell(message.encode(), descriptor: descriptor)
        if !isSent { log.write(.warning, "the engine takes no messages") }
        return isSent
    }

    func readMessages() {
        guard let engine else { return }
        while true {
            switch engine.channel.receive() {
            case .nothing: return
            case .closed: return
            case .message(let bytes, let descriptor): obey(bytes, descriptor)
            }
        }
    }

    private func obey(_ bytes: [UInt8], _ descriptor: Descriptor?) {
        do throws(DecodingError) {
            obey(try EngineMessage(bytes), descriptor)
        } catch {
            log.write(.error, "the engine sent something unreadable")
        }
    }

    private func obey(_ message: EngineMessage, _ descriptor: Descriptor?) {
        switch message {
        case .running(let generation): engineRuns(generation)
        case .notify(let notification):
            notify(notification)
            askForRecord()
            tidyUp.ask(at: Clock.boot())
        case .dump(let kind): write(kind, descriptor)
        case .stopped: break
        case .firewall(let table):
            firewall = descriptor.map { KeptFirewall(table: table, socket: $0) }
        case .late(let delay): engineWasLate(delay)
        case .report(let number): reportCame(number, descriptor)
        case .unreadable: dropPending("the engine could not read the new configuration")
        case .status(let text): service.tell(ByteString([UInt8]("STATUS=".utf8) + text.bytes))
        }
    }

    private func write(_ kind: DumpKind, _ descriptor: Descriptor?) {
        guard let descriptor else { return }
        do throws(SystemError) {
            let text = try MemoryFile.read(descriptor)
            try Files.replace(dumps.path(kind), with: text, mode: 0o600)
        } catch {
            log.write(.error, "cannot write \(dumps.path(kind)): \(error)")
        }
    }
}

/// Exit statuses of the engine that mean more than a crash.
enum EngineExit {
    /// Sockets or netlink are refused: a new engine would fare no better.
    static let cannotStart: Int32 = 4
}

/// The engine's process from its first line to its last.
func runEngine(_ start: EngineStart) -> Int32 {
    let log = Log(start.options)
    Memory.keepForBursts()
    do throws(SystemError) {
        let engine = try Engine(start)
        if engine.configuration.globals.process.locksMemory, let error = Process.lockMemory() {
            log.write(.warning, "vrrp_no_swap: \(error)")
        }
        try Privileges.drop(to: Accounts.account("martlet"), parent: start.keeper)
        return engine.run(start)
    } catch {
        log.write(.critical, "the engine cannot start: \(error)")
        return EngineExit.cannotStart
    }
}
