import Net

extension VirtualRouterParameters {
    /// How many addresses an advertisement may carry over an interface of that MTU, 1...255. Room
    /// is left as keepalived leaves it, for an Authentication Header whether there is one or not,
    /// because routers of one virtual router must come to the same list; and never too little.
    package func addressRoom(mtu: UInt32) -> Int {
        let header = family == .ipv4 ? 20 : 40
        let agreed = AuthenticationHeader.size + (version == .v2 ? Layout.authentication : 0)
        let needed = Layout.header + sealSize
        let overhead = header + max(agreed, needed)
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
