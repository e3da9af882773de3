import Net

/// What may stand in a line of virtual_rules and static_rules.
enum RuleOption: String, CaseIterable {
    case not, from, to, iif, dev, oif, tos, dsfield, fwmark, preference, priority, order
    case table, lookup, `goto`, nop, type, blackhole, prohibit, unreachable, realms
    case suppress_prefixlength, suppress_ifgroup
    case tunnel_id = "tunnel-id"
    case l3mdev, uidrange
    case proto = "protocol"
    case ipproto, sport, dport, inet, inet6, no_track, track_group

    static func named(_ text: ByteString) -> RuleOption? {
        for option in allCases where text == option.rawValue { return option }
        return nil
    }

    static var allNames: [String] {
        var names: [String] = []
        for option in allCases { names.append(option.rawValue) }
        return names
    }
}

private struct RuleDraft {
    var rule = Rule(family: .ipv4, preference: 0, action: .nothing)
    var action: Rule.Action?
    var preference: UInt32?
    var family: Family?
    var isTracked = true
    var group: Word?
    var namesAllSources = false
    var namesAllDestinations = false
}

extension Interpreter {
    /// `[not] option…`; nil after it was reported why.
    mutating func rule(_ line: Statement) -> ConfiguredRule? {
        guard let first = line.keyword else { return nil }
        var words = OptionWords(line.words, first, names)
        var draft = RuleDraft()
        while let word = words.next() {
            if let option = RuleOption.named(word.text) {
                set(option, word, &words, &draft)
            } else {
                words.fail(
                    "unknown-word", "unknown word \(word.text) in a rule",
                    hint: nearest(word.text, among: RuleOption.allNames).map {
                        "did you mean \($0)?"
                    })
            }
        }
        if draft.action == nil {
            words.fail(
                "no-action", "the rule says nothing to do", at: first,
                hint: "table, goto, nop, blackhole, prohibit, unreachable or l3mdev")
        }
        if let mistake = words.mistake {
            findings.error(
                mistake.code, mistake.text + ": the rule is ignored", mistake.word,
                hint: mistake.hint)
            return nil
        }
        return finish(draft, first)
    }

    private func set(
        _ option: RuleOption, _ word: Word, _ words: inout OptionWords, _ draft: inout RuleDraft
    ) {
        switch option {
        case .not: draft.rule.isInverted = true
        case .from:
            draft.rule.source = selector(&words, &draft)
            draft.namesAllSources = draft.rule.source == nil
        case .to:
            draft.rule.destination = selector(&words, &draft)
            draft.namesAllDestinations = draft.rule.destination == nil
        case .iif, .dev: draft.rule.inputInterface = words.interface()
        case .oif: draft.rule.outputInterface = words.interface()
        case .tos, .dsfield:
            draft.rule.trafficClass =
                words.named(.trafficClass, upTo: 255).map { UInt8(truncatingIfNeeded: $0) } ?? 0
        case .fwmark: mark(&words, &draft)
        case .preference, .priority, .order: draft.preference = words.number(upTo: .max)
        case .table, .lookup:
            draft.action = words.named(.table, upTo: .max).map { .lookup(table: $0) }
        case .goto: draft.action = words.number(upTo: .max).map { .goto(preference: $0) }
        case .type: type(&words, &draft)
        case .nop, .blackhole, .prohibit, .unreachable: draft.action = action(word.text)
        case .l3mdev: draft.action = .masterDevice
        case .realms: draft.rule.realms = words.realms()
        case .suppress_prefixlength: draft.rule.suppressedLength = words.number(upTo: 128)
        case .suppress_ifgroup: draft.rule.suppressedGroup = words.named(.group, upTo: .max)
        case .tunnel_id: draft.rule.tunnel = words.number(upTo: .max).map { UInt64($0) }
        case .uidrange:
            draft.rule.users = words.range(upTo: .max - 1).map {
                Rule.Users(first: $0.first, last: $0.last)
            }
        case .proto:
            draft.rule.proto =
                words.named(.proto, upTo: 255).map { UInt8(truncatingIfNeeded: $0) }
                ?? Route.keepalivedProtocol
        case .ipproto: transport(&words, &draft)
        case .sport: draft.rule.sourcePorts = ports(&words)
        case .dport: draft.rule.destinationPorts = ports(&words)
        case .inet, .inet6: agree(on: option == .inet ? .ipv4 : .ipv6, &words, &draft)
        case .no_track: draft.isTracked = false
        case .track_group: draft.group = words.value()
        }
    }

    /// Everything is no selector at all.
    private func selector(_ words: inout OptionWords, _ draft: inout RuleDraft) -> Prefix? {
        if words.skip("all") || words.skip("any") || words.skip("default") { return nil }
        guard let prefix = words.prefix() else { return nil }
        agree(on: prefix.address.family, &words, &draft)
        return prefix.length == 0 ? nil : prefix
    }

    private func agree(on family: Family, _ words: inout OptionWords, _ draft: inout RuleDraft) {
        if let earlier = draft.family, earlier != family {
            words.fail("address-family", "the rule mixes IPv4 and IPv6")
        }
        draft.family = family
    }

    /// `MARK[/MASK]`
    private func mark(_ words: inout OptionWords, _ draft: inout RuleDraft) {
        guard let word = words.value() else { return }
        let parts = word.text.bytes.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let mark = unsigned(ByteString(parts[0])),
            let mask = parts.count == 1 ? UInt32.max : unsigned(ByteString(parts[1]))
        else { return words.fail("bad-mark", "\(word.text) is no mark", at: word) }
        draft.rule.mark = mark
        draft.rule.markMask = parts.count == 2 ? mask : nil
    }

    private func type(_ words: inout OptionWords, _ draft: inout RuleDraft) {
        guard let word = words.value() else { return }
        if let action = action(word.text) {
            draft.action = action
        } else if !(word.text == "unicast") {
            words.fail("bad-type", "unknown type \(word.text) of a rule", at: word)
        }
    }

    private func action(_ text: ByteString) -> Rule.Action? {
        if text == "nop" { return .nothing }
        if text == "blackhole" { return .blackhole }
        if text == "prohibit" { return .prohibit }
        if text == "unreachable" { return .unreachable }
        return nil
    }

    private func transport(_ words: inout OptionWords, _ draft: inout RuleDraft) {
        guard let word = words.value() else { return }
        let known: [(name: String, number: UInt8)] = [
            ("icmp", 1), ("igmp", 2), ("tcp", 6), ("udp", 17), ("gre", 47), ("esp", 50), ("ah", 51),
            ("ipv6-icmp", 58), ("icmpv6", 58), ("vrrp", 112), ("sctp", 132),
        ]
        for entry in known where word.text == entry.name { draft.rule.transport = entry.number }
        if let number = unsigned(word.text), number <= 255 {
            draft.rule.transport = UInt8(truncatingIfNeeded: number)
        }
        if draft.rule.transport == nil {
            words.fail(
                "bad-protocol", "\(word.text) is no IP protocol known here", at: word,
                hint: "its number works too")
        }
    }

    private func ports(_ words: inout OptionWords) -> Rule.Ports? {
        words.range(upTo: 0xffff).map {
            Rule.Ports(
                first: UInt16(truncatingIfNeeded: $0.first),
                last: UInt16(truncatingIfNeeded: $0.last))
        }
    }

    private mutating func finish(_ draft: RuleDraft, _ first: Word) -> ConfiguredRule {
        var rule = draft.rule
        rule.family = draft.family ?? .ipv4
        if let action = draft.action { rule.action = action }
        if case .goto(let target) = rule.action, let preference = draft.preference,
            target <= preference
        {
            findings.warning(
                "goto-backwards", "goto leads forwards only: the kernel refuses it", first)
        }
        rule.preference = draft.preference ?? automaticPreference(rule.family, first)
        if draft.isTracked { rule.proto = Route.keepalivedProtocol }
        var configured = ConfiguredRule(rule: rule)
        configured.isTracked = draft.isTracked
        configured.group = draft.group?.text
        configured.namesAllSources = draft.namesAllSources
        configured.namesAllDestinations = draft.namesAllDestinations
        return configured
    }

    /// As keepalived: 16384 and downwards, for each family in the order of the text.
    private mutating func automaticPreference(_ family: Family, _ word: Word) -> UInt32 {
        let preference = automaticPreferences[family] ?? 16384
        automaticPreferences[family] = preference - min(preference, 1)
        findings.warning(
            "no-preference", "the rule has no preference: \(preference) is used", word,
            hint: "rules added later come first; write preference to be sure")
        return preference
    }
}
