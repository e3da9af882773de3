import Config
import Control
import Linux
import Net
import VRRP

// Start, stop, and what the keeper says.
extension Engine {
    static func configuration(
        of archive: Archive, _ table: KeeperTable, _ options: Options
    ) -> Configuration {
        archive.parsed(options).configuration.withoutUnusableScripts(table)
    }

    func start(_ start: EngineStart) {
        buildPorts()
        recallNumbers()
        recallPromotions()
        hearRoutes()
        recallLeftovers()
        compareWithKernel()
        for message in known { obey(message, nil) }
        let now = Clock.boot()
        if let preemptsFrom {
            let pause = (preemptsFrom - now).nanoseconds / 1_000_000_000
            log.write(.notice, "after a hand-over: nobody is preempted for \(pause) s")
            handle(.preemptionPaused(until: preemptsFrom), at: now)
        }
        if start.resumes {
            resume(diedAt: start.diedAt ?? now, at: now)
        } else {
            removeLeftovers()
            handle(.start, at: now)
        }
        settleVirtualLinks()
        wantStatics(at: now)
        slots.publish(generation: table.generation)
        turn(0)
        tell(.running(generation: table.generation))
        Memory.releaseStart()
    }

    /// Numbers of authentication go on where a predecessor left them: peers remember.
    private func recallNumbers() {
        let reader = SlotReader(slots.memory)
        for index in ports.indices {
            ports[index].freshness = Freshness(
                last: reader.number(of: index), ports[index].parameters)
        }
    }

    /// Who mastered nothing left nothing behind that could be in anybody's way.
    private func resume(diedAt: Instant, at now: Instant) {
        let masters = recallMasters()
        adoptFirewall(of: masters)
        let waits = recallWaits(missed: now - diedAt)
        if masters.isEmpty { removeLeftovers() }
        handle(.resume(masters: masters), at: now)
        for (index, deadline) in waits {
            handle(.wait(virtualRouter: index, masterDownDeadline: deadline), at: now)
        }
        publishWaits()
    }

    /// Master_Down_Timers that ran a moment ago, later by the time in which nobody listened.
    private func recallWaits(missed: Interval) -> [(index: Int, deadline: Instant)] {
        let reader = SlotReader(slots.memory)
        var waits: [(index: Int, deadline: Instant)] = []
        for index in ports.indices {
            guard let deadline = reader.masterDown(of: index) else { continue }
            waits.append((index, deadline + max(missed, .zero)))
        }
        return waits
    }

    /// What a predecessor mastered a moment ago, with what it knew of its addresses.
    private func recallMasters() -> [Int] {
        let reader = SlotReader(slots.memory)
        let masters = reader.masters(count: ports.count)
        for index in masters {
            guard let state = reader.state(of: index) else { continue }
            ports[index].cameBack = state.cameBack
            ports[index].hasAdopted = state.hasAdopted
            ports[index].putAddressesThere = !state.hasAdopted
        }
        return masters
    }

    /// Priority 0 from every master first, then every address, then the end.
    func stop() {
        guard !isStopping else { return }
        isStopping = true
        handle(.stop, at: Clock.boot())
        reconciler.unwantAll(by: Engine.staticOwner, at: Clock.boot())
        batch.flush()
        finishAddressWork()
        closeFirewall()
        endPromotion()
        if !options.keepsAddresses {
            removeVirtualLinks(configuration.virtualLinkNames)
            releaseParents()
        }
        tell(.stopped)
        exitStatus = 0
    }

    private func buildPorts() {
        ports = []
        ports.reserveCapacity(configuration.instances.count)
        for (index, instance) in configuration.instances.enumerated() {
            nextIdentity += 1
            ports.append(
                Port(
                    identity: nextIdentity, configuration.plan.virtualRouters.reference(at: index),
                    of: instance))
        }
    }

    /// Everything that is due now, batch after batch.
    func finishAddressWork() {
        while hasAddressWork { reconcile(at: Clock.boot()) }
    }

    func readMessages() {
        while true {
            switch channel.receive() {
            case .nothing: return
            case .closed: return keeperDied()
            case .message(let bytes, let descriptor): obey(bytes, descriptor)
            }
        }
    }

    private func obey(_ bytes: [UInt8], _ descriptor: Descriptor?) {
        do throws(DecodingError) {
            obey(try KeeperMessage(bytes), descriptor)
        } catch {
            log.write(.error, "the keeper sent something unreadable")
        }
    }

    private func obey(_ message: KeeperMessage, _ descriptor: Descriptor?) {
        let now = Clock.boot()
        switch message {
        case .stop: stop()
        case .dump(let kind): dump(kind)
        case .report(let number, let instance): beginReport(number, of: instance)
        case .reload: beginReload(descriptor)
        case .script(let generation, let index, let report):
            remember(report, of: index, generation)
            observe(.script(index), .result(success: report.success), generation, at: now)
        case .file(let generation, let index, let value):
            observe(.file(index), .value(value), generation, at: now)
        case .process(let generation, let index, let working):
            observe(.process(index), .working(working), generation, at: now)
        }
    }

    private func remember(_ report: ScriptReport, of index: Int, _ generation: UInt32) {
        guard generation == table.generation else { return }
        if scriptReports.count != configuration.scripts.count {
            scriptReports = [ScriptReport?](repeating: nil, count: configuration.scripts.count)
        }
        if scriptReports.indices.contains(index) { scriptReports[index] = report }
    }

    private func observe(
        _ object: TrackedObject, _ observation: Observation, _ generation: UInt32, at now: Instant
    ) {
        guard generation == table.generation else { return }
        for (position, candidate) in configuration.trackedObjects.enumerated()
        where candidate == object {
            handle(.tracked(object: position, observation), at: now)
        }
    }
}
