import Net
import VRRP

/// A bfd_instance as written. This daemon has no BFD: the block is checked, and whoever tracks the
/// session finds it down.
struct BFDDraft {
    var name: Word
    var neighbor: IPAddress?
    var source: Word?
    var weight = Weight(0)
    /// A mistake that keeps the session from being there at all.
    var isBroken = false
}

enum BFDKeyword: String, KeywordSet {
    case neighbor_ip, source_ip, min_rx, min_tx, idle_tx, multiplier, passive, ttl, hoplimit
    case max_hops, weight, vrrp, checker

    var shape: Shape {
        switch self {
        case .passive, .vrrp, .checker: .flag
        case .weight: .words(1...2)
        default: .value
        }
    }

    static var idle: [IdleKeyword] { [] }
}

extension Interpreter {
    mutating func bfdBlock(_ statement: Statement) {
        guard let name = statement.values.first else { return }
        findings.block = ByteString("bfd_instance \(name.text)")
        if name.text.count > 31 {
            findings.error(
                "long-name", "the name \(name.text) is too long: the block is ignored", name,
                hint: "31 bytes at most")
        } else if isFirst("bfd_instance", name) {
            if bfdSessions.isEmpty {
                findings.note(
                    "unsupported",
                    "this daemon has no BFD: sessions are down, and what tracks them without weight"
                        + " does not", statement.keyword)
            }
            var draft = BFDDraft(name: name)
            for inner in statement.body { bfdStatement(inner, &draft) }
            bfdSessions.append(draft)
        }
        findings.block = ""
    }

    private mutating func bfdStatement(_ statement: Statement, _ draft: inout BFDDraft) {
        guard let keyword: BFDKeyword = accept(statement) else { return }
        switch keyword {
        case .neighbor_ip: neighbor(statement, &draft)
        case .source_ip: draft.source = statement.values.first
        case .min_rx, .min_tx: _ = integer(statement, in: 1...1000)
        case .idle_tx: _ = integer(statement, in: 1000...10000)
        case .multiplier: _ = integer(statement, in: 1...255)
        case .ttl, .hoplimit: _ = integer(statement, in: 1...255)
        case .max_hops: _ = integer(statement, in: -1...255)
        case .weight:
            draft.weight =
                weight(statement.values, in: -253...253, of: statement) ?? draft.weight
        case .passive, .vrrp, .checker: break
        }
    }

    private mutating func neighbor(_ statement: Statement, _ draft: inout BFDDraft) {
        guard let word = statement.values.first else { return }
        draft.neighbor = address(word)
        guard let neighbor = draft.neighbor else {
            findings.error("bad-address", "\(word.text) is no address", word)
            draft.isBroken = true
            return
        }
        if let other = bfdSessions.first(where: { $0.neighbor == neighbor }) {
            findings.error(
                "duplicate-neighbor", "the session \(other.name.text) has that neighbor already",
                word)
        }
    }

    /// Those that can be tracked.
    mutating func completeBFD() -> [BFDDraft] {
        for draft in bfdSessions {
            findings.block = ByteString("bfd_instance \(draft.name.text)")
            if draft.neighbor == nil, !draft.isBroken {
                findings.error(
                    "no-neighbor", "\(draft.name.text) has no neighbor_ip", draft.name,
                    hint: "write the address that the session is with")
            }
            checkSource(of: draft)
        }
        return bfdSessions
    }

    private mutating func checkSource(of draft: BFDDraft) {
        guard let word = draft.source else { return }
        guard let source = address(word) else {
            findings.error("bad-address", "\(word.text) is no address", word)
            return
        }
        guard let neighbor = draft.neighbor, neighbor.family != source.family else { return }
        findings.error("family", "\(word.text) and the neighbor are of different families", word)
    }

    /// keepalived finds only what stands before.
    mutating func hasSession(_ name: Word) -> Bool {
        if bfdSessions.contains(where: { $0.name.text == name.text }) { return true }
        findings.error(
            "unknown-object", "no bfd_instance \(name.text) stands before this line", name,
            hint: "write the block bfd_instance \(name.text) further up, or remove this line")
        return false
    }

    /// A session that is down for ever may cost its weight, but not the instance.
    mutating func mayTrackBFD(_ name: Word, _ weight: Weight) -> Bool {
        if weight.value != 0 { return true }
        findings.warning(
            "bfd-without-weight",
            "this daemon has no BFD: \(name.text) is not tracked, it would be a fault for ever",
            name,
            hint: "a weight makes it count")
        return false
    }
}
