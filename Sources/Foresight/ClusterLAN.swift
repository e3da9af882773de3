import Net
import VRRP

// The LAN between the nodes: nothing is lost on it, and whoever may hear a packet does.
extension Cluster {
    /// How long a packet takes.
    private static let delay = Interval.microseconds(100)

    struct Packet {
        var due: Instant
        var to: Int
        var index: Int
        var advertisement: Advertisement
    }

    mutating func send(_ index: Int, _ priority: UInt8, from sender: Int) {
        let parameters = nodes[sender].router.plan.virtualRouters[index]
        for receiver in nodes.indices where receiver != sender && nodes[receiver].isAlive {
            for (position, own) in nodes[receiver].router.plan.virtualRouters.enumerated() {
                let target = nodes[receiver].sources[position]
                guard accepts(own, parameters), reaches(parameters.transport, own, target)
                else { continue }
                packets.append(
                    Packet(
                        due: now + Cluster.delay, to: receiver, index: position,
                        advertisement: Advertisement(
                            source: nodes[sender].sources[index],
                            claim: priority == 0 ? .resigns : .priority(priority),
                            interval: parameters.advertisementInterval,
                            listDiffers: Set(own.addresses) != Set(parameters.addresses))))
            }
        }
    }

    /// The rungs of the decoder's ladder that two configurations decide.
    private func accepts(
        _ own: VirtualRouterParameters, _ sent: VirtualRouterParameters
    ) -> Bool {
        guard own.vrid == sent.vrid, own.family == sent.family, own.version == sent.version,
            own.authentication == sent.authentication
        else { return false }
        if own.version == .v2 && own.advertisementInterval != sent.advertisementInterval {
            return false
        }
        let common = Set(own.addresses).intersection(Set(sent.addresses))
        return !common.isEmpty || own.addresses.isEmpty && sent.addresses.isEmpty
    }

    private func reaches(
        _ transport: Transport, _ own: VirtualRouterParameters, _ target: IPAddress
    ) -> Bool {
        switch (transport, own.transport) {
        case (.multicast(let group), .multicast(let joined)): group == joined
        case (.unicast(let peers), .unicast): peers.contains { $0 == target }
        case (.multicast, .unicast), (.unicast, .multicast): false
        }
    }
}
