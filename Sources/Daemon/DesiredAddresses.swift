import Config
import Linux
import Net

extension Instance {
    /// Every address the instance holds while it is master, in the order of the configuration.
    func desiredAddresses(isOwner: Bool) -> [DesiredAddress] {
        var result: [DesiredAddress] = []
        for address in addresses + excludedAddresses {
            result.append(
                DesiredAddress(
                    interface: address.interface ?? interface, spec: address.spec,
                    isTracked: address.isTracked, adopts: isOwner))
        }
        return result
    }
}

extension VirtualAddress {
    /// As the kernel is asked for it; the interface's index comes later.
    var spec: AddressSpec {
        var spec = AddressSpec(interfaceIndex: 0, prefix: prefix)
        spec.scope = scope
        spec.label = label
        if let peer {
            spec.peer = peer.address
            spec.prefix.length = peer.length
        }
        spec.broadcast = broadcastAddress
        return spec
    }

    private var broadcastAddress: IPv4Address? {
        if case .address(let address) = broadcast { return address }
        guard case .v4(let local) = prefix.address, prefix.length <= 30 else { return nil }
        let host = UInt32.max >> UInt32(prefix.length)
        switch broadcast {
        case .none, .address: return nil
        case .allOnes: return IPv4Address(local.value | host)
        case .allZeros: return IPv4Address(local.value & ~host)
        }
    }
}

extension Configuration {
    /// Every address that any instance declares: none of them is ever sent from.
    var virtualAddresses: Set<IPAddress> {
        var result: Set<IPAddress> = []
        for instance in instances {
            for address in instance.addresses + instance.excludedAddresses {
                result.insert(address.prefix.address)
            }
        }
        return result
    }

    /// The same with their interfaces, for the removal of leftovers.
    var declaredAddresses: [DesiredAddress] {
        var result: [DesiredAddress] = []
        for (instance, parameters) in zip(instances, plan.virtualRouters) {
            result += instance.desiredAddresses(isOwner: parameters.isOwner)
        }
        return result
    }
}
