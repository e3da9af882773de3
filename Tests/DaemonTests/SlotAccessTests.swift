import Linux
import Net
import Testing

@testable import Daemon

/// What engine and keeper tell each other in shared memory.
@Suite struct SlotAccessTests {
    @Test func numbersFollowTheirVirtualRouterAndStatesAreForgotten() throws {
        let memory = try SharedMemory(words: SlotLayout.words)
        let writer = SlotWriter(memory)
        let reader = SlotReader(memory)
        for index in 0..<3 {
            writer.publish(index, number: UInt64(10 + index))
            writer.publish(index, promoted: Int32(index + 1))
            writer.publish(index, masterDown: Instant(nanoseconds: 5))
            writer.publish(
                index,
                PublishedState(isMaster: true, since: Instant(nanoseconds: 1), source: nil))
        }
        writer.publish(generation: 7)
        writer.moveNumbers(from: [2, nil, 0, 1, 9], of: 3)
        #expect((0..<6).map { reader.number(of: $0) } == [12, 0, 10, 11, 0, 0])
        #expect((0..<6).map { reader.promoted(by: $0) } == [3, 0, 1, 2, 0, 0])
        #expect((0..<6).map { reader.masterDown(of: $0) } == [nil, nil, nil, nil, nil, nil])
        #expect(reader.masters(count: 6) == [])
        #expect(reader.generation == 0)
        // Fewer than there were.
        writer.moveNumbers(from: [3], of: 5)
        #expect((0..<4).map { reader.number(of: $0) } == [11, 0, 0, 0])
    }
}
