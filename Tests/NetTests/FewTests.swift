import Net
import Testing

/// A list that has one element most of the time.
@Suite struct FewTests {
    @Test func oneElementNeedsNoMemoryOfItsOwn() {
        #expect(MemoryLayout<Few<IPAddress>>.size <= 18)
    }

    @Test func behavesLikeAnArray() {
        var list: Few<Int> = []
        #expect(list.isEmpty)
        list.append(7)
        #expect(list.array == [7])
        #expect(list.count == 1)
        list.append(8)
        list.append(9)
        #expect(list.array == [7, 8, 9])
        list[1] = 5
        #expect(list.map { $0 * 2 } == [14, 10, 18])
        list.removeLast(2)
        #expect(list == [7])
        list[0] = 4
        #expect(list.first == 4)
        list.removeAll()
        #expect(list.isEmpty)
    }

    /// However a list came to its elements, it is the same list.
    @Test func listsAreComparedByTheirElements() {
        var grown = Few<Int>()
        grown.append(1)
        #expect(grown == Few([1]))
        #expect(grown.hashValue == Few([1]).hashValue)
        var shrunk = Few([1, 2])
        shrunk.removeLast()
        #expect(shrunk == grown)
        #expect(Few([1]) != Few([2]))
        #expect(Few([1]) != Few([1, 1]))
    }
}
