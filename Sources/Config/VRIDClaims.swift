import Net
import VRRP

/// Which instance has which VRID on a link. Those of one multicast group must differ; unicast
/// instances are told apart by their peers as well.
struct VRIDClaims {
    private struct Link: Hashable {
        var vrid: UInt8
        var family: Family
        var interface: ByteString
    }

    private struct Claim {
        var name: ByteString
        var transport: Transport
    }

    private var claims: [Link: Claim] = [:]
    /// Where there is more than one.
    private var further: [Link: [Claim]] = [:]

    /// Nil, or the instance that has it already.
    mutating func claim(
        _ parameters: VirtualRouterParameters, on interface: ByteString
    ) -> ByteString? {
        let link = Link(
            vrid: parameters.vrid, family: parameters.family, interface: interface)
        let claim = Claim(name: parameters.name, transport: parameters.transport)
        guard let first = claims[link] else {
            claims[link] = claim
            return nil
        }
        for other in [first] + (further[link] ?? [])
        where other.transport.meets(claim.transport) {
            return other.name
        }
        further[link, default: []].append(claim)
        return nil
    }
}

extension Transport {
    /// Whether a packet could be meant for both.
    fileprivate func meets(_ other: Transport) -> Bool {
        switch (self, other) {
        case (.multicast(let group), .multicast(let second)): group == second
        case (.unicast(let peers), .unicast(let second)):
            peers.isEmpty || second.isEmpty || peers.contains { second.contains($0) }
        case (.multicast, .unicast), (.unicast, .multicast): false
        }
    }
}
