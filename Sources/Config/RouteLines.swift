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
private struct RouteDraft {
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
        case .vrf:
            words.fail("no-vrf", "vrf is not known here", hint: "name the VRF's table instead")
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
        case .as:
            words.fail("mpls-only", "only MPLS routes have `as`")
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
    }

    /// `nexthop` begins another way; what stood before the first belongs to the route.
    private func nextHop(_ word: Word, _ words: inout OptionWords, _ draft: inout RouteDraft) {
        if !draft.hops.isEmpty || draft.hop != Route.Hop() { draft.hops.append(draft.hop) }
        draft.hop = Route.Hop()
        if words.rest.isEmpty { words.fail("missing-value", "nexthop needs a way", at: word) }
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

// The whole of it.
extension Interpreter {
    private func finish(
        _ draft: inout RouteDraft, _ first: Word, _ words: inout OptionWords
    ) -> ConfiguredRoute {
        if draft.hop != Route.Hop() { draft.hops.append(draft.hop) }
        draft.route.hops = draft.hops
        var family =
            draft.family ?? draft.route.preferredSource?.family
            ?? draft.route.source?.address.family
        for hop in draft.hops { family = family ?? hop.gateway?.family }
        let decided = family ?? .ipv4
        draft.route.destination = draft.destination ?? .everything(decided)
        checkFamilies(draft.route, decided, &words)
        checkKind(draft.route, &words)
        checkProtocol(&draft)
        var configured = ConfiguredRoute(route: draft.route)
        configured.isTracked = draft.isTracked
        configured.group = draft.group?.text
        return configured
    }

    private func checkFamilies(_ route: Route, _ family: Family, _ words: inout OptionWords) {
        var agrees = route.destination.address.family == family
        if let source = route.preferredSource, source.family != family { agrees = false }
        if let source = route.source, source.address.family != family { agrees = false }
        for hop in route.hops {
            // An IPv4 route may lead over an IPv6 gateway (RFC 5549), not the other way round.
            if hop.gateway?.family == .ipv4 && family == .ipv6 { agrees = false }
        }
        if !agrees { words.fail("address-family", "the route mixes IPv4 and IPv6") }
        if route.source != nil && family == .ipv4 {
            words.fail("ipv6-only", "`from` is for IPv6 only", hint: "src is the source address")
        }
        if (route.expires != nil || route.preference != nil) && family == .ipv4 {
            words.fail("ipv6-only", "pref and expires are for IPv6 only")
        }
    }

    private func checkKind(_ route: Route, _ words: inout OptionWords) {
        if route.kind.isDeadEnd {
            if !route.hops.isEmpty {
                words.fail("dead-end", "\(route.kind.word) has neither gateway nor interface")
            }
        } else if route.hops.isEmpty {
            words.fail("no-way", "the route has neither gateway nor interface")
        }
    }

    /// Only routes with keepalived's own number are watched.
    private func checkProtocol(_ draft: inout RouteDraft) {
        guard let word = draft.protocolWord, draft.isTracked,
            draft.route.proto != Route.keepalivedProtocol
        else { return }
        draft.notes.append(
            (
                "untracked-protocol",
                "a tracked route has the protocol keepalived: it is used (no_track keeps another)",
                word
            ))
        draft.route.proto = Route.keepalivedProtocol
    }
}

// Metrics.
extension Interpreter {
    private func metric(
        _ option: RouteOption, _ words: inout OptionWords, _ draft: inout RouteDraft
    ) {
        guard let kind = metricKind(option) else { return }
        let isLocked = words.skip("lock")
        let value: UInt32? =
            switch option {
            case .features: features(&words)
            case .rtt: milliseconds(&words, &draft).map { $0 * 8 }
            case .rttvar: milliseconds(&words, &draft).map { $0 * 4 }
            case .rto_min: milliseconds(&words, &draft)
            case .hoplimit: words.number(upTo: 255)
            case .quickack, .fastopen_no_cookie: words.number(upTo: 1)
            default: words.number(upTo: .max)
            }
        guard let value else { return }
        draft.route.metrics.removeAll { $0.kind == kind }
        draft.route.metrics.append(Route.Metric(kind, value, isLocked: isLocked))
    }

    private func metricKind(_ option: RouteOption) -> Route.MetricKind? {
        switch option {
        case .mtu: .mtu
        case .window: .window
        case .rtt: .rtt
        case .rttvar: .rttvar
        case .ssthresh: .ssthresh
        case .cwnd: .cwnd
        case .advmss: .advmss
        case .reordering: .reordering
        case .hoplimit: .hoplimit
        case .initcwnd: .initcwnd
        case .features: .features
        case .rto_min: .rto_min
        case .initrwnd: .initrwnd
        case .quickack: .quickack
        case .fastopen_no_cookie: .fastopen_no_cookie
        default: nil
        }
    }

    private func features(_ words: inout OptionWords) -> UInt32? {
        guard let word = words.value() else { return nil }
        if word.text == "ecn" { return 1 }
        words.fail("bad-feature", "unknown feature \(word.text)", at: word, hint: "ecn")
        return nil
    }

    /// `N`, `Nms` or `Ns`; less than the kernel's smallest 200 ms becomes that.
    private func milliseconds(_ words: inout OptionWords, _ draft: inout RouteDraft) -> UInt32? {
        guard let word = words.value() else { return nil }
        let digits = word.text.bytes.prefix { (0x30...0x39).contains($0) }
        let unit = ByteString(word.text.bytes[digits.count...])
        guard let number = naturalNumber(digits), number <= 500_000_000,
            unit.isEmpty || unit == "ms" || unit == "s"
        else {
            words.fail("bad-number", "\(word.text) is no time", at: word, hint: "200ms or 1s")
            return nil
        }
        let value = unit == "s" ? min(number, 500_000) * 1_000 : number
        if value < 200 {
            draft.notes.append(("short-time", "\(word.text) is below 200 ms: 200 ms is used", word))
        }
        return UInt32(truncatingIfNeeded: max(value, 200))
    }
}

// Lightweight tunnels.
extension Interpreter {
    private func encapsulation(_ words: inout OptionWords) -> Route.Encapsulation? {
        guard let word = words.value() else { return nil }
        if word.text == "mpls" { return mpls(&words) }
        if word.text == "ip" { return tunnel(.ipv4, &words).map { .ip($0) } }
        if word.text == "ip6" { return tunnel(.ipv6, &words).map { .ip($0) } }
        if word.text == "ila" { return locator(&words).map { .ila($0) } }
        words.fail(
            "bad-encapsulation", "unknown encap \(word.text)", at: word,
            hint: "mpls, ip, ip6 or ila")
        return nil
    }

    private func mpls(_ words: inout OptionWords) -> Route.Encapsulation? {
        guard let word = words.value() else { return nil }
        var labels: [UInt32] = []
        for part in word.text.bytes.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        {
            guard let label = unsigned(ByteString(part)), label < 1 << 20 else {
                words.fail("bad-label", "\(word.text) is no stack of MPLS labels", at: word)
                return nil
            }
            labels.append(label)
        }
        let ttl = words.skip("ttl") ? words.octet() : nil
        return .mpls(labels: labels, ttl: ttl)
    }

    private func tunnel(_ family: Family, _ words: inout OptionWords) -> Route.Tunnel? {
        var tunnel = Route.Tunnel(family: family)
        while words.mistake == nil {
            if words.skip("id") {
                guard let word = words.value() else { return nil }
                tunnel.identifier = unsigned64(word.text)
                if tunnel.identifier == nil { words.fail("bad-number", "bad tunnel id", at: word) }
            } else if words.skip("src") {
                tunnel.source = words.address()
            } else if words.skip("dst") {
                tunnel.destination = words.address()
            } else if words.skip("tos") || words.skip("tc") {
                tunnel.trafficClass = words.octet()
            } else if words.skip("ttl") || words.skip("hoplimit") {
                tunnel.timeToLive = words.octet()
            } else if words.skip("flags") {
                tunnel.flags = words.number(upTo: 0xffff).map { UInt16(truncatingIfNeeded: $0) }
            } else {
                break
            }
        }
        for address in [tunnel.source, tunnel.destination] {
            if let address, address.family != family {
                words.fail("address-family", "\(address) is of another family than the tunnel")
            }
        }
        return tunnel
    }

    /// Four groups of 16 bits, as the upper half of an IPv6 address.
    private func locator(_ words: inout OptionWords) -> UInt64? {
        guard let word = words.value() else { return nil }
        if case .v6(let address)? = IPAddress(text: (word.text.bytes + [0x3a, 0x3a])[...]) {
            return address.high
        }
        words.fail("bad-locator", "\(word.text) is no ILA locator", at: word)
        return nil
    }
}
