package import Config
import Linux
package import Net

extension DesiredAddress {
    /// One line of virtual_ipaddress.
    ///
    /// - Parameters:
    ///   - interface: the instance's (or its VMAC's), where the line names none.
    ///   - isOwner: the instance has priority 255.
    package init(_ virtual: VirtualAddress, interface: ByteString, isOwner: Bool) {
        var spec = AddressSpec(interfaceIndex: 0, prefix: virtual.prefix)
        spec.scope = virtual.scope
        spec.label = virtual.label
        spec.broadcast = broadcast(virtual.broadcast, of: virtual.prefix)
        if let peer = virtual.peer {
            spec.peer = peer.address
            spec.prefix.length = peer.length
            spec.broadcast = nil
        }
        spec.flags.formUnion(AddressInfo.Flags(rawValue: virtual.flags.rawValue))
        if virtual.detectsDuplicates { spec.flags.remove(.noDAD) }
        if let seconds = virtual.preferredLifetime {
            spec.lifetime = .init(preferred: seconds, valid: AddressSpec.Lifetime.forever)
        }
        self.init(
            interface: virtual.interface ?? interface, spec: spec,
            isTracked: virtual.isTracked, adopts: isOwner)
    }
}

/// `+` and `-` mean nothing where the prefix leaves less than two bits for hosts.
private func broadcast(_ wanted: Broadcast, of prefix: Prefix) -> IPv4Address? {
    guard case .v4(let address) = prefix.address else { return nil }
    let mask = prefix.length <= 30 ? UInt32.max >> UInt32(max(prefix.length, 0)) : nil
    return switch wanted {
    case .none: nil
    case .address(let broadcast): broadcast
    case .allOnes: mask.map { IPv4Address(address.value | $0) }
    case .allZeros: mask.map { IPv4Address(address.value & ~$0) }
    }
}
