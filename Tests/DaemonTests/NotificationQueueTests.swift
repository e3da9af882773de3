import Net
import Testing

@testable import Daemon

@Suite struct NotificationQueueTests {
    private let own = ResolvedCommand(words: ["/own"], user: 0, group: 0)
    private let any = ResolvedCommand(words: ["/any"], user: 0, group: 0)

    private func notification(_ state: NotifiedState) -> Daemon.Notification {
        Daemon.Notification(
            generation: 1, isGroup: false, subject: 0, state: state, previous: nil, priority: 100,
            reason: "")
    }

    private func told(_ queue: inout NotificationQueue) -> [String] {
        var told: [String] = []
        while let job = queue.next() {
            told.append("\(job.command.words[0]) \(job.notification.state.word)")
            queue.finished()
        }
        return told
    }

    @Test func oneCommandAtATimeInOrder() {
        var queue = NotificationQueue()
        queue.add(notification(.backup), [own, any])
        let first = queue.next()
        #expect(first?.command == own)
        let none = queue.next()
        #expect(none == nil)
        queue.finished()
        #expect(told(&queue) == ["/any BACKUP"])
        #expect(queue.isIdle)
    }

    @Test func statesPassedOverAreDroppedAndCounted() {
        var queue = NotificationQueue()
        queue.add(notification(.backup), [any])
        _ = queue.next()
        queue.add(notification(.master), [any])
        queue.add(notification(.backup), [any])
        queue.add(notification(.master), [any])
        queue.finished()
        #expect(told(&queue) == ["/any MASTER"])
        #expect(queue.passedOver == 2)
    }

    @Test func aStateThatWasBegunIsToldToTheEnd() {
        var queue = NotificationQueue()
        queue.add(notification(.master), [own, any])
        _ = queue.next()
        queue.add(notification(.backup), [own, any])
        queue.finished()
        #expect(told(&queue) == ["/any MASTER", "/own BACKUP", "/any BACKUP"])
        #expect(queue.passedOver == 0)
    }

    @Test func stopIsNeverDropped() {
        var queue = NotificationQueue()
        queue.add(notification(.master), [any])
        _ = queue.next()
        queue.add(notification(.stop), [any])
        queue.finished()
        #expect(told(&queue) == ["/any STOP"])
    }

    @Test func remarksAreBounded() {
        var queue = NotificationQueue()
        for _ in 0..<100 { queue.add(notification(.lowerPriorityHeard), [any]) }
        #expect(told(&queue).count == 64)
    }
}
