package import Config
import Net
import VRRP

/// What one configuration says and hardly means. Pure: the machine is not asked.
package func lints(of node: Node) -> [Diagnostic] {
    var collector = Collector()
    node.lintScripts(&collector)
    for instance in node.configuration.instances.indices {
        node.lintWeights(of: instance, &collector)
        node.lintPreemption(of: instance, &collector)
        node.lintAddresses(of: instance, &collector)
        node.lintSource(of: instance, &collector)
    }
    node.lintSharedAddresses(&collector)
    for group in node.configuration.groups.indices { node.lintGroup(group, &collector) }
    node.lintPlaceholders(&collector)
    return collector.list
}

extension Node {
    // MARK: Elections

    /// What a tracked weight makes of the priority when it is the only one that matters.
    fileprivate func lintWeights(of instance: Int, _ collector: inout Collector) {
        let parameters = configuration.plan.virtualRouters[instance]
        if let group = group(of: instance), !configuration.plan.groups[group].usesMemberWeights {
            // Their weights do not count, which has a finding of its own.
            return
        }
        for entry in parameters.tracking where entry.weight.value != 0 && isSwitch(entry.object) {
            let object = name(ofObject: entry.object)
            let place = placeOfTracking(entry.object, by: instance)
            if let why = whyDead(entry.weight, parameters) {
                collector.add(
                    .deadWeight, "\(object) can never cause a failover: \(why)", at: place,
                    block: title(instance), word: object,
                    hint: parameters.isOwner
                        ? "leave out the weight: without one, a failure is FAULT; or use a "
                            + "priority below 255"
                        : "choose priority and weight so that both sums are from 1 to 254")
            } else if !parameters.preempts {
                collector.add(
                    .nopreemptWeight,
                    "nopreempt: a backup that has it too stays backup when \(object) lowers the "
                        + "priority here",
                    at: place, block: title(instance), word: object,
                    hint: "leave out the weight: without one, a failure is FAULT, and the backup "
                        + "takes over")
            }
        }
    }

    /// Works or fails; a file's number may be anything, and there is no BFD here.
    private func isSwitch(_ object: Int) -> Bool {
        guard configuration.trackedObjects.indices.contains(object) else { return false }
        switch configuration.trackedObjects[object] {
        case .interface, .script, .process: return true
        case .device, .staticGroup, .file, .bfd: return false
        }
    }

    /// "254 + 2 = 254, as 254 is the highest"; nil: the priority changes.
    private func whyDead(_ weight: Weight, _ parameters: VirtualRouterParameters) -> String? {
        let priority = Int(parameters.priority)
        if parameters.isOwner { return "priority 255 stays 255 whatever is tracked" }
        let value = weight.isReversed ? -weight.value : weight.value
        let sum = min(max(priority + value, 1), 254)
        guard sum == priority else { return nil }
        let sign = value < 0 ? "-" : "+"
        let limit = value < 0 ? "1 is the lowest" : "254 is the highest"
        return "\(priority) \(sign) \(value.magnitude) = \(sum), as \(limit) priority"
    }

    fileprivate func lintPreemption(of instance: Int, _ collector: inout Collector) {
        let parameters = configuration.plan.virtualRouters[instance]
        if parameters.isOwner && !writes("priority", instance) {
            collector.add(
                .impliedOwner,
                "state MASTER without a priority means 255: the owner of the addresses, which "
                    + "never gives way",
                at: place("state", of: instance), block: title(instance), word: "state",
                hint: "write a priority: 254 at most where the addresses move")
        }
        guard parameters.preemptDelay > .zero, parameters.isOwner, parameters.startsAsMaster else {
            return
        }
        collector.add(
            .idlePreemptDelay,
            "preempt_delay has no effect with priority 255, which starts as master",
            at: place("preempt_delay", of: instance), and: place("priority", of: instance),
            block: title(instance), word: "preempt_delay",
            hint: "use a priority below 255, or remove preempt_delay")
    }

    // MARK: Groups

    /// A group takes over when all of its members may, and not before.
    fileprivate func lintGroup(_ number: Int, _ collector: inout Collector) {
        let plan = configuration.plan.groups[number]
        let members = plan.members.filter { configuration.instances.indices.contains($0) }
        let routers = configuration.plan.virtualRouters
        let block = "vrrp_sync_group " + configuration.groups[number].name
        let waiting = members.first { !routers[$0].preempts }
        let eager = members.first { routers[$0].preempts }
        if let waiting, let eager {
            collector.add(
                .stuckGroup,
                "the group never takes back what another holds: \(routers[waiting].name) has "
                    + "nopreempt, \(routers[eager].name) has not",
                at: place("nopreempt", of: waiting), and: places.block(title(eager)), block: block,
                word: "nopreempt", hint: "write nopreempt into all members, or into none")
        }
        if plan.usesMemberWeights { lintMemberWeights(plan, block, members, &collector) }
    }

    private func lintMemberWeights(
        _ plan: SyncGroupPlan, _ block: ByteString, _ members: [Int],
        _ collector: inout Collector
    ) {
        let routers = configuration.plan.virtualRouters
        for member in members {
            for entry in routers[member].tracking where entry.weight.value != 0 {
                if plan.tracking.contains(where: { $0.object == entry.object }) { continue }
                let other = members.first { other in
                    !routers[other].tracking.contains { $0.object == entry.object }
                }
                guard let other else { continue }
                let object = name(ofObject: entry.object)
                collector.add(
                    .stuckGroup,
                    "\(object) lowers only \(routers[member].name): \(routers[other].name) "
                        + "stays above its peer, and the group moves as one or not at all",
                    at: placeOfTracking(entry.object, by: member),
                    and: places.block(title(other)), block: block, word: object,
                    hint: "track \(object) in the vrrp_sync_group")
            }
        }
    }
}
