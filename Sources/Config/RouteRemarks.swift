import Net

extension Interpreter {
    /// keepalived watches a route only where `dev` names its interface before any `nexthop`; here
    /// every route is watched.
    mutating func watchedRoute(_ line: Statement) -> ConfiguredRoute? {
        guard let route = route(line) else { return nil }
        reportUntracked(line)
        return route
    }

    private mutating func reportUntracked(_ line: Statement) {
        guard let first = line.words.first else { return }
        if line.words.contains(where: { $0.text == "no_track" }) { return }
        for word in line.words {
            if word.text == "dev" || word.text == "oif" { return }
            if word.text == "nexthop" { break }
        }
        findings.warning(
            "untracked-route", "the route names no interface: keepalived does not watch it", first,
            hint: "write dev INTERFACE, or no_track")
    }
}
