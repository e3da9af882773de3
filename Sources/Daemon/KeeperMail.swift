import Linux
import Mail
import Net

/// A helper that runs: it has at most one order at a time.
final class MailHelper {
    let pid: Int32
    let channel: Channel
    /// By then the order must be done.
    var deadline: Instant?

    init(pid: Int32, channel: Channel) {
        self.pid = pid
        self.channel = channel
    }
}

// Mail. The keeper writes letters and keeps their queue; a helper, started when there is something
// to send and gone when there is not, resolves names and waits for servers.
extension Keeper {
    func mail(_ notification: Notification, _ entry: SubjectEntry) {
        guard entry.sendsMail, let table = bundle.table.mail,
            let state = MailedState(notification.state)
        else { return }
        if state == .fault && !table.settings.mailsFaults { return }
        let letter = Letter(
            isGroup: notification.isGroup, name: entry.name, state: state,
            time: Clock.realTime() / 1_000_000_000)
        post.add(letter, at: Clock.boot())
        sendMail(at: Clock.boot())
    }

    /// Whatever is due: a letter to send, a helper that takes too long, or one without work.
    func sendMail(at now: Instant) {
        if let helper = mailHelper, let deadline = helper.deadline, deadline <= now {
            log.write(.warning, "the mail helper took too long: ending it")
            Process.send(Signal.kill, toGroup: helper.pid)
            return dropMailHelper(.failed("no answer in time"))
        }
        guard let table = bundle.table.mail else { return }
        while let letter = post.next(at: now) {
            let order = MailOrder(letter, table.settings)
            if order.values("to").isEmpty {
                // Those who did not have it yet are recipients no more.
                finishMail(.delivered(""), at: now)
                continue
            }
            let failure = hand(order, table, at: now)
            guard let failure else { return }
            finishMail(.failed(failure), at: now)
        }
        if post.deadline == nil || post.isQuiet, mailHelper?.deadline == nil { closeMailHelper() }
    }

    /// Nil, or why it could not be given to a helper.
    private func hand(
        _ order: MailOrder, _ table: MailTable, at now: Instant
    ) -> ByteString? {
        guard let helper = mailHelper ?? startMailHelper(table) else { return "no helper" }
        let bytes = order.encode()
        guard bytes.count <= MailOrder.limit, helper.channel.send(bytes) else {
            return "the helper does not take it"
        }
        helper.deadline = now + table.settings.timeout * 5 + .seconds(5)
        return nil
    }

    private func startMailHelper(_ table: MailTable) -> MailHelper? {
        do throws(SystemError) {
            let (ours, theirs) = try Channel.pair()
            let error = start(table.helper, .mailer, input: theirs.descriptor)
            guard error == nil, let child = children.last else { return nil }
            let helper = MailHelper(pid: child.pid, channel: ours)
            try poller.add(ours.descriptor, token: Token.mail)
            mailHelper = helper
            return helper
        } catch {
            log.write(.error, "cannot start the mail helper: \(error)")
            return nil
        }
    }

    func readMailOutcomes() {
        guard let helper = mailHelper else { return }
        switch helper.channel.receive() {
        case .nothing: return
        case .closed: dropMailHelper(.failed("the helper died"))
        case .message(let bytes, _):
            helper.deadline = nil
            finishMail(MailOutcome(bytes), at: Clock.boot())
            sendMail(at: Clock.boot())
        }
    }

    private func finishMail(_ outcome: MailOutcome, at now: Instant) {
        switch outcome {
        case .delivered(let text):
            if !text.isEmpty { log.write(.warning, "mail delivered, but: \(text)") }
        case .refused(let text): log.write(.error, "mail refused: \(text)")
        case .failed(let text): log.write(.warning, "mail not sent yet: \(text)")
        case .deferred(let recipients, let text):
            log.write(
                .warning, "mail not sent yet to \(recipients.count) of its recipients: \(text)")
        }
        let dropped = post.dropped
        post.finished(outcome, at: now)
        if post.dropped != dropped { log.write(.error, "mail given up: \(post.dropped) so far") }
    }

    private func dropMailHelper(_ outcome: MailOutcome) {
        let hadOrder = mailHelper?.deadline != nil
        closeMailHelper()
        if hadOrder { finishMail(outcome, at: Clock.boot()) }
    }

    /// The helper ends when its channel does.
    private func closeMailHelper() {
        guard let helper = mailHelper else { return }
        poller.remove(helper.channel.descriptor)
        mailHelper = nil
    }

    var mailDeadline: Instant? { earliest(post.deadline, mailHelper?.deadline) }
}

extension MailedState {
    fileprivate init?(_ state: NotifiedState) {
        switch state {
        case .master: self = .master
        case .backup: self = .backup
        case .fault: self = .fault
        case .stop: self = .stop
        case .deleted: self = .deleted
        case .lowerPriorityHeard, .masterPriority, .backupPriority: return nil
        }
    }
}
