import Config
import Net
import VRRP

extension Node {
    func lintAddresses(of instance: Int, _ collector: inout Collector) {
        let own = configuration.instances[instance]
        let all = own.addresses.array + own.excludedAddresses
        for address in all {
            let prefix = address.prefix
            guard address.peer == nil, prefix.address.family == .ipv4 else { continue }
            if prefix.length == 32 {
                lintHostPrefix(address, among: all, instance, &collector)
            } else if prefix.length < 31, let end = prefix.reservedEnd {
                collector.add(
                    .networkAddress, "\(prefix) is the \(end) of its subnet, no address in it",
                    at: place(of: prefix.address, of: instance), block: title(instance),
                    word: ByteString("\(prefix)"),
                    hint: "write an address that a host could have, like "
                        + "\(prefix.firstHost)/\(prefix.length)")
            }
        }
    }

    private func lintHostPrefix(
        _ address: VirtualAddress, among all: [VirtualAddress], _ instance: Int,
        _ collector: inout Collector
    ) {
        for other in all
        where other.interface == address.interface && other.prefix.length < 31
            && other.prefix.address.family == .ipv4
            && other.prefix.contains(address.prefix.address)
        {
            collector.add(
                .hostPrefix,
                "\(address.prefix) is a single host beside \(other.prefix), which has its subnet",
                at: place(of: address.prefix.address, of: instance),
                and: place(of: other.prefix.address, of: instance), block: title(instance),
                word: ByteString("\(address.prefix)"),
                hint: "write \(address.prefix.address)/\(other.prefix.length), or /32 behind both; "
                    + "without a length it is /32")
            return
        }
    }

    func lintSource(of instance: Int, _ collector: inout Collector) {
        let own = configuration.instances[instance]
        let parameters = configuration.plan.virtualRouters[instance]
        let held = (own.addresses + own.excludedAddresses).map { $0.prefix.address }
        if let source = own.source, held.contains(source), !parameters.isOwner {
            let keyword = writes("unicast_src_ip", instance) ? "unicast_src_ip" : "mcast_src_ip"
            collector.add(
                .virtualSource,
                "\(keyword) \(source) is a virtual address: a backup does not have it",
                at: place(keyword, of: instance), and: place(of: source, of: instance),
                block: title(instance), word: ByteString("\(source)"),
                hint: "write an address that this router always has on \(own.interface)")
        }
        guard case .unicast(let peers) = parameters.transport else { return }
        for peer in peers where held.contains(peer) {
            collector.add(
                .virtualPeer,
                "the peer \(peer) is a virtual address: who holds it would talk to itself",
                at: places.place(of: peer, sections: ["unicast_peer"], in: title(instance)),
                and: place(of: peer, of: instance), block: title(instance),
                word: ByteString("\(peer)"), hint: "write the other router's own address")
        }
    }

    /// Two instances that hold one address take it from each other.
    func lintSharedAddresses(_ collector: inout Collector) {
        struct Key: Hashable {
            var address: IPAddress
            var interface: ByteString
        }
        var holders: [Key: Int] = [:]
        for (number, instance) in configuration.instances.enumerated() {
            for held in instance.addresses + instance.excludedAddresses {
                let key = Key(
                    address: held.prefix.address,
                    interface: held.interface ?? instance.interface)
                guard let other = holders.updateValue(number, forKey: key), other != number else {
                    continue
                }
                collector.add(
                    .sharedAddress,
                    "\(key.address) is an address of \(configuration.instances[other].name) too: "
                        + "one would take it from the other",
                    at: place(of: key.address, of: number), and: place(of: key.address, of: other),
                    block: title(number), word: ByteString("\(key.address)"),
                    hint: "each virtual address belongs to one vrrp_instance")
            }
        }
    }
}

extension Prefix {
    func contains(_ other: IPAddress) -> Bool {
        guard case .v4(let own) = address, case .v4(let other) = other else { return false }
        return own.value & mask == other.value & mask
    }

    /// Of IPv4.
    private var mask: UInt32 {
        length <= 0 ? 0 : length >= 32 ? .max : ~(UInt32.max >> UInt32(length))
    }

    /// What an IPv4 address is, if its host part is all zeros or all ones.
    var reservedEnd: String? {
        guard case .v4(let own) = address else { return nil }
        if own.value & ~mask == 0 { return "network address" }
        return own.value & ~mask == ~mask ? "broadcast address" : nil
    }

    var firstHost: IPv4Address {
        guard case .v4(let own) = address else { return .any }
        return IPv4Address(own.value & mask | 1)
    }
}
