import Net
import VRRP

// What the words of a vrrp_instance come to.
extension Interpreter {
    mutating func interface(_ word: Word, _ draft: InstanceDraft) {
        if word.text == "lo" {
            findings.error(
                "loopback", "a loopback interface has no neighbours: it is ignored", word,
                hint: "name the interface towards the other routers")
        } else if interfaceName(word) != nil {
            draft.interface = word
        }
    }

    /// `never` only refuses what older peers send.
    mutating func oldChecksum(_ statement: Statement, _ draft: InstanceDraft) {
        guard let word = statement.values.first else {
            draft.usesOldChecksum = true
            return
        }
        if word.text == "never" {
            draft.usesOldChecksum = false
        } else {
            findings.error(
                "bad-value", "old_unicast_checksum \(word.text) is ignored", word, hint: "never")
        }
    }

    mutating func state(_ word: Word, _ draft: InstanceDraft) {
        if word.text == "MASTER" || word.text == "BACKUP" {
            let state: StateName = word.text == "MASTER" ? .master : .backup
            // keepalived lets a later BACKUP pass without effect.
            if draft.state?.value == .master && state == .backup { return }
            draft.state = .init(value: state, word: word)
            return
        }
        let lower = lowercase(word.text)
        if lower == "master" || lower == "backup" {
            let isMaster = lower == "master"
            findings.warning(
                "state-case", "state \(word.text) is taken as \(isMaster ? "MASTER" : "BACKUP")",
                word, hint: "write it in capitals: keepalived takes everything else as BACKUP")
            draft.state = .init(value: isMaster ? .master : .backup, word: word)
            return
        }
        findings.error(
            "bad-state", "unknown state \(word.text): BACKUP is used", word,
            hint: semicolonHint(word) ?? "write MASTER or BACKUP")
        draft.state = .init(value: .backup, word: word)
    }

    /// Without a number: the highest priority that a backup can have.
    mutating func stallPriority(_ statement: Statement, _ draft: InstanceDraft) {
        guard let word = statement.values.first ?? statement.keyword else { return }
        let value = statement.values.isEmpty ? 254 : integer(statement, in: 1...254)
        if let value { draft.stallPriority = .init(value: UInt8(value), word: word) }
    }

    mutating func routerID(
        _ statement: Statement, _ word: Word, _ draft: InstanceDraft
    ) {
        guard let value = integer(statement, in: 1...255) else { return }
        draft.vrid = .init(value: UInt8(value), word: word)
    }

    mutating func advertisementInterval(
        _ statement: Statement, _ word: Word, _ draft: InstanceDraft
    ) {
        guard let value = seconds(word.text) else {
            _ = interval(statement, in: .milliseconds(10)...(.seconds(255)))
            return
        }
        draft.advertisementInterval = .init(value: value, word: word)
    }

    mutating func version(
        _ statement: Statement, _ word: Word, _ draft: InstanceDraft
    ) {
        guard let value = version(statement) else { return }
        if let earlier = draft.version, earlier.value != value {
            findings.error("version-conflict", "another version was given before: ignored", word)
        } else {
            draft.version = .init(value: value, word: word)
        }
    }

    mutating func preemptDelay(
        _ statement: Statement, _ word: Word, _ draft: InstanceDraft
    ) {
        let value = interval(statement, in: .zero...(.seconds(1000))) ?? .zero
        draft.preemptDelay = .init(value: value, word: word)
    }

    mutating func notify(_ statement: Statement, _ place: inout Command?) {
        if place != nil {
            findings.error(
                "repeated", "\(statement.keyword?.text ?? "") was given before: ignored",
                statement.keyword)
        } else {
            place = command(statement)
        }
    }

    /// One of the garp_… keywords.
    mutating func announcement(
        _ keyword: InstanceKeyword, _ statement: Statement, _ draft: inout AnnouncementDraft
    ) {
        let counts = 0...1_000_000
        switch keyword {
        case .garp_master_delay: draft.delay = wholeSeconds(statement, in: 0...4294)
        case .garp_master_repeat: draft.count = positive(statement)
        case .garp_master_refresh: draft.refresh = wholeSeconds(statement, in: counts)
        case .garp_master_refresh_repeat: draft.refreshCount = positive(statement)
        case .garp_lower_prio_delay:
            draft.lowerPriorityDelay = wholeSeconds(statement, in: 0...4294)
        case .garp_lower_prio_repeat:
            draft.lowerPriorityCount = integer(statement, in: counts)
        default: return
        }
    }

    /// Zero is taken as one.
    private mutating func positive(_ statement: Statement) -> Int? {
        let count = integer(statement, in: 0...1_000_000)
        if count == 0 {
            findings.warning(
                "zero-count", "\(statement.keyword?.text ?? "") 0 is taken as 1",
                statement.values.first, hint: "write 1")
        }
        return count.map { max(1, $0) }
    }

    mutating func nativeIPv6(_ word: Word, _ draft: InstanceDraft) {
        if draft.family == .ipv4 {
            findings.warning(
                "native-ipv6", "native_ipv6 has no effect: the addresses are IPv4", word)
        } else {
            findings.note("deprecated", "native_ipv6 is not needed: addresses tell", word)
        }
        draft.family = draft.family ?? .ipv6
    }
}
