import Net
import Testing

@testable import Daemon

/// What is said of commands that take long, and when they are ended.
@Suite struct NotifierTests {
    private let subject = Subject(isGroup: false, name: "VI_1")

    private func at(_ seconds: Int64) -> Instant {
        Instant(nanoseconds: 1_000_000_000_000) + .seconds(seconds)
    }

    /// A notifier whose one command runs since second 0.
    private func running(timeout: Interval? = nil) -> Notifier {
        let entry = SubjectEntry(
            name: "VI_1",
            commands: SubjectCommands(
                any: ResolvedCommand(words: ["/any"], user: 0, group: 0)),
            sendsMail: false)
        var notifier = Notifier()
        notifier.timeout = timeout
        notifier.add(
            Daemon.Notification(
                generation: 1, isGroup: false, subject: 0, state: .master, previous: .backup,
                priority: 100, reason: "no master heard"), entry)
        let started = notifier.next(at: at(0))
        #expect(started?.0 == subject)
        #expect(
            started?.2 == [
                "MARTLET_INSTANCE=VI_1", "MARTLET_STATE=MASTER", "MARTLET_PREVIOUS=BACKUP",
                "MARTLET_REASON=no master heard", "MARTLET_SEQUENCE=1", "MARTLET_PRIORITY=100",
            ])
        return notifier
    }

    @Test func whatRunsFor30SecondsIsSpokenOfOnce() {
        var notifier = running()
        #expect(notifier.deadline == at(30))
        #expect(notifier.overdue(at: at(29)) == [])
        #expect(notifier.overdue(at: at(30)) == [subject])
        #expect(notifier.overdue(at: at(90)) == [])
        #expect(notifier.deadline == nil)
        #expect(notifier.timedOut(at: at(9_000)) == [])
    }

    @Test func underNotifyTimeoutItIsEndedOnce() {
        var notifier = running(timeout: .seconds(4))
        #expect(notifier.deadline == at(4))
        #expect(notifier.timedOut(at: at(3)) == [])
        #expect(notifier.timedOut(at: at(4)) == [subject])
        #expect(notifier.timedOut(at: at(5)) == [])
        notifier.finished(subject)
        #expect(notifier.isIdle)
        #expect(notifier.deadline == nil)
    }
}
