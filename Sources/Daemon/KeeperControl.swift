import Control
import Linux
import Net

// The control socket. Nothing here waits for a client, and no client reaches the engine: it is
// asked once for all who wait, and a child puts the answer into words.
extension Keeper {
    /// The service does without one where it cannot be made.
    func openControl() {
        let path = RunTimeFiles(pidFile: options.pidFile).socket
        do throws(SystemError) {
            let server = ControlServer(try StreamListener(path, mode: 0o660))
            try poller.add(server.listener.descriptor, token: Token.control)
            control = server
        } catch {
            let why =
                error.code == 98
                ? "another process uses it" : SystemError.text(error.code)
            log.write(.warning, "no control socket at \(path): \(why)")
        }
    }

    func closeControl() {
        control?.listener.remove()
        control = nil
    }

    func acceptClients() {
        for _ in 0..<ControlServer.patience {
            guard let accepted = control?.listener.accept() else { return }
            switch accepted {
            case .nobody: return
            case .client(let socket): welcome(socket)
            case .failed: return pauseControl()
            }
        }
    }

    /// Who has no descriptor left would be woken for ever.
    private func pauseControl() {
        guard let descriptor = control?.listener.descriptor else { return }
        poller.remove(descriptor)
        control?.pausedUntil = Clock.boot() + .seconds(1)
    }

    private func welcome(_ socket: StreamSocket) {
        guard let place = control?.clients.firstIndex(where: { $0 == nil }) else {
            return refuse(socket, "busy: \(ControlServer.places) clients at a time")
        }
        do throws(SystemError) {
            try poller.add(socket.descriptor, token: Token.client &+ UInt64(place))
            control?.clients[place] = ControlClient(
                socket: socket, deadline: Clock.boot() + ControlServer.timeToAsk)
        } catch {
            refuse(socket, SystemError.text(error.code))
        }
    }

    private func refuse(_ socket: StreamSocket, _ why: String) {
        // What is not read would take the answer along.
        _ = socket.receive(atMost: ControlRequest.limit)
        _ = socket.send(ControlAnswer.refusal(why)[...])
    }

    func readClient(_ place: Int) {
        guard let client = control?.clients[place], case .asking(let before) = client.phase else {
            return
        }
        var bytes = before
        var isWhole = false
        switch client.socket.receive(atMost: ControlRequest.limit + 1 - before.count) {
        case .nothing: return
        case .end: isWhole = true
        case .bytes(let more):
            bytes += more
            isWhole = more.contains(UInt8(ascii: "\n")) || bytes.count > ControlRequest.limit
        }
        guard isWhole else {
            control?.clients[place]?.phase = .asking(bytes)
            return
        }
        poller.remove(client.socket.descriptor)
        if bytes.isEmpty { return letGo(place) }
        do throws(ControlRefusal) {
            let line = bytes.firstIndex(of: UInt8(ascii: "\n")).map { bytes[...$0] } ?? bytes[...]
            control?.clients[place]?.phase = .waiting(try ControlRequest.decode([UInt8](line)))
            control?.clients[place]?.deadline =
                Clock.boot() + ControlServer.timeToReport + ControlServer.timeToRead
            askEngine()
        } catch {
            refuse(client.socket, error.text)
            letGo(place)
        }
    }

    private func letGo(_ place: Int) { control?.clients[place] = nil }

    /// The next question, for all who want to know the same.
    private func askEngine() {
        guard let server = control, server.question == nil else { return }
        guard let next = server.clients.first(where: { $0?.isWaiting ?? false }),
            case .waiting(let request)? = next?.phase
        else { return }
        guard engine != nil, phase == .running, isKnown(request.subject.instance) else {
            return answerAll(request.subject.instance, nil, isSilent: false)
        }
        let number = server.lastNumber &+ 1
        let now = Clock.boot()
        let question = ControlQuestion(
            number: number, instance: request.subject.instance,
            due: now + ControlServer.timeToAskAgain, end: now + ControlServer.timeToReport)
        control?.lastNumber = number
        control?.question = question
        for place in server.clients.indices
        where server.clients[place]?.wants(question.instance) ?? false {
            control?.clients[place]?.question = number
        }
        tellEngine(.report(number: number, instance: question.instance))
    }

    /// Of one that is not, the child says which may be meant.
    private func isKnown(_ instance: ByteString?) -> Bool {
        instance.map { bundle.table.instances.position(of: $0) != nil } ?? true
    }

    func reportCame(_ number: UInt32, _ file: Descriptor?) {
        guard let question = control?.question, question.number == number else { return }
        control?.question = nil
        for place in 0..<ControlServer.places {
            if control?.clients[place]?.question == number {
                startAnswer(place, file, isSilent: false)
            }
        }
        askEngine()
    }

    /// All who want to know that, without the engine.
    private func answerAll(_ instance: ByteString?, _ file: Descriptor?, isSilent: Bool) {
        for place in 0..<ControlServer.places {
            if control?.clients[place]?.wants(instance) ?? false {
                startAnswer(place, file, isSilent: isSilent)
            }
        }
        askEngine()
    }

    private func startAnswer(_ place: Int, _ file: Descriptor?, isSilent: Bool) {
        guard let client = control?.clients[place], case .waiting(let request) = client.phase else {
            return
        }
        do throws(SystemError) {
            let pid = try Process.fork()
            if pid == 0 { becomeAnswer(request, client.socket, file, isSilent: isSilent) }
            watchAnswer(pid, place)
        } catch {
            refuse(client.socket, SystemError.text(error.code))
            letGo(place)
        }
    }

    private func watchAnswer(_ pid: Int32, _ place: Int) {
        do throws(SystemError) {
            let ended = try watch(pid, token: Token.answer &+ UInt64(place))
            control?.clients[place]?.phase = .answered(pid: pid, ended: ended)
            control?.clients[place]?.question = nil
            control?.clients[place]?.deadline = Clock.boot() + ControlServer.timeToRead
        } catch {
            letGo(place)
        }
    }

    private func becomeAnswer(
        _ request: ControlRequest, _ socket: StreamSocket, _ file: Descriptor?, isSilent: Bool
    ) -> Never {
        Process.setName("martlet-answer")
        let answer = ControlAnswer(
            request: request, keeper: keeperReport(isSilent: isSilent), report: file,
            engine: engine?.pid, settings: bundle.table.process,
            instances: bundle.table.instances, readAt: readAt,
            history: pastTransitions(of: request.subject.instance), last: lastTransitions)
        Process.closeDescriptors(but: socket.descriptor, and: file?.rawValue ?? -1)
        answer.write(to: socket)
        Process.exit(0)
    }

    func answerEnded(_ place: Int) {
        guard case .answered(let pid, let ended)? = control?.clients[place]?.phase,
            Process.reap(pid) != nil
        else { return }
        poller.remove(ended.rawValue)
        letGo(place)
        tidyUp.ask(at: Clock.boot())
    }

    func serveControl(at now: Instant) {
        guard let server = control, let deadline = server.deadline, deadline <= now else { return }
        if let until = server.pausedUntil, until <= now { resumeControl() }
        for place in server.clients.indices {
            if let client = server.clients[place], client.deadline <= now { giveUp(place, client) }
        }
        guard let question = server.question else { return }
        if question.end <= now {
            control?.question = nil
            answerAll(question.instance, nil, isSilent: true)
        } else if question.due <= now {
            control?.question?.due = now + ControlServer.timeToAskAgain
            tellEngine(.report(number: question.number, instance: question.instance))
        }
    }

    private func resumeControl() {
        guard let descriptor = control?.listener.descriptor else { return }
        control?.pausedUntil = nil
        do throws(SystemError) {
            try poller.add(descriptor, token: Token.control)
        } catch {
            control?.pausedUntil = Clock.boot() + .seconds(1)
        }
    }

    /// The child's end frees the place.
    private func giveUp(_ place: Int, _ client: ControlClient) {
        switch client.phase {
        case .asking:
            poller.remove(client.socket.descriptor)
            letGo(place)
        case .waiting: letGo(place)
        case .answered(let pid, _):
            Process.send(Signal.kill, to: pid)
            control?.clients[place]?.deadline = Clock.boot() + ControlServer.timeToRead
        }
    }
}

extension ControlClient {
    /// For a question that is not put yet.
    var isWaiting: Bool {
        guard case .waiting = phase else { return false }
        return question == nil
    }

    func wants(_ instance: ByteString?) -> Bool {
        guard case .waiting(let request) = phase else { return false }
        return request.subject.instance == instance
    }
}

extension ControlRequest.Subject {
    /// Nil: all of them.
    var instance: ByteString? {
        switch self {
        case .status: nil
        case .explain(let name): name
        }
    }
}
