import Net

// What only the whole line tells: the family, and whether its words go together.
extension Interpreter {
    func finish(
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
        configured.weightedHops = draft.hasNextHops ? draft.weighted : nil
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
