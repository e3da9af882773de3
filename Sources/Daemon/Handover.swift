import Linux
import Net
import VRRP

/// Gives away what a dead or hung engine mastered: priority 0 for every virtual router and its
/// group first, then every address that the table declares for them. Runs in a process of its own,
/// so that the keeper stays as small as it is; what the slots say is checked against the table.
struct Handover {
    let virtualRouters: HandoverList
    let firewallTable: ByteString?
    let slots: SlotReader
    let log: Log
    /// Positions of those that a new engine goes on with.
    var kept: [Int] = []
    /// Which of them were mastered is not known.
    var givesAll = false
    /// No engine follows: interfaces get back what they had.
    var isLast = false

    init(_ bundle: KeptBundle, slots: SlotReader, log: Log, kept: [Int] = []) {
        virtualRouters = bundle.virtualRouters
        firewallTable = bundle.table.firewallTable
        self.slots = slots
        self.log = log
        self.kept = kept
    }

    /// Virtual routers to resign: what was mastered (a torn slot counts), and the rest of its group.
    func affected() -> [Int] {
        var groups: Set<Int> = []
        var result: [Int] = []
        for (index, entry) in virtualRouters.enumerated()
        where isMastered(index) && !kept.contains(index) {
            result.append(index)
            if entry.group >= 0 { groups.insert(entry.group) }
        }
        for (index, entry) in virtualRouters.enumerated()
        where groups.contains(entry.group) && !result.contains(index) && !kept.contains(index) {
            result.append(index)
        }
        return result
    }

    private func isMastered(_ index: Int) -> Bool {
        givesAll || slots.state(of: index)?.isMaster ?? true
    }

    func perform() {
        do throws(SystemError) {
            let requests = try NetlinkRequests(clock: Clock.boot)
            let links = try requests.links()
            let affected = affected()
            let addresses = givesAll ? try requests.addresses() : []
            for index in affected { resign(index, links, addresses) }
            remove(holdingsOf: affected, links, requests)
            var names: Set<ByteString> = []
            for index in affected { names.formUnion(virtualRouters[index].virtualLinks) }
            if let firewall = firewallTable { Firewall.removeLeftover(table: firewall) }
            _ = removeVirtualLinks(named: names, among: links, requests)
            if isLast { try endPromotion(links, requests) }
        } catch {
            log.write(.critical, "cannot hand over: \(error)")
        }
    }

    private func endPromotion(
        _ links: [LinkInfo], _ requests: NetlinkRequests
    ) throws(SystemError) {
        for (index, entry) in virtualRouters.enumerated()
        where entry.promotesSecondaries && slots.promoted(by: index) != 0 {
            guard let link = links.first(where: { $0.name == entry.interface }) else { continue }
            try requests.setPromotion(0, of: link.index)
        }
    }

    private func resign(_ index: Int, _ links: [LinkInfo], _ addresses: [AddressInfo]) {
        let entry = virtualRouters[index]
        let link = links.first { $0.name == entry.sendsThrough ?? entry.interface }
        guard link != nil || entry.interface.isEmpty else { return }
        let known =
            givesAll ? source(of: entry, links, addresses) : slots.state(of: index)?.source
        guard let source = entry.configuredSource ?? known,
            source.family == entry.parameters.family
        else { return }
        do throws(SystemError) {
            let socket = try VRRPSocket(
                family: entry.parameters.family, interfaceIndex: link?.index ?? 0,
                interfaceName: link?.name ?? "", group: nil)
            let batch = SendBatch()
            let digest = try Digest()
            var freshness = Freshness(last: slots.number(of: index))
            let parameters =
                link.map { entry.parameters.limited(toMTU: $0.mtu) } ?? entry.parameters
            let number = entry.parameters.nextNumber(&freshness, at: Clock.realTime())
            for destination in entry.parameters.destinations where destination != source {
                var packet = OutgoingAdvertisement(parameters, from: source, to: destination)
                packet.setPriority(0)
                if let number { packet.sign(number, digest) }
                batch.append(
                    packet.bytes, through: socket, from: source, to: destination,
                    hopLimit: packet.hopLimit)
            }
            batch.flush()
        } catch {
            log.write(.error, about: entry.name, "cannot resign: \(error)")
        }
    }

    /// As the engine chooses it.
    private func source(
        of entry: HandoverEntry, _ links: [LinkInfo], _ addresses: [AddressInfo]
    ) -> IPAddress? {
        let interface = links.first { $0.name == entry.interface }
        return SourceSelection.source(
            family: entry.parameters.family, configured: nil, tracksConfigured: false,
            addresses: interface.map { link in
                addresses.filter { $0.interfaceIndex == link.index }
            } ?? addresses,
            virtual: SortedAddresses(entry.addresses.map { $0.prefix.address }))
    }

    /// Rules, routes, addresses.
    private func remove(
        holdingsOf affected: [Int], _ links: [LinkInfo], _ requests: NetlinkRequests
    ) {
        var interfaces = InterfaceNames()
        for link in links { interfaces.set(link.name, link.index, table: link.vrfTable) }
        var changes: [KernelChange] = []
        for index in affected {
            changes += virtualRouters[index].rules.map { .removeRule($0) }
        }
        for index in affected {
            for route in virtualRouters[index].routes {
                if let spec = route.placed(interfaces) { changes.append(.removeRoute(spec)) }
            }
        }
        for index in affected {
            let mayBeForeign = givesAll || slots.state(of: index)?.hasAdopted ?? true
            for address in virtualRouters[index].addresses
            where !(address.isOwners && mayBeForeign) {
                guard let link = links.first(where: { $0.name == address.interface }) else {
                    continue
                }
                changes.append(
                    .remove(AddressSpec(interfaceIndex: link.index, prefix: address.prefix)))
            }
        }
        var errors: [Int32] = []
        while !changes.isEmpty {
            requests.apply(changes, errors: &errors)
            changes.removeFirst(min(changes.count, NetlinkRequests.batchLimit))
        }
    }
}
