import Control
import Linux
import Net

// Notify scripts and FIFOs.
extension Keeper {
    func notify(_ notification: Notification) {
        let table = notification.generation == pending?.table.generation ? pending?.table : nil
        let current = table ?? bundle.table
        guard notification.generation == current.generation else { return }
        lastStates.move(from: bundle.table, to: current)
        history.move(from: bundle.table, to: current)
        let entries = notification.isGroup ? current.groups : current.instances
        guard entries.indices.contains(notification.subject) else { return }
        let entry = entries[notification.subject]
        let subject = Subject(isGroup: notification.isGroup, name: entry.name)
        var notification = notification
        let told = lastStates[isGroup: notification.isGroup, notification.subject]
        notification.previous = notification.previous ?? told?.state
        remember(notification)
        record(notification)
        notifier.add(notification, entry)
        if !fifos.isEmpty {
            writeToFIFOs(entry.line(for: notification), of: subject, notification.state)
        }
        startNotifications()
        mail(notification, entry)
    }

    private func remember(_ notification: Notification) {
        let (isGroup, position) = (notification.isGroup, notification.subject)
        if notification.state.isState {
            lastStates[isGroup: isGroup, position] = ToldState(
                state: notification.state, priority: notification.priority)
        } else if notification.state.isLast {
            lastStates[isGroup: isGroup, position]?.isOver = true
        }
    }

    /// For `martletctl explain`. Who goes on after a crash changed nothing.
    private func record(_ notification: Notification) {
        guard !notification.isGroup, let state = StateWord(notification.state),
            notification.state != notification.previous
        else { return }
        history.add(
            notification.subject,
            Transition(
                time: Clock.boot(), from: notification.previous.flatMap { StateWord($0) },
                to: state, reason: notification.reason))
    }

    func startNotifications() {
        while let (subject, job, extra) = notifier.next(at: Clock.boot()) {
            if start(job.command, .notification(subject), extra: extra) != nil {
                notifier.finished(subject)
            }
        }
    }

    func notificationEnded(_ subject: Subject, _ status: ExitStatus) {
        if !status.isSuccess {
            log.write(.warning, about: subject.name, "a notify script ended with \(status.text)")
        }
        let passedOver = notifier.finished(subject)
        if passedOver > 0 {
            log.write(
                .notice, about: subject.name,
                "\(passedOver) states were passed over while its notify script ran")
        }
        startNotifications()
    }

    /// notify_timeout ends a command; without it one that takes long is only spoken of.
    func lookAtSlowCommands(at now: Instant) {
        for subject in notifier.overdue(at: now) {
            log.write(
                .warning, about: subject.name, "a notify script has been running for 30 s")
        }
        for subject in notifier.timedOut(at: now) {
            log.write(.warning, about: subject.name, "a notify script took too long: ending it")
            end { $0.purpose == .notification(subject) }
        }
    }
}
