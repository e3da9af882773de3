package import Config
import Net

// "What if": each node dies, each script fails; one at a time, from a cluster that is at peace.

package struct Answer: Hashable, Sendable {
    package var question: Question
    package var holding: Tenure
    /// Who held it before, and who does after.
    package var before: Int?
    package var after: Int?
    /// The effective priority of the node in question before and after; nil: FAULT, or dead.
    package var priorityBefore: Int?
    package var priorityAfter: Int?
    /// The best effective priority of the others.
    package var rival: Int?

    /// The question was about the master, and the address moved.
    package var fails: Bool { before == question.node && after == before }

    /// "101 - 2 = 99 < 100": the priority of the node in question, against the best of the others.
    package var arithmetic: String {
        guard let before = priorityBefore, let after = priorityAfter else { return "FAULT" }
        let text = "\(before) - \(before - after) = \(after)"
        guard let rival else { return text + ", no rival" }
        return "\(text) \(after > rival ? ">" : after == rival ? "=" : "<") \(rival)"
    }
}

package enum Question: Hashable, Sendable {
    case dies(node: Int)
    case scriptFails(node: Int, script: Int)

    package var node: Int {
        switch self {
        case .dies(let node), .scriptFails(let node, _): node
        }
    }
}

/// How long a cluster is given to come to peace: some Master_Down_Intervals, delays and scripts.
private let patience = Interval.seconds(120)

/// All questions, each asked of a cluster of its own; only those about the master of something have
/// an answer.
package func answers(_ configurations: [Configuration]) -> [Answer] {
    var calm = Cluster(configurations)
    for node in configurations.indices { calm.happen(.start, to: node) }
    calm.run(until: calm.now + patience)
    var result: [Answer] = []
    for (node, configuration) in configurations.enumerated() {
        for script in configuration.scripts.indices {
            result += ask(.scriptFails(node: node, script: script), of: calm)
        }
        result += ask(.dies(node: node), of: calm)
    }
    return result
}

private func ask(_ question: Question, of calm: Cluster) -> [Answer] {
    var cluster = calm
    switch question {
    case .dies(let node): cluster.happen(.kill, to: node)
    case .scriptFails(let node, let script):
        cluster.happen(.script(script, works: false), to: node)
    }
    cluster.run(until: calm.now + patience)
    var result: [Answer] = []
    for (position, holding) in calm.holdings.enumerated()
    where calm.master(of: holding) == question.node {
        let after = cluster.holdings[position]
        var gap = after
        gap.nobody = after.nobody - holding.nobody
        gap.several = after.several - holding.several
        var rival: Int?
        for other in cluster.nodeIndices where other != question.node {
            guard let priority = cluster.priority(of: holding, on: other) else { continue }
            rival = max(rival ?? 0, priority.effective)
        }
        result.append(
            Answer(
                question: question, holding: gap, before: question.node,
                after: cluster.master(of: holding),
                priorityBefore: calm.priority(of: holding, on: question.node)?.effective,
                priorityAfter: cluster.priority(of: holding, on: question.node)?.effective,
                rival: rival))
    }
    return result
}

extension Cluster {
    fileprivate var nodeIndices: Range<Int> { nodes.indices }
}
