package import Linux
package import Net

/// Which address advertisements are sent from.
package enum SourceSelection {
    /// - Parameters:
    ///   - configured: mcast_src_ip or unicast_src_ip. Used even where no interface has it, since
    ///     the IP header is ours to write; with track_src_ip only while the interface has it.
    ///   - addresses: those of the interface, in the kernel's order.
    ///   - virtual: every address that the configuration declares virtual: a source that moves to
    ///     another router is none.
    /// - Returns: nil where there is none: no advertisement can be sent.
    package static func source(
        family: Family, configured: IPAddress?, tracksConfigured: Bool,
        addresses: [AddressInfo], virtual: SortedAddresses
    ) -> IPAddress? {
        if let configured {
            if !tracksConfigured { return configured }
            return addresses.contains { isUsable($0) && $0.prefix.address == configured }
                ? configured : nil
        }
        return switch family {
        case .ipv4: primary(addresses, virtual)
        case .ipv6: linkLocal(addresses, virtual)
        }
    }

    /// The first primary address of the widest scope: the kernel lists those of scope link before
    /// older global ones. A secondary one only where every primary is virtual.
    private static func primary(
        _ addresses: [AddressInfo], _ virtual: SortedAddresses
    ) -> IPAddress? {
        var best: AddressInfo? = nil
        for info in addresses {
            let address = info.prefix.address
            guard address.family == .ipv4, !virtual.contains(address) else { continue }
            if let best, !info.isBetterSource(than: best) { continue }
            best = info
        }
        return best?.prefix.address
    }

    /// RFC 5798 section 5.1.2.1: the link-local address of the interface.
    private static func linkLocal(
        _ addresses: [AddressInfo], _ virtual: SortedAddresses
    ) -> IPAddress? {
        for info in addresses {
            let address = info.prefix.address
            guard address.family == .ipv6, address.isLinkLocal, isUsable(info) else { continue }
            if !info.flags.contains(.deprecated) && !virtual.contains(address) { return address }
        }
        return nil
    }

    /// Duplicate address detection has passed.
    private static func isUsable(_ info: AddressInfo) -> Bool {
        info.flags.isDisjoint(with: [.tentative, .dadFailed])
    }
}

extension AddressInfo {
    fileprivate func isBetterSource(than other: AddressInfo) -> Bool {
        let isSecondary = flags.contains(.secondary)
        if isSecondary != other.flags.contains(.secondary) { return !isSecondary }
        return scope < other.scope
    }
}
