import Config
import Net
import VRRP

extension PairReport {
    func comparePriorities(_ collector: inout Collector) {
        guard own.priority == other.priority, !own.isOwner else { return }
        // Without preemption nobody is meant to be the better one.
        if !own.preempts && !other.preempts { return }
        add(
            .tiedPriorities,
            "priority \(own.priority) on \(a.name) and on \(b.name): the higher address decides "
                + "who is master, and only after both were",
            "priority", hint: "give the node that is to be master the higher priority", &collector)
    }

    func comparePreemption(_ collector: inout Collector) {
        reportUndone(by: a, match.a, own, keptBy: b, match.b, other, &collector)
        reportUndone(by: b, match.b, other, keptBy: a, match.a, own, &collector)
        if own.startsAsMaster && other.startsAsMaster && !own.isOwner && !other.isOwner {
            add(
                .twoMasters,
                "state MASTER on \(a.name) and on \(b.name): the priority alone decides, and neither "
                    + "can have nopreempt",
                "state", hint: "write state BACKUP on all nodes but one, or on all", &collector)
        } else {
            reportLowerMaster(a, match.a, own, b, match.b, other, &collector)
            reportLowerMaster(b, match.b, other, a, match.a, own, &collector)
        }
    }

    /// One node has nopreempt, and the better one takes back all the same.
    private func reportUndone(
        by node: Node, _ instance: Int, _ parameters: VirtualRouterParameters,
        keptBy patient: Node, _ position: Int, _ kept: VirtualRouterParameters,
        _ collector: inout Collector
    ) {
        let isMeant = patient.writes("nopreempt", position) || node.writes("nopreempt", instance)
        guard isMeant, parameters.preempts, parameters.priority > kept.priority else { return }
        let isState = parameters.startsAsMaster
        collector.add(
            .nopreemptUndone,
            "\(own.name): nopreempt is undone by \(node.name), which "
                + (isState
                    ? "has state MASTER" : "has priority \(parameters.priority) and no nopreempt")
                + ": when it comes back it takes over from \(patient.name)",
            at: node.place(isState ? "state" : "priority", of: instance),
            and: patient.writes("nopreempt", position)
                ? patient.place("nopreempt", of: position)
                : node.place("nopreempt", of: instance),
            block: node.title(instance), word: isState ? "state" : "priority",
            hint: "write state BACKUP and nopreempt on both nodes")
    }

    private func reportLowerMaster(
        _ node: Node, _ instance: Int, _ parameters: VirtualRouterParameters, _ better: Node,
        _ position: Int, _ best: VirtualRouterParameters, _ collector: inout Collector
    ) {
        guard parameters.startsAsMaster, parameters.priority < best.priority else { return }
        collector.add(
            .lowerMaster,
            "\(own.name): \(node.name) has state MASTER and priority \(parameters.priority), below "
                + "\(best.priority) of \(better.name): the priority decides",
            at: node.place("state", of: instance), and: better.place("priority", of: position),
            block: node.title(instance), word: "state",
            hint: "state MASTER belongs to the highest priority, if to anybody")
    }
}

extension NodePair {
    // MARK: Groups

    func compareGroups(_ matches: [Match], _ collector: inout Collector) {
        for group in a.configuration.plan.groups.indices {
            let members = matches.filter { a.group(of: $0.a) == group }
            reportTorn(group, members, &collector)
            reportOtherGroup(a, group, members.map { ($0.a, $0.b) }, b, &collector)
        }
        for group in b.configuration.plan.groups.indices {
            let members = matches.filter { b.group(of: $0.b) == group }
            reportOtherGroup(b, group, members.map { ($0.b, $0.a) }, a, &collector)
        }
    }

    /// Each node is the better one for another member: the group stays where it is.
    private func reportTorn(_ group: Int, _ members: [Match], _ collector: inout Collector) {
        func lead(_ match: Match) -> Int {
            Int(a.configuration.plan.virtualRouters[match.a].priority)
                - Int(b.configuration.plan.virtualRouters[match.b].priority)
        }
        guard let up = members.first(where: { lead($0) > 0 }),
            let down = members.first(where: { lead($0) < 0 })
        else { return }
        let name = a.configuration.groups[group].name
        let first = a.configuration.instances[up.a].name
        let second = a.configuration.instances[down.a].name
        collector.add(
            .tornGroup,
            "\(name): \(a.name) has the higher priority for \(first), \(b.name) for \(second): a "
                + "group is on one node, and neither takes over from the other",
            at: a.place("priority", of: down.a), and: b.place("priority", of: down.b),
            block: "vrrp_sync_group " + name, word: "priority",
            hint: "give one node the higher priority for all members")
    }

    private func reportOtherGroup(
        _ node: Node, _ group: Int, _ members: [(own: Int, other: Int)], _ peer: Node,
        _ collector: inout Collector
    ) {
        guard let first = members.first else { return }
        let expected = peer.group(of: first.other)
        let stranger = members.first { member in
            let found = peer.group(of: member.other)
            return found == nil || found != expected
        }
        guard members.count > 1, let stranger else { return }
        let name = node.configuration.groups[group].name
        let title: ByteString = "vrrp_sync_group " + name
        collector.add(
            .groupsDiffer,
            "\(name) joins \(node.configuration.instances[first.own].name) and its other members "
                + "on \(node.name), not on \(peer.name): they may end up on two nodes",
            at: node.places.block(title), and: peer.places.block(peer.title(stranger.other)),
            block: title, word: name, hint: "write the same vrrp_sync_group on all nodes")
    }
}
