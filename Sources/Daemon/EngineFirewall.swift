import Config
import Linux
import Net
import VRRP

/// A firewall that outlives its maker: the keeper holds it for the next engine.
struct KeptFirewall {
    var table: ByteString
    /// The socket that owns the table.
    var socket: Descriptor
}

/// The firewall of no_accept, and what is in it.
struct FirewallBook {
    private(set) var firewall: Firewall?
    private(set) var entries: Set<FirewallEntry> = []
    /// A predecessor's, to go on with.
    var inherited: KeptFirewall?
    /// There may be more or other entries than there ought to be.
    var isStale = false
    private var hasComplained = false

    mutating func open(_ settings: FirewallSettings) throws(SystemError) -> Firewall {
        let opened = try Firewall(settings, process: Process.identifier)
        firewall = opened
        return opened
    }

    /// - Returns: whether the predecessor's table is ours now, with these entries.
    mutating func adopt(_ settings: FirewallSettings, _ wanted: [FirewallEntry]) -> Bool {
        guard let kept = inherited else { return false }
        inherited = nil
        do throws(SystemError) {
            firewall = try Firewall(
                settings, kept.table, adopting: kept.socket, entries: wanted)
        } catch {
            return false  // It goes with its socket, and a new one is made.
        }
        entries = Set(wanted)
        return true
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
            try openFirewall().add(wanted)
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
        if firewall.entries.isEmpty { closeFirewall() }
    }

    private func openFirewall() throws(SystemError) -> Firewall {
        if let firewall = firewall.firewall { return firewall }
        let opened = try firewall.open(configuration.globals.firewallSettings)
        lend(opened)
        return opened
    }

    /// The keeper holds the table alive while there is no engine.
    private func lend(_ firewall: Firewall) {
        let message = EngineMessage.firewall(table: firewall.table)
        _ = channel.send(message.encode(), descriptor: firewall.descriptor)
    }

    /// After a crash, before anything is added: what the predecessor blocked and we do too stays
    /// blocked all the time.
    func adoptFirewall(of masters: [Int]) {
        var wanted: [FirewallEntry] = []
        for index in masters where configuration.instances.indices.contains(index) {
            wanted += firewallEntries(of: index).filter { !wanted.contains($0) }
        }
        let isOurs =
            !wanted.isEmpty && firewall.adopt(configuration.globals.firewallSettings, wanted)
        firewall.inherited = nil
        firewall.isStale = isOurs
    }

    func closeFirewall() {
        if firewall.firewall == nil { return }
        firewall.close()
        tell(.firewall(table: ""))
    }

    /// A reload: another table is made anew, and new addresses are blocked before they come.
    func replaceFirewall(_ old: Configuration) {
        if old.globals.firewall != configuration.globals.firewall { closeFirewall() }
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
