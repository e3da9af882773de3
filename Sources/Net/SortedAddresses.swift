/// A set of addresses that is made once and then asked: in order, without duplicates, one behind the
/// other, since thousands may be in it.
package struct SortedAddresses: Hashable, Sendable {
    private let list: [IPAddress]

    package var count: Int { list.count }

    /// What is in order already, as a single address is, stays the same array.
    package init(_ addresses: [IPAddress] = []) {
        if zip(addresses, addresses.dropFirst()).allSatisfy({ $0 < $1 }) {
            list = addresses
            return
        }
        var result: [IPAddress] = []
        for address in addresses.sorted() where result.last != address { result.append(address) }
        list = result.map { $0 }
    }

    package func contains(_ address: IPAddress) -> Bool { position(of: address) != nil }

    /// Position in the order; nil for a stranger.
    package func position(of address: IPAddress) -> Int? {
        var low = 0
        var high = list.count
        while low < high {
            let middle = (low + high) / 2
            if list[middle] < address { low = middle + 1 } else { high = middle }
        }
        return low < list.count && list[low] == address ? low : nil
    }
}
