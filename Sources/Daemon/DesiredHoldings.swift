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

    /// All that it holds, in the order of adding: addresses, excluded ones, routes, rules.
    func holdings(isOwner: Bool) -> [Holding] {
        desiredAddresses(isOwner: isOwner).map { .address($0) } + Daemon.holdings(routes, rules)
    }
}

extension StaticItems {
    /// All that is there whatever the instances do.
    var holdings: [Holding] {
        var result: [Holding] = []
        for address in addresses {
            let desired = DesiredAddress(address, interface: interface, isOwner: false)
            result.append(.address(desired))
        }
        return result + Daemon.holdings(routes, rules)
    }
}

extension StaticItems {
    /// The track_group of one of them.
    func group(of key: HoldingKey) -> ByteString? {
        for (holding, group) in zip(holdings, groups) where holding.key == key { return group }
        return nil
    }

    /// As `holdings`.
    private var groups: [ByteString?] {
        addresses.map { $0.group } + routes.map { $0.group } + rules.map { $0.group }
    }
}

private func holdings(_ routes: [ConfiguredRoute], _ rules: [ConfiguredRule]) -> [Holding] {
    var result: [Holding] = []
    for route in routes { result.append(.route(route.route, isTracked: route.isTracked)) }
    for rule in rules { result.append(.rule(rule.rule, isTracked: rule.isTracked)) }
    return result
}

extension Configuration {
    /// Every address that any instance declares: none of them is ever sent from.
    var virtualAddresses: SortedAddresses {
        var all: [IPAddress] = []
        all.reserveCapacity(instances.reduce(0) { $0 + $1.addresses.count })
        for instance in instances {
            for address in instance.addresses { all.append(address.prefix.address) }
            for address in instance.excludedAddresses { all.append(address.prefix.address) }
        }
        return SortedAddresses(all)
    }

    /// Everything that comes and goes with the daemon, for the removal of leftovers.
    var declaredHoldings: [Holding] {
        var result: [Holding] = []
        for (instance, parameters) in zip(instances, plan.virtualRouters) {
            result += instance.holdings(isOwner: parameters.isOwner)
        }
        return result + statics.holdings
    }

    /// The addresses of it.
    var declaredAddresses: [DesiredAddress] { declaredHoldings.compactMap { $0.address } }

    var hasRoutes: Bool {
        for holding in declaredHoldings where holding.key.rank > 0 { return true }
        return false
    }
}

extension Holding {
    var address: DesiredAddress? {
        guard case .address(let address) = self else { return nil }
        return address
    }
}

extension HoldingKey {
    var address: AddressKey? {
        guard case .address(let key) = self else { return nil }
        return key
    }
}
