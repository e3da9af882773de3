import Testing

@testable import Daemon

struct ByteQueueTests {
    @Test func messagesGoInTheirOrder() {
        var queue = ByteQueue()
        queue.append([1, 2])
        queue.append([])
        queue.append([3])
        var gone: [[UInt8]] = []
        queue.drain {
            gone.append($0)
            return true
        }
        #expect(gone == [[1, 2], [], [3]])
        #expect(queue.isEmpty)
    }

    @Test func whatIsNotTakenStaysInFront() {
        var queue = ByteQueue()
        for byte in UInt8(1)...4 { queue.append([byte]) }
        var room = 2
        func takeTwo(_ message: [UInt8]) -> Bool {
            room -= 1
            return room >= 0
        }
        queue.drain(takeTwo)
        #expect(queue.count == 2)
        queue.append([5])
        var rest: [[UInt8]] = []
        queue.drain {
            rest.append($0)
            return true
        }
        #expect(rest == [[3], [4], [5]])
        #expect(queue.isEmpty)
    }
}
