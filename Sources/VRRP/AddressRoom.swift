import Net

extension VirtualRouterParameters {
    /// How many addresses an advertisement may carry over an interface of that MTU, 1...255. As
    /// keepalived, an Authentication Header counts for IPv4 whether there is one or not: routers of
    /// one virtual router must come to the same list.
    package func addressRoom(mtu: UInt32) -> Int {
        let overhead =
            switch family {
            case .ipv4: max(20 + 24 + Layout.header, 20 + sealSize + Layout.header)
            case .ipv6: 40 + Layout.header + sealSize
            }
        return min(max((Int(mtu) - overhead) / family.addressSize, 1), 255)
    }

    /// What stands before and behind the list besides the header.
    private var sealSize: Int {
        var size = version == .v2 ? Layout.authentication : 0
        if case .header = authentication { size += 24 }
        return trailer == nil ? size : size + AuthenticationTrailer.size
    }

    /// With as many of the addresses as find room.
    package func limited(toMTU mtu: UInt32) -> VirtualRouterParameters {
        let room = addressRoom(mtu: mtu)
        guard addresses.count > room else { return self }
        var limited = self
        limited.addresses.removeLast(addresses.count - room)
        return limited
    }
}
