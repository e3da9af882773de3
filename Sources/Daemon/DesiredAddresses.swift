import Config
import Linux
import Net
import VRRP

extension Instance {
    /// Every address the instance holds while it is master, in the order of the configuration.
    func desiredAddresses(isOwner: Bool) -> [DesiredAddress] {
        var result: [DesiredAddress] = []
        for address in addresses + excludedAddresses {
            result.append(
                DesiredAddress(address, interface: addressInterface, isOwner: isOwner))
        }
        return result
    }
}

extension Instance {
    /// The virtual link that advertisements leave by.
    var sendsThrough: ByteString? { sendsFromVirtualInterface ? virtualInterface?.name : nil }
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
