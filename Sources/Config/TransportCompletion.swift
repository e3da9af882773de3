import Net
import VRRP

// To whom an instance speaks, from where, and what its advertisements carry.
extension Interpreter {
    /// A unicast instance with a source address needs no interface: routing finds the way. Its
    /// name is empty then.
    func routed(_ draft: InstanceDraft) -> Word? {
        guard !draft.peers.isEmpty || draft.needsPeer, draft.source != nil else { return nil }
        return Word(text: "", location: draft.keyword.location, isQuoted: false)
    }

    /// The VRF whose routes its packets take; an interface has one already.
    mutating func vrf(_ draft: InstanceDraft) -> ByteString? {
        guard let vrf = draft.vrf else { return nil }
        guard draft.interface != nil else { return vrf.text }
        findings.warning(
            "vrf-of-interface", "vrf has no effect: the interface says which VRF it is", vrf,
            hint: "vrf is for a unicast instance without an interface")
        return nil
    }

    /// At most 255 addresses are advertised, and for IPv6 the link-local one first (RFC 5798
    /// section 5.2.9), wherever it is written.
    mutating func arrangeAddresses(_ draft: InstanceDraft) {
        if draft.interface == nil { dropHomeless(draft) }
        if draft.addresses.count > 255 {
            findings.error(
                "too-many-addresses", "only the first 255 addresses are advertised", draft.name,
                hint: "write the others in virtual_ipaddress_excluded")
            draft.excludedAddresses = draft.addresses[255...] + draft.excludedAddresses
            draft.addresses = [VirtualAddress](draft.addresses[..<255])
        }
        guard draft.family == .ipv6, let first = draft.addresses.first else { return }
        guard let place = draft.addresses.firstIndex(where: { $0.prefix.address.isLinkLocal })
        else {
            findings.warning(
                "no-link-local", "there is no link-local virtual address", draft.name,
                hint: "the RFC wants one, in the first place (\(first.prefix) is)")
            return
        }
        draft.addresses.insert(draft.addresses.remove(at: place), at: 0)
    }

    /// Without an interface of its own an instance has nowhere to put an address without `dev`.
    private mutating func dropHomeless(_ draft: InstanceDraft) {
        guard routed(draft) != nil else { return }
        for address in draft.addresses + draft.excludedAddresses where address.interface == nil {
            findings.error(
                "no-device", "\(address.prefix) needs dev: the instance has no interface",
                draft.name)
        }
        draft.addresses.removeAll { $0.interface == nil }
        draft.excludedAddresses.removeAll { $0.interface == nil }
    }

    mutating func setTransport(
        _ draft: InstanceDraft, _ parameters: inout VirtualRouterParameters
    ) {
        if let word = draft.tracksSource, draft.source == nil {
            findings.warning(
                "no-source", "track_src_ip has no effect without a configured source", word)
        }
        guard !draft.peers.isEmpty || draft.needsPeer else {
            reportNoPeers(draft)
            if let given = draft.hopLimit {
                findings.error("not-unicast", "unicast_ttl without unicast_peer", given.word)
            }
            let group = parameters.family == .ipv4 ? globals.groupV4 : globals.groupV6
            parameters.transport = .multicast(group: draft.multicastGroup ?? group)
            return
        }
        parameters.transport = .unicast(peers: draft.peers.filter { $0 != draft.source })
        parameters.needsPeer = draft.needsPeer
        parameters.hopLimit = UInt8(truncatingIfNeeded: draft.hopLimit?.value ?? 255)
        parameters.peerHopLimits = draft.peerHopLimits
        parameters.checksUnicastSource =
            draft.checksUnicastSource || globals.checksUnicastSource
            || !draft.peerHopLimits.isEmpty
        if draft.peerHopLimits.isEmpty {
            findings.note(
                "unicast-ttl", "advertisements of peers are accepted with any TTL",
                draft.unicastKeyword,
                hint: "where every peer is on this link, add min_ttl 255 behind each")
        }
    }

    private mutating func reportNoPeers(_ draft: InstanceDraft) {
        guard let word = draft.unicastKeyword ?? draft.unicastOption else { return }
        findings.warning(
            "no-peers", "\(draft.name.text) has no unicast_peer: it speaks multicast", word,
            hint: "name the other routers, or write unicast_fault_no_peer")
    }

    mutating func setChecksum(
        _ draft: InstanceDraft, _ parameters: inout VirtualRouterParameters
    ) {
        parameters.checksum = draft.checksum ?? globals.checksum
        guard let usesOld = draft.usesOldChecksum else { return }
        parameters.acceptsOldUnicastChecksum = usesOld
        guard usesOld, case .unicast = parameters.transport, parameters.version == .v3,
            parameters.family == .ipv4
        else { return }
        parameters.checksum = .multicastPseudoHeader
    }
}
