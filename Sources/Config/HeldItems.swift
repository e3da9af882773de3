import Net
import VRRP

// What an instance holds, as far as only the whole block tells: how many addresses there may be,
// and which interfaces they make it depend on.

struct TrackGroupDraft {
    var name: Word
    var members: [Word]
}

extension Interpreter {
    /// An advertisement counts its addresses in eight bits (RFC 5798 section 5.2.5); more are held,
    /// but not advertised. What the interface's MTU allows is known only when it is there.
    mutating func limitAddresses() {
        for index in instances.indices {
            let limit = 255
            let surplus = instances[index].addresses.dropFirst(limit)
            guard !surplus.isEmpty else { continue }
            findings.enter(instance: instances[index].name.text)
            findings.error(
                "too-many-addresses",
                "an advertisement holds \(limit) addresses: the last \(surplus.count) are treated "
                    + "as virtual_ipaddress_excluded", instances[index].name,
                hint: "write them there, on all routers")
            instances[index].excludedAddresses = surplus + instances[index].excludedAddresses
            instances[index].addresses.removeLast(surplus.count)
        }
    }

    /// Every interface that it holds something on, but its own; no_track leaves one out, and what
    /// track_interface names has the weight given there.
    mutating func heldTracking(
        _ draft: InstanceDraft, own: ByteString, _ configuration: inout Configuration
    ) -> [TrackingEntry] {
        var entries: [TrackingEntry] = []
        for name in heldInterfaces(draft) where name != own {
            let isNamed = draft.tracking.contains { $0.kind == .interface && $0.name.text == name }
            if !isNamed { entries.append(entry(.device(name), &configuration)) }
        }
        for group in trackGroups where group.members.contains(where: { $0.text == draft.name.text })
        {
            entries.append(entry(.staticGroup(group.name.text), &configuration))
        }
        return entries
    }

    private func heldInterfaces(_ draft: InstanceDraft) -> [ByteString] {
        var names: [ByteString] = []
        for address in draft.addresses + draft.excludedAddresses where address.isTracked {
            if let name = address.interface { names.append(name) }
        }
        for route in draft.routes where route.isTracked { names += route.route.interfaces }
        for rule in draft.rules where rule.isTracked { names += rule.rule.interfaces }
        var unique: [ByteString] = []
        for name in names { Config.add(name, to: &unique) }
        return unique
    }

    private func entry(
        _ object: TrackedObject, _ configuration: inout Configuration
    ) -> TrackingEntry {
        if let position = configuration.trackedObjects.firstIndex(of: object) {
            return TrackingEntry(object: position, weight: Weight(0))
        }
        configuration.trackedObjects.append(object)
        configuration.plan.trackedObjects.append(.link)
        return TrackingEntry(object: configuration.trackedObjects.count - 1, weight: Weight(0))
    }

    /// `track_group NAME { group { INSTANCE… } }`
    mutating func trackGroup(_ statement: Statement) {
        guard let name = statement.values.first else { return }
        var members: [Word] = []
        for line in statement.body {
            guard let keyword = line.keyword else { continue }
            if keyword.text == "group" {
                for inner in line.body { members += inner.words }
            } else {
                findings.error(
                    "unknown-keyword", "unknown keyword \(keyword.text)", keyword, hint: "group")
            }
        }
        trackGroups.append(TrackGroupDraft(name: name, members: members))
    }

    mutating func checkTrackGroups() {
        for group in trackGroups {
            findings.block = ByteString("track_group \(group.name.text)")
            for member in group.members
            where !instances.contains(where: { $0.name.text == member.text }) {
                let names = instances.map { $0.name.text.description }
                findings.error(
                    "unknown-member", "there is no vrrp_instance \(member.text)", member,
                    hint: nearest(member.text, among: names).map { "did you mean \($0)?" })
            }
        }
        let named =
            statics.addresses.map { $0.group } + statics.routes.map { $0.group }
            + statics.rules.map { $0.group }
        for case .some(let name) in named
        where !trackGroups.contains(where: { $0.name.text == name }) {
            findings.block = ""
            findings.add(
                Diagnostic(
                    .error, "unknown-track-group", "there is no track_group " + name, at: nil,
                    word: name))
        }
    }
}
