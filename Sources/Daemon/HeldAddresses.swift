import Linux
import Net

/// What the kernel held at one moment, by address and interface: for who asks of thousands.
struct HeldAddresses {
    private struct Place: Hashable {
        var interface: Int32
        var prefix: Prefix
    }

    private let addresses: [AddressInfo]
    private let links: [ByteString: Int32]
    private var places: Set<Place> = []
    private var indexed = 0

    init(of interfaces: InterfaceTable) {
        addresses = interfaces.addresses
        var links: [ByteString: Int32] = [:]
        for link in interfaces.links { links[link.name] = link.index }
        self.links = links
    }

    /// A few more. False: all are.
    mutating func indexMore() -> Bool {
        guard indexed < addresses.count else { return false }
        let end = min(indexed + 64, addresses.count)
        for address in addresses[indexed..<end] {
            places.insert(Place(interface: address.interfaceIndex, prefix: address.prefix))
        }
        indexed = end
        return true
    }

    /// Of those that are indexed.
    func contains(_ prefix: Prefix, on interface: ByteString) -> Bool {
        guard let index = links[interface] else { return false }
        return places.contains(Place(interface: index, prefix: prefix))
    }
}
