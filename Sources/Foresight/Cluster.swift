package import Config
package import Net
import VRRP

// What a cluster will do, foreseen: the real core on the real configurations, on a LAN that exists
// only in memory. Pure: a virtual clock, no randomness, the same answer every time.

package struct Cluster: Sendable {
    package private(set) var now = Instant(nanoseconds: 0)
    package private(set) var occurrences: [Occurrence] = []
    package private(set) var holdings: [Tenure] = []
    private(set) var nodes: [Node] = []
    var packets: [Packet] = []
    private var effects: [Effect] = []

    struct Node {
        var configuration: Configuration
        var router: Router
        var isAlive = false
        /// By instance.
        var isMaster: [Bool]
        var sources: [IPAddress]
        /// By script: whether its runs succeed.
        var works: [Bool]
        /// By script: when it ends next.
        var nextResult: [Instant?]

        var wake: Instant? {
            var result = router.deadline
            for next in nextResult { result = earliest(result, next) }
            return isAlive ? result : nil
        }
    }

    package init(_ configurations: [Configuration]) {
        for (position, configuration) in configurations.enumerated() {
            let sources = configuration.instances.indices.map {
                Cluster.source(configuration, $0, node: position)
            }
            nodes.append(
                Node(
                    configuration: configuration, router: Router(configuration.plan),
                    isMaster: configuration.instances.map { _ in false }, sources: sources,
                    works: configuration.scripts.map { _ in true },
                    nextResult: configuration.scripts.map { _ in nil }))
            for parameters in configuration.plan.virtualRouters { addHolding(parameters) }
        }
    }

    /// The configured source; else an address that grows with the position of the node.
    private static func source(
        _ configuration: Configuration, _ index: Int, node: Int
    ) -> IPAddress {
        if let source = configuration.instances[index].source { return source }
        let last = UInt8(truncatingIfNeeded: node + 1)
        if configuration.plan.virtualRouters[index].family == .ipv4 {
            return IPAddress(bytes: [192, 0, 2, last][...]) ?? .v4(.vrrpGroup)
        }
        let bytes: [UInt8] = [0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [last]
        return IPAddress(bytes: bytes[...]) ?? .v6(.vrrpGroup)
    }

    private mutating func addHolding(_ parameters: VirtualRouterParameters) {
        for holding in holdings
        where holding.vrid == parameters.vrid && holding.family == parameters.family { return }
        holdings.append(
            Tenure(vrid: parameters.vrid, family: parameters.family, name: parameters.name))
    }

    // MARK: Time

    package mutating func run(until end: Instant) {
        while let time = nextTime(), time <= end {
            advance(to: max(now, time))
            for node in nodes.indices { turn(node) }
        }
        advance(to: max(now, end))
    }

    private func nextTime() -> Instant? {
        var result: Instant?
        for packet in packets { result = earliest(result, packet.due) }
        for node in nodes { result = earliest(result, node.wake) }
        return result
    }

    private mutating func advance(to time: Instant) {
        for position in holdings.indices {
            let count = holders(of: holdings[position])
            guard holdings[position].firstHeld != nil else { continue }
            if count == 0 { holdings[position].nobody = holdings[position].nobody + (time - now) }
            if count > 1 { holdings[position].several = holdings[position].several + (time - now) }
        }
        now = time
    }

    private func holders(of holding: Tenure) -> Int {
        var count = 0
        for node in nodes where node.isAlive {
            for (index, parameters) in node.router.plan.virtualRouters.enumerated()
            where parameters.vrid == holding.vrid && parameters.family == holding.family {
                if node.isMaster[index] { count += 1 }
            }
        }
        return count
    }

    /// Packets before timers, as the daemon does it.
    private mutating func turn(_ node: Int) {
        var rest: [Packet] = []
        var due: [Packet] = []
        for packet in packets {
            if packet.to == node && packet.due <= now {
                due.append(packet)
            } else {
                rest.append(packet)
            }
        }
        packets = rest
        guard nodes[node].isAlive else { return }
        for packet in due {
            handle(
                .advertisement(
                    virtualRouter: packet.index, packet.advertisement, received: packet.due),
                on: node)
        }
        for script in nodes[node].nextResult.indices {
            guard let next = nodes[node].nextResult[script], next <= now else { continue }
            endScript(script, on: node)
        }
        if let deadline = nodes[node].router.deadline, deadline <= now {
            handle(.timers(.current), on: node)
        }
    }

    private mutating func endScript(_ script: Int, on node: Int) {
        let interval = nodes[node].configuration.scripts[script].interval
        nodes[node].nextResult[script] = now + max(interval, .milliseconds(10))
        for (object, tracked) in nodes[node].configuration.trackedObjects.enumerated()
        where tracked == .script(script) {
            handle(
                .tracked(object: object, .result(success: nodes[node].works[script])), on: node)
        }
    }

    // MARK: What happens

    package mutating func happen(_ what: Happening, to node: Int) {
        guard nodes.indices.contains(node) else { return }
        occurrences.append(Occurrence(time: now, node: node, what: .happening(what)))
        switch what {
        case .kill: die(node)
        case .stop:
            guard nodes[node].isAlive else { return }
            handle(.stop, on: node)
            die(node)
        case .start: if !nodes[node].isAlive { boot(node) }
        case .script(let script, let works):
            guard nodes[node].works.indices.contains(script) else { return }
            nodes[node].works[script] = works
        }
    }

    private mutating func die(_ node: Int) {
        nodes[node].isAlive = false
        for index in nodes[node].isMaster.indices { nodes[node].isMaster[index] = false }
    }

    private mutating func boot(_ node: Int) {
        nodes[node].router = Router(nodes[node].configuration.plan)
        nodes[node].isAlive = true
        for script in nodes[node].nextResult.indices { nodes[node].nextResult[script] = now }
        for index in nodes[node].isMaster.indices {
            handle(.interface(virtualRouter: index, .up), on: node)
            handle(.source(virtualRouter: index, nodes[node].sources[index]), on: node)
        }
        for (object, tracked) in nodes[node].configuration.trackedObjects.enumerated() {
            if case .interface = tracked {
                handle(.tracked(object: object, .working(true)), on: node)
            }
            if case .process = tracked {
                handle(.tracked(object: object, .working(true)), on: node)
            }
            if case .file = tracked { handle(.tracked(object: object, .value(0)), on: node) }
        }
        handle(.start, on: node)
    }

    private mutating func handle(_ event: Event, on node: Int) {
        var effects = self.effects
        self.effects = []
        effects.removeAll(keepingCapacity: true)
        nodes[node].router.handle(event, at: now, into: &effects)
        for effect in effects { perform(effect, on: node) }
        self.effects = effects
    }

    private mutating func perform(_ effect: Effect, on node: Int) {
        switch effect {
        case .sendAdvertisement(let index, let priority): send(index, priority, from: node)
        case .addAddresses(let index): hold(index, on: node)
        case .removeAddresses(let index): nodes[node].isMaster[index] = false
        case .transition(let index, _, let state, let reason):
            occurrences.append(
                Occurrence(time: now, node: node, what: .entered(instance: index, state, reason)))
        case .announce, .groupTransition, .note: break
        }
    }

    private mutating func hold(_ index: Int, on node: Int) {
        nodes[node].isMaster[index] = true
        let parameters = nodes[node].router.plan.virtualRouters[index]
        for position in holdings.indices
        where holdings[position].vrid == parameters.vrid
            && holdings[position].family == parameters.family
        {
            holdings[position].firstHeld = holdings[position].firstHeld ?? now
        }
    }
}

extension Cluster {
    /// The node that holds a virtual router, if it is one alone.
    package func master(of holding: Tenure) -> Int? {
        var found: Int?
        for (position, node) in nodes.enumerated() where node.isAlive {
            for (index, parameters) in node.router.plan.virtualRouters.enumerated()
            where parameters.vrid == holding.vrid && parameters.family == holding.family {
                guard node.isMaster[index] else { continue }
                if found != nil { return nil }
                found = position
            }
        }
        return found
    }

    /// The effective priority of a node's instance; nil in FAULT or where it has none.
    package func priority(of holding: Tenure, on node: Int) -> (configured: Int, effective: Int)? {
        guard nodes.indices.contains(node), nodes[node].isAlive else { return nil }
        let router = nodes[node].router
        for (index, parameters) in router.plan.virtualRouters.enumerated()
        where parameters.vrid == holding.vrid && parameters.family == holding.family {
            guard router.state(of: index) != .fault else { return nil }
            return (Int(parameters.priority), Int(router.virtualRouters[index].effectivePriority))
        }
        return nil
    }
}
