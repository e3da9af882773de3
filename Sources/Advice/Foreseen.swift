import Config
import Foresight
import Net
import VRRP

/// More than these are not simulated: the answers take time in square proportion.
private let mostSimulated = 64

/// What the daemon's own core says of each script that fails and each node that dies; asked only of
/// nodes that hear each other.
func foresee(_ nodes: [Node], _ matched: [Set<Int>], _ collector: inout Collector) {
    var count = 0
    for node in nodes { count += node.configuration.instances.count }
    let isBroken = collector.list.contains { $0.severity >= .error }
    guard nodes.count > 1, !isBroken, count <= mostSimulated else { return }
    for answer in answers(nodes.map { $0.configuration }) {
        let number = answer.question.node
        guard nodes.indices.contains(number),
            let instance = nodes[number].instance(of: answer.holding),
            matched[number].contains(instance)
        else { continue }
        switch answer.question {
        case .dies:
            if answer.after == nil { reportNobody(answer, nodes[number], instance, &collector) }
        case .scriptFails(_, let script):
            if answer.fails { report(answer, script, nodes, instance, &collector) }
        }
    }
}

private func reportNobody(
    _ answer: Answer, _ node: Node, _ instance: Int, _ collector: inout Collector
) {
    collector.add(
        .noTakeover,
        "\(node.name) dies: nobody, or more than one, is master of "
            + "\(answer.holding.name)",
        at: node.places.block(node.title(instance)), block: node.title(instance),
        word: answer.holding.name,
        hint: "martletctl simulate with these files shows what happens")
}

private func report(
    _ answer: Answer, _ script: Int, _ nodes: [Node], _ instance: Int,
    _ collector: inout Collector
) {
    let node = nodes[answer.question.node]
    let object = node.configuration.trackedObjects.firstIndex(of: .script(script))
    guard let object, node.configuration.scripts.indices.contains(script) else { return }
    let name = node.configuration.scripts[script].name
    // What does not track a script is not meant to move with it.
    guard node.tracks(object, instance) else { return }
    let rival = nodes.indices.first {
        $0 != answer.question.node && nodes[$0].instance(of: answer.holding) != nil
    }
    collector.add(
        .noFailover,
        "script \(name) fails on \(node.name): \(answer.arithmetic): NO failover of "
            + "\(answer.holding.name)",
        at: node.placeOfTracking(object, by: instance),
        and: rival.flatMap { position in
            nodes[position].instance(of: answer.holding).flatMap {
                nodes[position].place("priority", of: $0)
            }
        }, block: node.title(instance), word: name, hint: remedy(answer, name))
}

private func remedy(_ answer: Answer, _ script: ByteString) -> String {
    guard let before = answer.priorityBefore, let after = answer.priorityAfter,
        let rival = answer.rival
    else { return "no other node is ready to take over" }
    if after < rival {
        return "nopreempt keeps the other node backup: without a weight a failure is FAULT, and it "
            + "takes over"
    }
    return
        "it takes a weight of \(before - rival + 1) or more (or -\(before - rival + 1) or less), "
        + "or none: then a failure is FAULT"
}

extension Node {
    fileprivate func instance(of holding: Tenure) -> Int? {
        for (number, parameters) in configuration.plan.virtualRouters.enumerated()
        where parameters.vrid == holding.vrid && parameters.family == holding.family {
            return number
        }
        return nil
    }

    fileprivate func tracks(_ object: Int, _ instance: Int) -> Bool {
        let plan = configuration.plan
        if plan.virtualRouters[instance].tracking.contains(where: { $0.object == object }) {
            return true
        }
        guard let group = group(of: instance) else { return false }
        return plan.groups[group].tracking.contains { $0.object == object }
    }
}
