import Net

/// What may stand in a line of virtual_routes and static_routes.
enum RouteOption: String, CaseIterable {
    case to, via, gw, dev, oif, src, from, metric, priority, preference, table
    case proto = "protocol"
    case scope, tos, dsfield, mtu, hoplimit, advmss, rtt, rttvar, reordering, window, cwnd
    case ssthresh, initcwnd, initrwnd, rto_min, quickack, congctl, features, realms, pref, expires
    case ttl_propagate = "ttl-propagate"
    case fastopen_no_cookie
    case `as`, encap, vrf, nexthop, or, weight, onlink, inet, inet6, add, append, prepend
    case no_track, track_group

    static func named(_ text: ByteString) -> RouteOption? {
        for option in allCases where text == option.rawValue { return option }
        return nil
    }

    static var allNames: [String] {
        var names: [String] = []
        for option in allCases { names.append(option.rawValue) }
        return names
    }
}

/// A line as far as it was read.
struct RouteDraft {
    var route = Route(destination: .everything(.ipv4))
    /// Nil: everything, or not given.
    var destination: Prefix?
    var hasDestination = false
    var family: Family?
    var hop = Route.Hop()
    var hops: [Route.Hop] = []
    var isTracked = true
    var group: Word?
    var protocolWord: Word?
    var hasNextHops = false
    /// Positions of hops that name their weight.
    var weighted: Set<Int> = []
    var notes: [(code: String, text: String, word: Word)] = []

    /// The first that tells decides; false where another contradicts.
    mutating func agree(on other: Family) -> Bool {
        if let family { return family == other }
        family = other
        return true
    }
}

extension Interpreter {
    /// `[TYPE] [to] DESTINATION option…`; nil after it was reported why.
    mutating func route(_ line: Statement) -> ConfiguredRoute? {
        guard let first = line.keyword else { return nil }
        var words = OptionWords(line.words, first, names)
        var draft = RouteDraft()
        while let word = words.next() { read(word, &words, &draft) }
        if !draft.hasDestination {
            words.fail("no-destination", "the route has no destination", at: first)
        }
        let configured = finish(&draft, first, &words)
        if let mistake = words.mistake {
            findings.error(
                mistake.code, mistake.text + ": the route is ignored", mistake.word,
                hint: mistake.hint)
            return nil
        }
        for note in draft.notes { findings.warning(note.code, note.text, note.word) }
        return configured
    }

    private func read(_ word: Word, _ words: inout OptionWords, _ draft: inout RouteDraft) {
        if let option = RouteOption.named(word.text) { return set(option, word, &words, &draft) }
        for kind in Route.Kind.allCases where word.text == kind.word {
            draft.route.kind = kind
            return
        }
        if !draft.hasDestination, isDestination(word.text) { return destination(word, &draft) }
        words.fail(
            "unknown-word", "unknown word \(word.text) in a route",
            hint: nearest(word.text, among: RouteOption.allNames).map { "did you mean \($0)?" })
    }

    private func isDestination(_ text: ByteString) -> Bool {
        text == "default" || text == "any" || text == "all" || Prefix(routing: text) != nil
    }

    private func destination(_ word: Word, _ draft: inout RouteDraft) {
        draft.hasDestination = true
        guard let prefix = Prefix(routing: word.text) else { return }
        draft.destination = prefix.network
        if prefix.network != prefix {
            draft.notes.append(
                (
                    "host-bits", "\(prefix) has bits behind its length: \(prefix.network) is used",
                    word
                ))
        }
        if draft.family == nil { draft.family = prefix.address.family }
    }

    private func set(
        _ option: RouteOption, _ word: Word, _ words: inout OptionWords, _ draft: inout RouteDraft
    ) {
        switch option {
        case .to:
            guard let value = words.value() else { return }
            guard isDestination(value.text) else {
                return words.fail("bad-address", "\(value.text) is no destination", at: value)
            }
            destination(value, &draft)
        case .via, .gw: gateway(&words, &draft)
        case .or:
            draft.hops.append(draft.hop)
            draft.hop = Route.Hop()
            gateway(&words, &draft)
        case .dev, .oif: draft.hop.interface = words.interface()
        case .onlink: draft.hop.isOnLink = true
        case .weight: weight(&words, &draft)
        case .nexthop: nextHop(word, &words, &draft)
        case .src: draft.route.preferredSource = words.address()
        case .from: draft.route.source = words.prefix()?.network
        case .metric, .priority, .preference: draft.route.metric = words.number(upTo: .max)
        case .table:
            draft.route.table = words.named(.table, upTo: .max) ?? Route.mainTable
        case .vrf: draft.route.vrf = words.interface()
        case .proto:
            draft.protocolWord = word
            draft.route.proto = octet(words.named(.proto, upTo: 255)) ?? Route.keepalivedProtocol
        case .scope: draft.route.scope = octet(words.named(.scope, upTo: 255))
        case .tos, .dsfield:
            draft.route.trafficClass = octet(words.named(.trafficClass, upTo: 255)) ?? 0
        case .realms: realms(&words, &draft)
        case .congctl:
            let isLocked = words.skip("lock")
            draft.route.congestionControl = words.value()?.text
            if isLocked { draft.notes.append(("no-lock", "congctl lock: not locked", word)) }
        case .pref: preference(&words, &draft)
        case .expires: draft.route.expires = words.number(upTo: .max)
        case .ttl_propagate:
            draft.route.propagatesTimeToLive = flag(&words, "enabled", "disabled")
        case .encap: draft.hop.encapsulation = encapsulation(&words)
        case .as: newLabel(word, &words, &draft)
        case .inet, .inet6:
            if !draft.agree(on: option == .inet ? .ipv4 : .ipv6) {
                words.fail("address-family", "\(word.text) contradicts what was written before")
            }
        case .add: draft.route.operation = .add
        case .append: draft.route.operation = .append
        case .prepend: draft.route.operation = .prepend
        case .no_track: draft.isTracked = false
        case .track_group: draft.group = words.value()
        case .mtu, .hoplimit, .advmss, .rtt, .rttvar, .reordering, .window, .cwnd, .ssthresh,
            .initcwnd, .initrwnd, .rto_min, .quickack, .features, .fastopen_no_cookie:
            metric(option, &words, &draft)
        }
    }

    private func octet(_ number: UInt32?) -> UInt8? {
        number.map { UInt8(truncatingIfNeeded: $0) }
    }

    private func gateway(_ words: inout OptionWords, _ draft: inout RouteDraft) {
        draft.hop.gateway = words.address()
    }

    private func weight(_ words: inout OptionWords, _ draft: inout RouteDraft) {
        guard let weight = words.number(upTo: 256) else { return }
        guard weight > 0 else { return words.fail("bad-number", "weight is 1 to 256") }
        draft.hop.weight = UInt16(truncatingIfNeeded: weight)
        draft.weighted.insert(draft.hops.count)
    }

    /// `nexthop` begins another way; what stood before the first belongs to the route.
    private func nextHop(_ word: Word, _ words: inout OptionWords, _ draft: inout RouteDraft) {
        if !draft.hops.isEmpty || draft.hop != Route.Hop() { draft.hops.append(draft.hop) }
        draft.hop = Route.Hop()
        draft.hasNextHops = true
        if words.rest.isEmpty { words.fail("missing-value", "nexthop needs a way", at: word) }
    }

    /// `as [to] LABEL` belongs to a destination that is a label, which is none here, as with
    /// keepalived.
    private func newLabel(_ word: Word, _ words: inout OptionWords, _ draft: inout RouteDraft) {
        _ = words.skip("to")
        guard words.value() != nil else { return }
        draft.notes.append(("mpls-only", "only MPLS routes have `as`: it is ignored", word))
    }

    private func realms(_ words: inout OptionWords, _ draft: inout RouteDraft) {
        guard let realms = words.realms() else { return }
        if draft.hops.isEmpty {
            draft.route.realms = realms
        } else {
            draft.hop.realms = realms
        }
    }

    private func preference(_ words: inout OptionWords, _ draft: inout RouteDraft) {
        guard let word = words.value() else { return }
        if word.text == "low" {
            draft.route.preference = 3
        } else if word.text == "medium" {
            draft.route.preference = 0
        } else if word.text == "high" {
            draft.route.preference = 1
        } else {
            words.fail("bad-preference", "pref is low, medium or high", at: word)
        }
    }

    private func flag(_ words: inout OptionWords, _ yes: String, _ no: String) -> Bool? {
        guard let word = words.value() else { return nil }
        if word.text == yes || word.text == "1" { return true }
        if word.text == no || word.text == "0" { return false }
        words.fail("bad-boolean", "\(words.option.text) is \(yes) or \(no)", at: word)
        return nil
    }
}
