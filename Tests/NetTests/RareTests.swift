import Net
import Testing

/// A setting that few make takes a pointer's room, and is a value like any other.
@Suite struct RareTests {
    private struct Record: Hashable {
        @Rare var peer: IPAddress?
        @Rare var name: ByteString? = "eth0"
    }

    private let address = IPAddress.v4(IPv4Address(192, 0, 2, 1))

    @Test func takesAPointersRoom() {
        #expect(MemoryLayout<IPAddress?>.size == 17)
        #expect(MemoryLayout<Rare<IPAddress?>>.size == 8)
    }

    @Test func holdsWhatWasSet() {
        var record = Record()
        #expect(record.peer == nil)
        #expect(record.name == "eth0")
        record.peer = address
        record.name = nil
        #expect(record.peer == address)
        #expect(record.name == nil)
    }

    @Test func aCopyIsNotChangedWithIt() {
        var record = Record()
        record.peer = address
        var copy = record
        copy.peer = nil
        #expect(record.peer == address)
        #expect(copy != record)
        copy.peer = address
        #expect(copy == record)
    }
}
