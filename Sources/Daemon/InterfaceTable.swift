import Linux
import Net
import VRRP

/// The links and addresses that the kernel is known to have: a copy kept up to date by notices, and
/// made anew after an overflow. A value; only the engine asks the kernel.
struct InterfaceTable {
    private(set) var links: [LinkInfo] = []
    private(set) var addresses: [AddressInfo] = []
    /// Where the last removed address was.
    private var lastRemoved = 0

    /// What a notice means for those who use the interface.
    enum Change: Hashable {
        case nothing
        /// A link came, went, changed its name or state: every port looks again.
        case links
        /// The addresses of this interface changed.
        case addresses(Int32)
    }

    mutating func replace(links: [LinkInfo], addresses: [AddressInfo]) {
        self.links = links
        self.addresses = addresses
    }

    /// Room that nothing needs.
    mutating func letGo() { addresses = addresses.map { $0 } }

    /// An address that we added ourselves.
    ///
    /// - Parameter isNew: it was not there, says the kernel: nobody has to look for it.
    mutating func learn(_ address: AddressInfo, isNew: Bool) {
        if isNew { addresses.append(address) } else { _ = put(address) }
    }

    mutating func apply(_ notice: Notice) -> Change {
        switch notice {
        case .link(let link): return put(link)
        case .linkRemoved(let link): return remove(link)
        case .address(let address): return put(address)
        case .addressRemoved(let address): return remove(address)
        case .routeRemoved, .ruleRemoved: return .nothing
        }
    }

    private mutating func put(_ link: LinkInfo) -> Change {
        guard let index = links.firstIndex(where: { $0.index == link.index }) else {
            links.append(link)
            return .links
        }
        if links[index] == link { return .nothing }
        links[index] = link
        return .links
    }

    private mutating func remove(_ link: LinkInfo) -> Change {
        links.removeAll { $0.index == link.index }
        addresses.removeAll { $0.interfaceIndex == link.index }
        return .links
    }

    private mutating func put(_ address: AddressInfo) -> Change {
        if let place = place(of: address) {
            if addresses[place] == address { return .nothing }
            addresses[place] = address
        } else {
            addresses.append(address)
        }
        return .addresses(address.interfaceIndex)
    }

    private mutating func remove(_ address: AddressInfo) -> Change {
        guard let place = place(of: address) else { return .nothing }
        addresses.remove(at: place)
        lastRemoved = place
        return .addresses(address.interfaceIndex)
    }

    /// Looks behind the last one that was removed, where the next one is that goes, and then from
    /// the end, where the latest are. With thousands of addresses this is done as often as there
    /// are addresses, so it reads the fields where they are and copies none.
    private func place(of address: AddressInfo) -> Int? {
        if addresses.indices.contains(lastRemoved), isPlace(lastRemoved, of: address) {
            return lastRemoved
        }
        var place = addresses.count - 1
        while place >= 0 {
            if isPlace(place, of: address) { return place }
            place -= 1
        }
        return nil
    }

    private func isPlace(_ place: Int, of address: AddressInfo) -> Bool {
        addresses[place].interfaceIndex == address.interfaceIndex
            && addresses[place].prefix == address.prefix && addresses[place].peer == address.peer
    }

    func link(named name: ByteString) -> LinkInfo? { links.first { $0.name == name } }
    func link(index: Int32) -> LinkInfo? { links.first { $0.index == index } }

    /// The VRF that it belongs to; nil: none.
    func vrf(of link: LinkInfo) -> Int32? {
        guard let master = link.master,
            self.link(index: master)?.kind == ByteString("vrf")
        else { return nil }
        return master
    }

    func addresses(of interface: Int32) -> [AddressInfo] {
        addresses.filter { $0.interfaceIndex == interface }
    }

    /// "Up" is what keepalived takes it for: IFF_UP and IFF_RUNNING, and so is a parent's state.
    func status(of link: LinkInfo?) -> InterfaceStatus {
        guard let link else { return .missing }
        guard link.isUp && link.isRunning else { return .down }
        if let parent = link.parent, link.kind == ByteString("macvlan"),
            let parentLink = self.link(index: parent),
            !(parentLink.isUp && parentLink.isRunning)
        {
            return .down
        }
        return .up
    }
}
