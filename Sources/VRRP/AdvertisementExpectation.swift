import Net

/// What a virtual router's advertisements look like, those that it sends and those that it accepts:
/// its parameters, and what is derived from them once, so that checking a packet needs no state and
/// allocates nothing.
package struct AdvertisementExpectation: Sendable {
    package let shared: SharedParameters
    /// As many as find room in a packet; empty for one alone, which is in order where it stands.
    private let sorted: SortedAddresses
    private let count: UInt8
    /// So many of the configured addresses find room, 0...255.
    package var advertisedCount: Int { Int(count) }

    package init(_ parameters: VirtualRouterParameters) { self.init(SharedParameters(parameters)) }

    package init(_ shared: SharedParameters) {
        self.init(shared, limitedTo: shared.value.addresses.count)
    }

    package init(_ shared: SharedParameters, limitedTo count: Int) {
        self.shared = shared
        let all = shared.value.addresses
        self.count = UInt8(clamping: min(count, all.count))
        guard self.count > 1 else {
            sorted = SortedAddresses()
            return
        }
        sorted = SortedAddresses(
            self.count == all.count ? all.array : [IPAddress](all.prefix(Int(self.count))))
    }

    /// How many different addresses are to be in the list.
    var addressCount: Int { count > 1 ? sorted.count : Int(count) }

    /// Position among those; nil for a stranger.
    func position(of address: IPAddress) -> Int? {
        if count > 1 { return sorted.position(of: address) }
        return count == 1 && shared.value.addresses.first == address ? 0 : nil
    }
}

extension AdvertisementExpectation {
    package var parameters: VirtualRouterParameters { shared.value }
    var headerKey: [UInt8] { shared.value.headerKey }
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
