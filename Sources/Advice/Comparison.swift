package import Config
import Net
import VRRP

// Are these the nodes of one cluster? Each pair is compared, and each finding names both lines.

/// What does not fit between nodes; empty for one alone.
package func comparison(of nodes: [Node]) -> [Diagnostic] {
    var collector = Collector()
    var matched: [Set<Int>] = nodes.map { _ in [] }
    for (first, a) in nodes.enumerated() {
        for second in nodes.indices where second > first {
            let pair = NodePair(a: a, b: nodes[second])
            let pairs = pair.matches
            for match in pairs {
                matched[first].insert(match.a)
                matched[second].insert(match.b)
                pair.compare(match, &collector)
            }
            pair.compareGroups(pairs, &collector)
        }
    }
    if nodes.count > 1 {
        reportLone(nodes, matched, &collector)
        reportStrayPeers(nodes, &collector)
    }
    foresee(nodes, matched, &collector)
    return collector.list
}

private func reportLone(_ nodes: [Node], _ matched: [Set<Int>], _ collector: inout Collector) {
    for (number, node) in nodes.enumerated() {
        for instance in node.configuration.instances.indices
        where !matched[number].contains(instance) {
            let parameters = node.configuration.plan.virtualRouters[instance]
            collector.add(
                .loneInstance,
                "\(node.name): no other node has \(parameters.name) (VRID \(parameters.vrid)): "
                    + "nobody takes over from it",
                at: node.places.block(node.title(instance)), block: node.title(instance),
                word: parameters.name,
                hint: "write an instance with virtual_router_id \(parameters.vrid) and these "
                    + "addresses on another node")
        }
    }
}

/// A peer that is no node of these, where the source of each is written.
private func reportStrayPeers(_ nodes: [Node], _ collector: inout Collector) {
    var sources: Set<IPAddress> = []
    for node in nodes {
        for instance in node.configuration.instances {
            guard let source = instance.source else { return }
            sources.insert(source)
        }
    }
    for node in nodes {
        for (number, parameters) in node.configuration.plan.virtualRouters.enumerated() {
            guard case .unicast(let peers) = parameters.transport else { continue }
            for peer in peers where !sources.contains(peer) {
                let title = node.title(number)
                collector.add(
                    .strayPeer,
                    "\(parameters.name): the peer \(peer) of \(node.name) is none of these nodes",
                    at: node.places.place(of: peer, sections: ["unicast_peer"], in: title),
                    block: title, word: ByteString("\(peer)"),
                    hint: "remove it, or check its configuration together with these")
            }
        }
    }
}

/// An instance of one node and the one that ought to be its peer.
struct Match: Hashable {
    var a: Int
    var b: Int
}

/// What two instances have in common.
private enum Kinship {
    case whole
    /// And interface or name.
    case vrid
    case addresses
}

/// Finds the instances of a node that another's may be the peer of.
private struct InstanceIndex {
    private var byVRID: [UInt8: [Int]] = [:]
    private var byAddress: [IPAddress: [Int]] = [:]

    init(_ configuration: Configuration) {
        for (number, parameters) in configuration.plan.virtualRouters.enumerated() {
            byVRID[parameters.vrid, default: []].append(number)
            for address in parameters.addresses { byAddress[address, default: []].append(number) }
        }
    }

    func candidates(for parameters: VirtualRouterParameters) -> [Int] {
        var result = byVRID[parameters.vrid] ?? []
        for address in parameters.addresses { result += byAddress[address] ?? [] }
        return result
    }
}

struct NodePair {
    let a: Node
    let b: Node

    /// By VRID where addresses, interface or name are the same too; then by addresses alone.
    var matches: [Match] {
        let index = InstanceIndex(b.configuration)
        var result: [Match] = []
        var taken: Set<Int> = []
        var left = [Int](a.configuration.instances.indices)
        for needed in [Kinship.whole, .vrid, .addresses] {
            left = left.filter { first in
                let candidates = index.candidates(for: a.configuration.plan.virtualRouters[first])
                let second = candidates.first {
                    !taken.contains($0) && kinship(first, $0) == needed
                }
                guard let second else { return true }
                taken.insert(second)
                result.append(Match(a: first, b: second))
                return false
            }
        }
        return result.sorted { $0.a < $1.a }
    }

    private func kinship(_ first: Int, _ second: Int) -> Kinship? {
        let own = a.configuration.plan.virtualRouters[first]
        let other = b.configuration.plan.virtualRouters[second]
        guard own.family == other.family else { return nil }
        let sharesAddress = !Set(own.addresses).isDisjoint(with: other.addresses)
        guard own.vrid == other.vrid else { return sharesAddress ? .addresses : nil }
        if sharesAddress { return .whole }
        let one = a.configuration.instances[first]
        let two = b.configuration.instances[second]
        return one.interface == two.interface || one.name == two.name ? .vrid : nil
    }

    func compare(_ match: Match, _ collector: inout Collector) {
        let report = PairReport(a: a, b: b, match: match)
        guard report.own.vrid == report.other.vrid else {
            return report.add(
                .vridDiffers,
                "VRID \(report.own.vrid) on \(a.name), \(report.other.vrid) on \(b.name), for the "
                    + "same addresses: both would be master",
                "virtual_router_id",
                hint: "one virtual router has one virtual_router_id on all nodes",
                &collector)
        }
        report.compareLists(&collector)
        report.compareProtocol(&collector)
        report.compareTransport(&collector)
        report.comparePriorities(&collector)
        report.comparePreemption(&collector)
    }
}

/// Two instances that ought to be one virtual router.
struct PairReport {
    let a: Node
    let b: Node
    let match: Match

    var own: VirtualRouterParameters { a.configuration.plan.virtualRouters[match.a] }
    var other: VirtualRouterParameters { b.configuration.plan.virtualRouters[match.b] }

    /// With the lines of a keyword on both nodes.
    func add(
        _ lint: Lint, _ message: String, _ keyword: String, hint: String,
        _ collector: inout Collector
    ) {
        collector.add(
            lint, "\(own.name): \(message)", at: a.place(keyword, of: match.a),
            and: b.place(keyword, of: match.b), block: a.title(match.a), word: ByteString(keyword),
            hint: hint)
    }

    // MARK: Do they hear each other?

    func compareProtocol(_ collector: inout Collector) {
        if own.version != other.version {
            add(
                .versionDiffers,
                "\(a.name) speaks VRRP version \(own.version.rawValue), \(b.name) version "
                    + "\(other.version.rawValue): neither hears the other, both are master",
                a.writes("version", match.a) || b.writes("version", match.b)
                    ? "version" : "vrrp_version",
                hint: "write the same version on all nodes", &collector)
        }
        compareIntervals(&collector)
        compareAuthentication(&collector)
        if own.isOwner && other.isOwner {
            add(
                .twoOwners,
                "priority 255 on \(a.name) and on \(b.name): two owners of the addresses, both "
                    + "are master",
                "priority", hint: "at most one node owns an address: 254 at most on the others",
                &collector)
        }
    }

    private func compareIntervals(_ collector: inout Collector) {
        guard own.advertisementInterval != other.advertisementInterval else { return }
        let isFatal = own.version == .v2 || other.version == .v2
        add(
            .intervalDiffers,
            "advert_int \(secondsText(own.advertisementInterval)) on \(a.name), "
                + "\(secondsText(other.advertisementInterval)) on \(b.name): "
                + (isFatal
                    ? "neither hears the other, both are master"
                    : "how long a takeover takes depends on who was master"),
            "advert_int", hint: "write the same advert_int on all nodes", &collector)
    }

    private func compareAuthentication(_ collector: inout Collector) {
        if own.authentication.type != other.authentication.type {
            add(
                .authenticationDiffers,
                "authentication \(own.authentication.word) on \(a.name), "
                    + "\(other.authentication.word) on \(b.name): neither hears the other, both "
                    + "are master",
                "auth_type", hint: "write the same authentication block on all nodes", &collector)
        } else if own.authentication != other.authentication {
            add(
                .authenticationDiffers,
                "the passwords of \(a.name) and \(b.name) differ in their first 8 bytes: neither "
                    + "hears the other, both are master",
                "auth_pass", hint: "write the same auth_pass on all nodes", &collector)
        }
        compareTrailers(&collector)
    }

    private func compareTrailers(_ collector: inout Collector) {
        // Keys in files are not at hand on another machine.
        let usesFiles =
            !a.configuration.instances[match.a].keyFiles.isEmpty
            || !b.configuration.instances[match.b].keyFiles.isEmpty
        if usesFiles || hears(own.trailer, other.trailer) && hears(other.trailer, own.trailer) {
            return
        }
        let isMissing = own.trailer == nil || other.trailer == nil
        add(
            .authenticationDiffers,
            isMissing
                ? "auth_hmac on \(own.trailer == nil ? b.name : a.name) only: it does not hear the "
                    + "other, both are master"
                : "the key that one of \(a.name) and \(b.name) signs with is not among the "
                    + "other's: both are master",
            "auth_hmac", hint: "write the same keys on all nodes before one becomes the active_key",
            &collector)
    }

    private func hears(
        _ receiver: TrailerAuthentication?, _ sender: TrailerAuthentication?
    ) -> Bool {
        guard let receiver else { return true }
        guard let sender, sender.mode != .receiveOnly else { return receiver.mode != .enforce }
        guard let key = sender.signingKey else { return false }
        return receiver.keys.contains(key)
    }
}

extension Authentication {
    fileprivate var word: String {
        switch self {
        case .none: "none"
        case .password: "PASS"
        case .header: "AH"
        }
    }
}
