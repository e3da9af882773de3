import Net
import Testing

@Suite struct SortedAddressesTests {
    private func address(_ text: String) -> IPAddress { IPAddress(text)! }

    @Test func sortsAndForgetsDuplicates() {
        let set = SortedAddresses(
            ["10.0.0.9", "fe80::1", "10.0.0.1", "10.0.0.9"].map { address($0) })
        #expect(set.count == 3)
        #expect(set.position(of: address("10.0.0.1")) == 0)
        #expect(set.position(of: address("10.0.0.9")) == 1)
        #expect(set.position(of: address("fe80::1")) == 2)
        #expect(set.position(of: address("10.0.0.2")) == nil)
        #expect(!set.contains(address("fe80::2")))
    }

    @Test func holdsNothing() {
        #expect(SortedAddresses().count == 0)
        #expect(!SortedAddresses().contains(address("::")))
    }
}
