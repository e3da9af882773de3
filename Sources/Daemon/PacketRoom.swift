import Net
import VRRP

// An advertisement is one packet: what the interface's MTU leaves no room for is held, but not
// advertised, as with keepalived.

extension Port {
    /// Returns how many addresses are left out, where that has changed.
    mutating func fit(mtu: UInt32) -> Int? {
        // Nobody knows the MTU yet.
        guard mtu > 0 else { return nil }
        let count = min(parameters.addresses.count, parameters.addressRoom(mtu: mtu))
        guard count != expectation.advertisedCount else { return nil }
        expectation = AdvertisementExpectation(expectation.shared, limitedTo: count)
        return parameters.addresses.count - count
    }

    func advertises(_ address: IPAddress) -> Bool {
        parameters.addresses.prefix(expectation.advertisedCount).contains(address)
    }
}

extension Engine {
    func fit(_ index: Int, toMTU mtu: UInt32) {
        guard let leftOut = ports[index].fit(mtu: mtu) else { return }
        let name = ports[index].parameters.name
        guard leftOut > 0 else {
            return log.write(.notice, about: name, "all addresses find room in an advertisement")
        }
        log.write(
            .warning, about: name,
            "\(ports[index].interfaceName)'s MTU \(mtu) has no room for the last \(leftOut) addresses:"
                + " they are treated as virtual_ipaddress_excluded")
    }
}
