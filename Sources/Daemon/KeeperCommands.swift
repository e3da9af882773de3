import Linux
import Net

// Check scripts.
extension Keeper {
    func runChecks(at now: Instant) {
        for index in checks.overdue(at: now) { buryIfEnded(checks.identities[index]) }
        for action in checks.due(at: now) {
            switch action {
            case .start(let index): startCheck(index, at: now)
            case .terminate(let index):
                log.write(.warning, "script \(checks.name(index)) took too long: ending it")
                signalCheck(index, Signal.terminate)
                report(index, success: false, "timed out", at: now)
            case .kill(let index): signalCheck(index, Signal.kill)
            }
        }
        listenAgain(at: now)
    }

    /// While the keeper was stopped, or had more to do than one turn serves, it may have ended in time.
    private func buryIfEnded(_ identity: UInt64) {
        for child in children where child.purpose == .check(identity) { childEnded(child.pid) }
    }

    /// What nobody watched for a while is not to be judged by the time that went by.
    func makeUpForPause() {
        let now = Clock.boot()
        guard let then = sleep.lateSince(at: now) else { return }
        checks.makeUp(from: then, to: now)
        if let checker { checker.heardAt = checker.heardAt + (now - then) }
    }

    private func startCheck(_ index: Int, at now: Instant) {
        guard let command = checks.command(index) else { return }
        let identity = checks.identities[index]
        let output = output(of: identity)
        output?.begin()
        let pipe = output?.pipe.writable ?? -1
        do throws(SystemError) {
            try launch(command, .check(identity), output: pipe)
            hasStarted(identity)
        } catch {
            output?.end()
            if error.isShortage { return postpone(index, error, at: now) }
            tell(error, of: command)
            _ = checks.ended(index, at: now)
            report(index, success: false, "cannot run: \(SystemError.text(error.code))", at: now)
        }
    }

    /// The machine is short of something, and the script was not even asked. Said once, until all of
    /// them can be started again.
    private func postpone(_ index: Int, _ error: SystemError, at now: Instant) {
        checks.postpone(index, at: now)
        let isFirst = postponed.isEmpty
        postponed.insert(checks.identities[index])
        guard isFirst else { return }
        let reason = SystemError.text(error.code)
        log.write(
            .error, "cannot start script \(checks.name(index)): \(reason): last results stay")
    }

    private func hasStarted(_ identity: UInt64) {
        guard postponed.remove(identity) != nil, postponed.isEmpty else { return }
        log.write(.notice, "every check script can be started again")
    }

    private func signalCheck(_ index: Int, _ signal: Int32) {
        let identity = checks.identities[index]
        for child in children where child.purpose == .check(identity) {
            Process.send(signal, toGroup: child.pid)
        }
    }

    func checkEnded(_ identity: UInt64, _ status: ExitStatus) {
        guard let index = checks.position(of: identity) else {
            return closeOutput(of: identity)
        }
        let now = Clock.boot()
        readOutput(of: identity)
        outputs[identity]?.end()
        if checks.ended(index, at: now) {
            report(index, success: status.isSuccess, status.text, at: now)
        }
    }

    private func report(_ index: Int, success: Bool, _ outcome: String, at now: Instant) {
        let report = ScriptReport(
            success: success, outcome: ByteString(outcome),
            duration: checks.duration(of: index, at: now),
            output: outputs[checks.identities[index]]?.last.text ?? "")
        tell(report, of: index)
    }

    func tell(_ report: ScriptReport, of index: Int) {
        checks.remember(index, report)
        tellEngine(.script(generation: checks.generation, index: index, report))
    }

    /// What is known already, for an engine that starts or runs on another configuration.
    var knownScripts: [KeeperMessage] {
        var messages: [KeeperMessage] = []
        for (index, result) in checks.results.enumerated() {
            guard let result else { continue }
            messages.append(.script(generation: checks.generation, index: index, result))
        }
        return messages
    }

    /// Checks that the new configuration does not have, or has otherwise.
    func endChecks(but kept: [UInt64]) {
        end { child in
            guard case .check(let identity) = child.purpose else { return false }
            return !kept.contains(identity)
        }
        for identity in postponed where !kept.contains(identity) { postponed.remove(identity) }
        for identity in outputs.keys where !kept.contains(identity) {
            closeOutput(of: identity)
        }
    }
}

// What they write.
extension Keeper {
    /// So many scripts are listened to: a pipe takes two of the 1,024 descriptors that a process
    /// usually may have.
    private static let outputLimit = 200

    /// Nil where no pipe is to be had: the script runs all the same.
    private func output(of identity: UInt64) -> ScriptOutput? {
        if let output = outputs[identity] { return output }
        if outputs.count >= Keeper.outputLimit { return nil }
        do throws(SystemError) {
            let output = try ScriptOutput()
            if outputBuffer.isEmpty {
                outputBuffer = [UInt8](repeating: 0, count: OutputPipe.capacity)
            }
            try poller.add(output.pipe.readable, token: Token.output &+ identity)
            outputs[identity] = output
            return output
        } catch {
            return nil
        }
    }

    func readOutput(of identity: UInt64) {
        guard let output = outputs[identity] else { return }
        let wasPaused = output.pausedUntil != nil
        output.drain(into: &outputBuffer, at: Clock.boot())
        if output.pausedUntil != nil && !wasPaused { poller.remove(output.pipe.readable) }
    }

    private func closeOutput(of identity: UInt64) {
        guard let output = outputs.removeValue(forKey: identity) else { return }
        if output.pausedUntil == nil { poller.remove(output.pipe.readable) }
    }

    var outputDeadline: Instant? {
        var result: Instant? = nil
        for output in outputs.values { result = earliest(result, output.pausedUntil) }
        return result
    }

    private func listenAgain(at now: Instant) {
        for (identity, output) in outputs {
            guard let until = output.pausedUntil, until <= now else { continue }
            output.pausedUntil = nil
            do throws(SystemError) {
                try poller.add(output.pipe.readable, token: Token.output &+ identity)
            } catch {
                output.pausedUntil = now + .seconds(1)
            }
        }
    }
}
