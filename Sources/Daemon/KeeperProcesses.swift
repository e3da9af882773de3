import Linux
import Net

/// How the keeper learns of processes: the kernel tells of each change, or it looks every second.
struct ProcessSource {
    /// Nil: the kernel tells nothing here.
    var events: ProcessEvents?
    /// The kernel has confirmed that it tells.
    var isListening = false
    var nextLook: Instant?

    static let interval = Interval.seconds(1)
}

// vrrp_track_process.
extension Keeper {
    /// Before the engine starts, and for each new configuration.
    func watchProcesses() {
        var watch = ProcessWatch(bundle.table.processes)
        watch.keepResults(of: processes)
        processes = watch
        if watch.isEmpty { return forgetProcessSource() }
        if processSource.events == nil { subscribe() }
        lookAtAllProcesses()
    }

    private func forgetProcessSource() {
        if let events = processSource.events { poller.remove(events.descriptor) }
        processSource = ProcessSource()
    }

    /// First the subscription, then the look: nothing falls between them.
    private func subscribe() {
        do throws(SystemError) {
            let events = try ProcessEvents()
            try poller.add(events.descriptor, token: Token.processes)
            processSource = ProcessSource(events: events)
        } catch {
            processSource = ProcessSource()
            tellOfLooking(SystemError.text(error.code))
        }
    }

    private func tellOfLooking(_ why: String) {
        log.write(
            .notice,
            "the kernel tells nothing of processes here (process connector: \(why)): looking"
                + " through /proc once a second instead")
    }

    private func lookAtAllProcesses() {
        let now = Clock.boot()
        var images: [(pid: Int32, image: ProcessImage)] = []
        for pid in ProcessList.all() {
            if let image = ProcessList.image(of: pid, withWords: processes.needsWords) {
                images.append((pid, image))
            }
        }
        processes.replace(images, at: now)
        processSource.nextLook =
            processSource.isListening ? nil : now + ProcessSource.interval
        tellProcesses(at: now)
    }

    func readProcessEvents() {
        let now = Clock.boot()
        while let change = processSource.events?.next() {
            switch change {
            case .listening:
                processSource.isListening = true
                processSource.nextLook = nil
            case .changed(let pid):
                let image = ProcessList.image(of: pid, withWords: processes.needsWords)
                processes.update(pid, image, at: now)
            case .gone(let pid): processes.update(pid, nil, at: now)
            case .lost:
                log.write(.warning, "process events were lost: looking through /proc")
                lookAtAllProcesses()
            }
        }
        tellProcesses(at: now)
    }

    var processDeadline: Instant? { earliest(processes.deadline, processSource.nextLook) }

    func lookAtProcesses(at now: Instant) {
        if let next = processSource.nextLook, next <= now {
            if processSource.events != nil && !processSource.isListening { giveUpEvents() }
            lookAtAllProcesses()
        }
        tellProcesses(at: now)
    }

    /// A subscription that nobody confirmed within a second comes to nothing.
    private func giveUpEvents() {
        forgetProcessSource()
        tellOfLooking("no answer")
    }

    private func tellProcesses(at now: Instant) {
        for (index, isWorking) in processes.changes(at: now) {
            tellEngine(
                .process(
                    generation: bundle.table.generation, index: index, working: isWorking))
        }
    }

    /// What is known already, for an engine that starts or runs on another configuration.
    var knownProcesses: [KeeperMessage] {
        var messages: [KeeperMessage] = []
        for (index, result) in processes.results.enumerated() {
            guard let result else { continue }
            messages.append(
                .process(generation: bundle.table.generation, index: index, working: result))
        }
        return messages
    }
}
