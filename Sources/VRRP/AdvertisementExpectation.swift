import Net

/// What a virtual router's advertisements must look like: derived once from its parameters, so
/// that checking a packet needs no state and allocates nothing.
package struct AdvertisementExpectation: Hashable, Sendable {
    var version: ProtocolVersion
    var family: Family
    var vrid: UInt8
    var authentication: Authentication
    var interval: Interval
    var isUnicast: Bool
    var peers: [IPAddress]
    var checksSource: Bool
    /// The key of an Authentication Header; empty where there is none.
    var headerKey: [UInt8]
    var trailer: TrailerAuthentication?
    var hopLimits: [PeerHopLimits]
    var checksum: ChecksumStyle
    var acceptsOldUnicastChecksum: Bool
    var ignoresEverybody: Bool
    var skipsKnownList: Bool
    /// Sorted, without duplicates.
    var addresses: [IPAddress]

    package init(_ parameters: VirtualRouterParameters) {
        version = parameters.version
        family = parameters.family
        vrid = parameters.vrid
        authentication = parameters.version == .v2 ? parameters.authentication : .none
        interval = parameters.advertisementInterval
        headerKey = authentication.headerKey
        trailer = parameters.trailer
        hopLimits = parameters.peerHopLimits
        checksum = parameters.checksum
        acceptsOldUnicastChecksum = parameters.acceptsOldUnicastChecksum
        ignoresEverybody = parameters.isOwner && parameters.ownerIgnoresAdvertisements
        skipsKnownList = parameters.skipsKnownList
        checksSource = parameters.checksUnicastSource
        switch parameters.transport {
        case .multicast:
            isUnicast = false
            peers = []
            checksSource = false
        case .unicast(let list):
            isUnicast = true
            peers = list.sorted()
        }
        addresses = []
        for address in parameters.addresses.sorted() where addresses.last != address {
            addresses.append(address)
        }
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
