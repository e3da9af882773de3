import Net

/// What a virtual router's advertisements look like, those that it sends and those that it accepts:
/// its parameters, and what is derived from them once, so that checking a packet needs no state and
/// allocates nothing.
package struct AdvertisementExpectation: Sendable {
    package let shared: SharedParameters
    /// Sorted, without duplicates; as many as find room in a packet.
    let addresses: [IPAddress]
    /// So many of the configured addresses find room.
    package let advertisedCount: Int

    package init(_ parameters: VirtualRouterParameters) { self.init(SharedParameters(parameters)) }

    package init(_ shared: SharedParameters) {
        self.init(shared, limitedTo: shared.value.addresses.count)
    }

    package init(_ shared: SharedParameters, limitedTo count: Int) {
        self.shared = shared
        advertisedCount = min(count, shared.value.addresses.count)
        addresses = AdvertisementExpectation.sorted(
            advertisedCount == shared.value.addresses.count
                ? shared.value.addresses : [IPAddress](shared.value.addresses.prefix(count)))
    }

    /// What is in order already, as a single address is, stays the same array.
    private static func sorted(_ list: [IPAddress]) -> [IPAddress] {
        if zip(list, list.dropFirst()).allSatisfy({ $0 < $1 }) { return list }
        var result: [IPAddress] = []
        for address in list.sorted() where result.last != address { result.append(address) }
        return result
    }

    /// Position in the sorted list; nil for a stranger.
    func position(of address: IPAddress) -> Int? {
        var low = 0
        var high = addresses.count
        while low < high {
            let middle = (low + high) / 2
            if addresses[middle] < address { low = middle + 1 } else { high = middle }
        }
        return low < addresses.count && addresses[low] == address ? low : nil
    }
}

extension AdvertisementExpectation {
    package var parameters: VirtualRouterParameters { shared.value }
    var headerKey: [UInt8] { shared.headerKey }
    var version: ProtocolVersion { shared.value.version }
    var family: Family { shared.value.family }
    var vrid: UInt8 { shared.value.vrid }
    var checksum: ChecksumStyle { shared.value.checksum }
    var acceptsOldUnicastChecksum: Bool { shared.value.acceptsOldUnicastChecksum }
    var skipsKnownList: Bool { shared.value.skipsKnownList }
    var interval: Interval { shared.value.advertisementInterval }
    var trailer: TrailerAuthentication? { shared.value.trailer }
    var hopLimits: [PeerHopLimits] { shared.value.peerHopLimits }

    var isUnicast: Bool {
        if case .unicast = shared.value.transport { true } else { false }
    }

    /// Of unicast; none for multicast.
    var peers: [IPAddress] {
        if case .unicast(let peers) = shared.value.transport { peers } else { [] }
    }

    var checksSource: Bool { isUnicast && shared.value.checksUnicastSource }

    var ignoresEverybody: Bool {
        shared.value.isOwner && shared.value.ownerIgnoresAdvertisements
    }

    /// Version 3 has none.
    var authentication: Authentication {
        version == .v2 ? shared.value.authentication : .none
    }
}
