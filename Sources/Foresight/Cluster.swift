package import Config
package import Net
package import VRRP

// What a cluster will do, foreseen: the real core on the real configurations, on a LAN that exists
// only in memory. Pure: a virtual clock, no randomness, the same answer every time.

/// Something that happens to one node.
package enum Happening: Hashable, Sendable {
    /// The machine dies: nothing is sent any more.
    case kill
    /// A shutdown, as by SIGTERM: masters resign.
    case stop
    case start
    /// Every run of this vrrp_script fails from now on, or succeeds.
    case script(Int, works: Bool)
}

/// One line of the time line.
package struct Occurrence: Hashable, Sendable {
    package var time: Instant
    package var node: Int
    package var what: What

    package enum What: Hashable, Sendable {
        case happening(Happening)
        /// By position among the node's instances.
        case entered(instance: Int, StateName, TransitionReason)
    }
}

/// How long an address was held by nobody, and by more than one, since the first master was there.
package struct Tenure: Hashable, Sendable {
    package var vrid: UInt8
    package var family: Family
    package var name: ByteString
    package var nobody = Interval.zero
    package var several = Interval.zero
    /// When it was first held.
    package var firstHeld: Instant?
}

package struct Cluster: Sendable {
    package private(set) var now = Instant(nanoseconds: 0)
    package private(set) var occurrences: [Occurrence] = []
    package private(set) var holdings: [Tenure] = []
    private(set) var nodes: [Node] = []
    private var packets: [Packet] = []
    private var effects: [Effect] = []

    /// How long a packet takes.
    private static let delay = Interval.microseconds(100)

    private struct Packet {
        var due: Instant
        var to: Int
        var index: Int
        var advertisement: Advertisement
    }

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

    // MARK: The LAN

    private mutating func send(_ index: Int, _ priority: UInt8, from sender: Int) {
        let parameters = nodes[sender].router.plan.virtualRouters[index]
        for receiver in nodes.indices where receiver != sender && nodes[receiver].isAlive {
            for (position, own) in nodes[receiver].router.plan.virtualRouters.enumerated() {
                let target = nodes[receiver].sources[position]
                guard accepts(own, parameters), reaches(parameters.transport, own, target)
                else { continue }
                packets.append(
                    Packet(
                        due: now + Cluster.delay, to: receiver, index: position,
                        advertisement: Advertisement(
                            source: nodes[sender].sources[index],
                            claim: priority == 0 ? .resigns : .priority(priority),
                            interval: parameters.advertisementInterval,
                            listDiffers: Set(own.addresses) != Set(parameters.addresses))))
            }
        }
    }

    /// The rungs of the decoder's ladder that two configurations decide.
    private func accepts(
        _ own: VirtualRouterParameters, _ sent: VirtualRouterParameters
    ) -> Bool {
        guard own.vrid == sent.vrid, own.family == sent.family, own.version == sent.version,
            own.authentication == sent.authentication
        else { return false }
        if own.version == .v2 && own.advertisementInterval != sent.advertisementInterval {
            return false
        }
        let common = Set(own.addresses).intersection(Set(sent.addresses))
        return !common.isEmpty || own.addresses.isEmpty && sent.addresses.isEmpty
    }

    private func reaches(
        _ transport: Transport, _ own: VirtualRouterParameters, _ target: IPAddress
    ) -> Bool {
        switch (transport, own.transport) {
        case (.multicast(let group), .multicast(let joined)): group == joined
        case (.unicast(let peers), .unicast): peers.contains { $0 == target }
        case (.multicast, .unicast), (.unicast, .multicast): false
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
