import Config
import Net
import VRRP

extension PairReport {
    // MARK: Addresses

    func compareLists(_ collector: inout Collector) {
        let mine = Set(own.addresses)
        let theirs = Set(other.addresses)
        if mine.isDisjoint(with: theirs) && !(mine.isEmpty && theirs.isEmpty) {
            return add(
                .vridClash,
                "VRID \(own.vrid) means other addresses on \(a.name) than on \(b.name): two "
                    + "virtual routers with one VRID",
                "virtual_ipaddress",
                hint: "give one of them another virtual_router_id, or write the same addresses",
                &collector)
        }
        reportMissing(of: a, match.a, from: theirs, b, match.b, "virtual_ipaddress", &collector)
        reportMissing(of: b, match.b, from: mine, a, match.a, "virtual_ipaddress", &collector)
        compareExcluded(&collector)
        comparePrefixes(&collector)
        if mine == theirs && own.addresses != other.addresses {
            add(
                .addressOrder, "the same addresses in another order", "virtual_ipaddress",
                hint: "keepalived and martlet do not mind; some routers compare the lists as they "
                    + "stand", &collector)
        }
    }

    private func reportMissing(
        of node: Node, _ instance: Int, from known: Set<IPAddress>, _ lacking: Node,
        _ position: Int, _ section: String, _ collector: inout Collector
    ) {
        let all = node.configuration.instances[instance]
        let list = section == "virtual_ipaddress" ? all.addresses.array : all.excludedAddresses
        for held in list where !known.contains(held.prefix.address) {
            collector.add(
                .addressesDiffer,
                "\(own.name): \(held.prefix.address) is in \(section) of \(node.name), not of "
                    + "\(lacking.name): it is gone while \(lacking.name) is master",
                at: node.place(of: held.prefix.address, of: instance),
                and: lacking.place(section, of: position), block: node.title(instance),
                word: ByteString("\(held.prefix.address)"),
                hint: "write the same addresses on all nodes")
        }
    }

    private func compareExcluded(_ collector: inout Collector) {
        let section = "virtual_ipaddress_excluded"
        let mine = a.configuration.instances[match.a].excludedAddresses.map { $0.prefix.address }
        let theirs = b.configuration.instances[match.b].excludedAddresses.map { $0.prefix.address }
        reportMissing(of: a, match.a, from: Set(theirs), b, match.b, section, &collector)
        reportMissing(of: b, match.b, from: Set(mine), a, match.a, section, &collector)
    }

    private func comparePrefixes(_ collector: inout Collector) {
        var lengths: [IPAddress: Int] = [:]
        for held in b.configuration.instances[match.b].addresses {
            lengths[held.prefix.address] = held.prefix.length
        }
        for held in a.configuration.instances[match.a].addresses {
            let address = held.prefix.address
            guard let length = lengths[address], length != held.prefix.length else { continue }
            collector.add(
                .prefixDiffers,
                "\(own.name): \(held.prefix) on \(a.name), \(address)/\(length) on \(b.name)",
                at: a.place(of: address, of: match.a), and: b.place(of: address, of: match.b),
                block: a.title(match.a), word: ByteString("\(address)"),
                hint: "write the same prefix length on all nodes")
        }
    }

    // MARK: The way

    func compareTransport(_ collector: inout Collector) {
        let mine = a.configuration.instances[match.a].source
        let theirs = b.configuration.instances[match.b].source
        if let mine, mine == theirs {
            add(
                .sameSource, "\(mine) is the source of \(a.name) and of \(b.name)",
                a.writes("unicast_src_ip", match.a) ? "unicast_src_ip" : "mcast_src_ip",
                hint: "write each node's own address", &collector)
        }
        switch (own.transport, other.transport) {
        case (.multicast(let group), .multicast(let joined)):
            guard group != joined else { return }
            add(
                .transportDiffers,
                "\(a.name) sends to \(group), \(b.name) to \(joined): neither hears the other, "
                    + "both are master",
                "mcast_dst_ip", hint: "write the same group on all nodes", &collector)
        case (.unicast(let peers), .unicast(let others)):
            reportMissingPeer(theirs, b, in: peers, a, match.a, &collector)
            reportMissingPeer(mine, a, in: others, b, match.b, &collector)
        case (.unicast, .multicast), (.multicast, .unicast):
            let isFirst = if case .unicast = own.transport { true } else { false }
            add(
                .transportDiffers,
                "\(isFirst ? a.name : b.name) has unicast_peer, \(isFirst ? b.name : a.name) "
                    + "sends multicast: both are master",
                "unicast_peer", hint: "write unicast_peer on all nodes, or on none", &collector)
        }
    }

    private func reportMissingPeer(
        _ source: IPAddress?, _ peer: Node, in peers: [IPAddress], _ node: Node, _ instance: Int,
        _ collector: inout Collector
    ) {
        guard let source, !peers.contains(source) else { return }
        let isFirst = node.name == a.name
        let position = isFirst ? match.b : match.a
        collector.add(
            .peerMissing,
            "\(own.name): \(node.name) does not name \(source) (\(peer.name)) in unicast_peer: "
                + "\(peer.name) hears nothing from it",
            at: node.place("unicast_peer", of: instance),
            and: peer.place("unicast_src_ip", of: position), block: node.title(instance),
            word: ByteString("\(source)"), hint: "add \(source) to unicast_peer")
    }
}
