package import Net
import VRRP

/// nftables, nftables_priority, nftables_counters: the table that no_accept makes.
package struct FirewallOptions: Hashable, Sendable {
    package var table: ByteString = "keepalived"
    package var priority: Int32 = -1
    package var counts = false

    package init() {}
}

extension Interpreter {
    mutating func firewallOption(_ keyword: GlobalKeyword, _ statement: Statement) {
        switch keyword {
        case .nftables:
            guard let word = statement.values.first else { return }
            if (1...31).contains(word.text.count) {
                globals.values.firewall.table = word.text
            } else {
                findings.error(
                    "bad-value", "\(word.text) cannot be the name of a table: keepalived is used",
                    word, hint: "1 to 31 bytes")
            }
        case .nftables_priority:
            if let value = integer(statement, in: Int(Int32.min)...Int(Int32.max)) {
                globals.values.firewall.priority = Int32(value)
            }
        case .nftables_counters: globals.values.firewall.counts = true
        // Link-local addresses always go with the index of their interface.
        case .nftables_ifindex: break
        case .vrrp_iptables, .vrrp_ipsets:
            findings.error(
                "iptables", "\(statement.keyword?.text ?? "") is ignored: nftables is used instead",
                statement.keyword, hint: "no_accept works without it; nftables names the table")
        default: break
        }
    }

    /// Strict mode does not accept; version 2 must not then (RFC 3768 has no Accept_Mode). What an
    /// owner holds is its own.
    mutating func acceptsTraffic(
        _ draft: InstanceDraft, _ parameters: VirtualRouterParameters
    ) -> Bool {
        guard isStrict(draft) else { return draft.accepts?.value ?? true }
        if parameters.isOwner { return true }
        guard let accepts = draft.accepts, accepts.value else { return false }
        if parameters.version == .v3 { return true }
        report("version 2 has no accept: it is left out", accepts.word)
        return false
    }
}
