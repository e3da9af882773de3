import Config
import Linux
import Net
import VRRP

/// The firewall of no_accept, and what is in it.
struct FirewallBook {
    private(set) var firewall: Firewall?
    private(set) var entries: Set<FirewallEntry> = []
    /// There may be more or other entries than there ought to be.
    var isStale = false
    private var hasComplained = false

    mutating func open(
        _ settings: FirewallSettings
    ) throws(SystemError) -> Firewall {
        if let firewall { return firewall }
        let opened = try Firewall(settings, process: Process.identifier)
        firewall = opened
        return opened
    }

    mutating func added(_ new: [FirewallEntry]) {
        entries.formUnion(new)
        hasComplained = false
    }

    mutating func removed(_ old: [FirewallEntry]) { entries.subtract(old) }

    /// The table may be gone, or never was: it is made anew with the next change.
    ///
    /// - Returns: whether that is news.
    mutating func failed() -> Bool {
        firewall = nil
        entries = []
        isStale = false
        defer { hasComplained = true }
        return !hasComplained
    }

    mutating func close() {
        firewall?.removeTable()
        firewall = nil
        entries = []
        isStale = false
    }
}

// no_accept: what is sent to the addresses of a master that is not their owner is dropped.
extension Engine {
    /// Before the addresses come. The master's service goes before its firewall: where the kernel
    /// has none, the addresses come all the same, and the log says so.
    func block(_ index: Int) {
        let wanted = firewallEntries(of: index).filter { !firewall.entries.contains($0) }
        if wanted.isEmpty { return }
        do throws(SystemError) {
            try firewall.open(configuration.globals.firewallSettings).add(wanted)
            firewall.added(wanted)
        } catch {
            complainOfFirewall(error)
        }
    }

    /// Once addresses have gone, interfaces have changed their numbers, or the text has changed.
    func settleFirewall() {
        guard firewall.isStale, !hasAddressWork else { return }
        firewall.isStale = false
        var wanted: Set<FirewallEntry> = []
        for index in ports.indices where router.state(of: index) == .master {
            block(index)
            wanted.formUnion(firewallEntries(of: index))
        }
        let surplus = firewall.entries.filter { !wanted.contains($0) }
        if !surplus.isEmpty { admit([FirewallEntry](surplus)) }
        if firewall.entries.isEmpty { firewall.close() }
    }

    /// A reload: another table is made anew, and new addresses are blocked before they come.
    func replaceFirewall(_ old: Configuration) {
        if old.globals.firewall != configuration.globals.firewall { firewall.close() }
        for index in ports.indices where router.state(of: index) == .master { block(index) }
        firewall.isStale = true
    }

    private func admit(_ entries: [FirewallEntry]) {
        do throws(SystemError) {
            try firewall.firewall?.remove(entries)
            firewall.removed(entries)
        } catch {
            complainOfFirewall(error)
            firewall.isStale = true
        }
    }

    private func firewallEntries(of index: Int) -> [FirewallEntry] {
        let instance = configuration.instances[index]
        guard !instance.acceptsTraffic, !ports[index].parameters.isOwner else { return [] }
        var entries: [FirewallEntry] = []
        for address in instance.addresses + instance.excludedAddresses {
            let link = interfaces.link(named: address.interface ?? instance.addressInterface)
            let entry = FirewallEntry(
                address: address.prefix.address, interface: link?.index ?? 0)
            if !entries.contains(entry) { entries.append(entry) }
        }
        return entries
    }

    private func complainOfFirewall(_ error: SystemError) {
        guard firewall.failed() else { return }
        log.write(.error, "no_accept is not in force: \(error)")
    }
}

extension Globals {
    var firewallSettings: FirewallSettings {
        FirewallSettings(
            table: firewall.table, priority: firewall.priority, counts: firewall.counts)
    }
}

extension Configuration {
    /// Nil where no instance has no_accept.
    var firewallTable: ByteString? {
        instances.allSatisfy { $0.acceptsTraffic } ? nil : globals.firewall.table
    }
}
