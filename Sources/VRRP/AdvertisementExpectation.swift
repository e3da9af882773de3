import Net

/// What a virtual router's advertisements look like, those that it sends and those that it accepts:
/// its parameters, and what is derived from them once, so that checking a packet needs no state and
/// allocates nothing.
package struct AdvertisementExpectation: Sendable {
    package let shared: SharedParameters
    /// As many as find room in a packet.
    let addresses: SortedAddresses
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
        addresses = SortedAddresses(
            self.count == all.count ? all : [IPAddress](all.prefix(Int(self.count))))
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
