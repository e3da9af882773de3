import Net

/// What a virtual router's advertisements must look like: derived once from its parameters, so
/// that checking a packet needs no state and allocates nothing. A class, so that to look at it
/// copies nothing.
package final class AdvertisementExpectation: Sendable {
    let version: ProtocolVersion
    let family: Family
    let vrid: UInt8
    let isUnicast: Bool
    let checksSource: Bool
    let checksum: ChecksumStyle
    let acceptsOldUnicastChecksum: Bool
    let ignoresEverybody: Bool
    let skipsKnownList: Bool
    let authentication: Authentication
    let interval: Interval
    let peers: [IPAddress]
    /// The key of an Authentication Header; empty where there is none.
    let headerKey: [UInt8]
    let trailer: TrailerAuthentication?
    let hopLimits: [PeerHopLimits]
    /// Sorted, without duplicates.
    let addresses: [IPAddress]

    package init(_ parameters: VirtualRouterParameters) {
        version = parameters.version
        family = parameters.family
        vrid = parameters.vrid
        let authentication = parameters.version == .v2 ? parameters.authentication : .none
        self.authentication = authentication
        interval = parameters.advertisementInterval
        headerKey = authentication.headerKey
        trailer = parameters.trailer
        hopLimits = parameters.peerHopLimits
        checksum = parameters.checksum
        acceptsOldUnicastChecksum = parameters.acceptsOldUnicastChecksum
        ignoresEverybody = parameters.isOwner && parameters.ownerIgnoresAdvertisements
        skipsKnownList = parameters.skipsKnownList
        switch parameters.transport {
        case .multicast:
            isUnicast = false
            peers = []
            checksSource = false
        case .unicast(let list):
            isUnicast = true
            checksSource = parameters.checksUnicastSource
            peers = list.sorted()
        }
        addresses = AdvertisementExpectation.sorted(parameters.addresses)
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
