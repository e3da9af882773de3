import Config
import Linux
package import Net

/// What an interface had in net.ipv4.conf before virtual links were put on it. It is kept as the
/// alias of each such link: that survives every crash, says whose the link is, and goes with it.
package struct ParentSettings: Hashable, Sendable {
    package var arpIgnore: UInt32
    package var arpFilter: UInt32
    package var arpAnnounce: UInt32

    package init(arpIgnore: UInt32, arpFilter: UInt32, arpAnnounce: UInt32) {
        self.arpIgnore = arpIgnore
        self.arpFilter = arpFilter
        self.arpAnnounce = arpAnnounce
    }

    init(_ settings: IPv4LinkSettings) {
        self.init(
            arpIgnore: settings.arpIgnore, arpFilter: settings.arpFilter,
            arpAnnounce: settings.arpAnnounce)
    }

    /// "martlet (parent before: arp_ignore 0 arp_filter 0 arp_announce 0)"
    package var alias: ByteString {
        ByteString(
            "martlet (parent before: arp_ignore \(arpIgnore) arp_filter \(arpFilter)"
                + " arp_announce \(arpAnnounce))")
    }

    /// Nil for a link that is not ours.
    package init?(alias: ByteString?) {
        guard let alias else { return nil }
        let words = alias.bytes.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ")") }
        guard words.count == 9, words[0].elementsEqual("martlet".utf8),
            let arpIgnore = UInt32(ByteString(words[4]).description),
            let arpFilter = UInt32(ByteString(words[6]).description),
            let arpAnnounce = UInt32(ByteString(words[8]).description)
        else { return nil }
        self.init(arpIgnore: arpIgnore, arpFilter: arpFilter, arpAnnounce: arpAnnounce)
    }

    /// The parent speaks ARP for its own addresses only: those of the virtual link have that MAC.
    /// Answers may leave by the parent; what it asks for then, it asks in its own name.
    var underVirtualLinks: ParentSettings {
        ParentSettings(arpIgnore: max(arpIgnore, 1), arpFilter: 1, arpAnnounce: 2)
    }
}

extension NetlinkRequests {
    func set(_ settings: ParentSettings, of parent: Int32) throws(SystemError) {
        try setARP(
            ignore: settings.arpIgnore, filter: settings.arpFilter,
            announce: settings.arpAnnounce, of: parent)
    }

    func restore(_ before: ParentSettings, of parent: Int32) {
        do throws(SystemError) {
            try set(before, of: parent)
        } catch {
            return  // The parent is gone: so are its settings.
        }
    }
}

extension IPv4LinkSettings {
    /// As a virtual link needs them: its neighbours' answers come back by the parent's routes, and
    /// it says nothing about addresses that it does not hold.
    ///
    /// - Parameter commonRPFilter: that of "all". The larger of both counts, so that 2 (loose) is
    ///   what makes a strict "all" harmless here.
    func forVirtualLink(commonRPFilter: UInt32) -> IPv4LinkSettings {
        var result = self
        result.rpFilter = commonRPFilter == 1 ? 2 : 0
        result.arpFilter = 0
        result.arpIgnore = 1
        result.promoteSecondaries = 1
        result.acceptLocal = 1
        return result
    }
}

extension VirtualLink {
    init(_ interface: VirtualInterface, on parent: LinkInfo) {
        var mac: MACAddress? = nil
        let mode: Mode =
            switch interface.kind {
            case .macvlan: .privateMACVLAN
            case .ipvlan(.bridge): .ipvlanBridge
            case .ipvlan(.isolated): .ipvlanPrivate
            case .ipvlan(.vepa): .ipvlanVEPA
            }
        if case .macvlan(let address) = interface.kind { mac = address }
        self.init(
            name: interface.name, mode: mode, mac: mac, group: interface.group ?? parent.group)
    }
}

/// A link-local address for a virtual link whose parent has none. It differs between the machines
/// that share its MAC, and from what the parent's would be: its MAC with 'V' and the VRID in the
/// middle.
package func virtualLinkLocal(parent: MACAddress, vrid: UInt8) -> IPv6Address {
    let value = parent.value ^ 0x0200_0000_0000
    let low = (value >> 24) << 40 | 0x56_00_00_0000 | UInt64(vrid) << 24 | value & 0xff_ffff
    return IPv6Address(high: 0xfe80_0000_0000_0000, low: low)
}

/// Deletes those of the named links that are ours, and gives a parent that carries none any more
/// the settings back that it had.
///
/// - Returns: what was deleted.
func removeVirtualLinks(
    named names: Set<ByteString>, among links: [LinkInfo], _ requests: NetlinkRequests
) -> [ByteString] {
    var ours: [LinkInfo] = []
    for link in links where names.contains(link.name) && ParentSettings(alias: link.alias) != nil {
        ours.append(link)
    }
    let removed = deleteLinks(ours, unlike: links, requests)
    for link in removed {
        guard let before = ParentSettings(alias: link.alias), let parent = link.parent else {
            continue
        }
        let others = links.contains {
            $0.parent == parent && ParentSettings(alias: $0.alias) != nil
                && !names.contains($0.name)
        }
        if !others { requests.restore(before, of: parent) }
    }
    return removed.map { $0.name }
}

/// Many at once, or one by one where that is refused: one of them may be gone already.
func deleteLinks(
    _ ours: [LinkInfo], unlike links: [LinkInfo], _ requests: NetlinkRequests
) -> [LinkInfo] {
    if ours.count > 1 {
        do throws(SystemError) {
            try requests.deleteLinks(ours.map { $0.index }, by: unusedGroup(links))
            return ours
        } catch {}
    }
    var removed: [LinkInfo] = []
    for link in ours {
        do throws(SystemError) {
            try requests.deleteLink(link.index)
            removed.append(link)
        } catch {
            continue
        }
    }
    return removed
}

/// A number for an interface group that no interface is in.
private func unusedGroup(_ links: [LinkInfo]) -> UInt32 {
    var group: UInt32 = 0x6d61_7274
    while links.contains(where: { $0.group == group }) { group &+= 1 }
    return group
}

extension Configuration {
    var virtualLinkNames: Set<ByteString> {
        var names: Set<ByteString> = []
        for instance in instances {
            for interface in instance.allVirtualInterfaces { names.insert(interface.name) }
        }
        return names
    }
}

extension Configuration {
    /// The interface that carries a virtual link. A virtual link is down in a backup, so that who
    /// depends on it looks at its parent.
    func parent(ofVirtual name: ByteString) -> ByteString? {
        for instance in instances {
            for interface in instance.allVirtualInterfaces where interface.name == name {
                return interface.parent
            }
        }
        return nil
    }
}

extension Instance {
    /// The virtual link that advertisements leave by.
    var sendsThrough: ByteString? { sendsFromVirtualInterface ? virtualInterface?.name : nil }
}
