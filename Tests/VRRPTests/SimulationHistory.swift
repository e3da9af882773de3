import Net
import VRRP

// Random histories: some machines, some trouble, then peace; and in peace, one master.

extension Simulation {
    /// Plays the history of a seed; returns what went wrong.
    static func history(seed: UInt64, keepsStory: Bool = false) -> Simulation {
        var simulation = Simulation(seed: seed)
        simulation.keepsStory = keepsStory
        let cluster = Cluster(&simulation.random)
        simulation.build(cluster)
        simulation.disturb(cluster)
        simulation.heal(cluster)
        return simulation
    }

    /// What all machines of a history have in common.
    struct Cluster {
        var size: Int
        var virtualRouters: Int
        var isGrouped: Bool
        var version: ProtocolVersion
        var interval: Interval
        var preempts: Bool
        var preemptDelay: Interval
        /// By machine, then by virtual router.
        var priorities: [[UInt8]]

        init(_ random: inout SplitMix64) {
            size = random.within(2...5)
            virtualRouters = random.within(1...2)
            isGrouped = random.chance(60)
            version = random.chance(50) ? .v2 : .v3
            interval = version == .v3 && random.chance(60) ? .milliseconds(100) : .seconds(1)
            preempts = random.chance(70)
            preemptDelay = random.chance(20) ? interval * 2 : .zero
            priorities = []
            let isMixed = random.chance(30)
            for machine in 0..<size {
                // Ties in a third of the clusters.
                let base = random.chance(33) ? 100 : 100 + 20 * machine
                let first = UInt8(base)
                let second = isMixed && isGrouped ? UInt8(base + random.within(0...50)) : first
                priorities.append([first, second].prefix(virtualRouters).map { $0 })
            }
        }

        /// Master_Down_Interval of the least priority is shorter than this.
        var longest: Interval {
            version == .v2 ? interval * 3 + .seconds(1) : interval * 4
        }

        /// Silence makes a master; a better one preempts it.
        var timeToConverge: Interval { longest * 2 + preemptDelay }

        func plan(of machine: Int) -> RouterPlan {
            var plan = RouterPlan()
            for index in 0..<virtualRouters {
                var parameters = Bench.parameters("VI_\(index)", UInt8(51 + index))
                parameters.version = version
                parameters.priority = priorities[machine][index]
                parameters.advertisementInterval = interval
                parameters.preempts = preempts
                parameters.preemptDelay = preemptDelay
                if !isGrouped { parameters.tracking = tracking }
                plan.virtualRouters.append(parameters)
            }
            plan.trackedObjects = [.link, .link]
            if isGrouped {
                plan.groups = [
                    SyncGroupPlan(
                        name: "G", members: Array(0..<virtualRouters), tracking: tracking)
                ]
            }
            return plan
        }

        /// One object whose failure is a fault, one that costs 30 points.
        private var tracking: [TrackingEntry] {
            [
                TrackingEntry(object: 0, weight: Weight(0)),
                TrackingEntry(object: 1, weight: Weight(-30)),
            ]
        }
    }

    mutating func build(_ cluster: Cluster) {
        delayLimit = cluster.interval / 500
        for machine in 0..<cluster.size {
            let address = Bench.host(UInt8(machine + 1))
            nodes.append(SimulationNode(cluster.plan(of: machine), address: address))
            boot(machine)
        }
    }

    // MARK: Trouble

    private mutating func disturb(_ cluster: Cluster) {
        for _ in 0..<random.within(2...8) {
            run(until: now + random(upTo: cluster.interval * 3))
            if failure != nil { return }
            disturbOnce(cluster)
        }
        run(until: now + random(upTo: cluster.interval * 3))
    }

    private mutating func random(upTo limit: Interval) -> Interval {
        .microseconds(Int64(random.below(Int(limit.nanoseconds / 1_000))))
    }

    private mutating func disturbOnce(_ cluster: Cluster) {
        let node = random.below(nodes.count)
        switch random.below(12) {
        case 0: for index in nodes.indices { nodes[index].side = random.below(2) }
        case 1: for index in nodes.indices { nodes[index].side = 0 }
        case 2: lossPercent = random.below(60)
        case 3: doublePercent = random.below(30)
        case 4: delayLimit = cluster.interval / Int64(random.within(3...500))
        case 5: pause(node)
        case 6: proceed(node)
        case 7: nodes[node].isAlive ? crash(node) : boot(node)
        case 8: nodes[node].isAlive ? shutDown(node) : boot(node)
        case 9: setLink(node, up: !nodes[node].isLinkUp)
        case 10: observe(node, object: random.below(2), works: random.chance(50))
        default: random.chance(50) ? resume(node) : reload(node, cluster)
        }
    }

    mutating func boot(_ node: Int) {
        let old = nodes[node]
        nodes[node] = SimulationNode(old.plan, address: old.address)
        nodes[node].side = old.side
        nodes[node].isLinkUp = old.isLinkUp
        plugIn(node)
        handle(.start, on: node)
    }

    private mutating func plugIn(_ node: Int) {
        for index in nodes[node].holds.indices {
            let status: InterfaceStatus = nodes[node].isLinkUp ? .up : .down
            handle(.interface(virtualRouter: index, status), on: node)
            handle(.source(virtualRouter: index, nodes[node].address), on: node)
        }
    }

    mutating func pause(_ node: Int) { nodes[node].isPaused = nodes[node].isAlive }

    mutating func proceed(_ node: Int) {
        guard nodes[node].isPaused else { return }
        nodes[node].isPaused = false
        turn(node)
    }

    /// Nobody hears of it, and what it held is gone with it.
    mutating func crash(_ node: Int) {
        nodes[node].isAlive = false
        nodes[node].isPaused = false
        for index in nodes[node].holds.indices { nodes[node].holds[index] = false }
    }

    mutating func shutDown(_ node: Int) {
        proceed(node)
        handle(.stop, on: node)
        nodes[node].isAlive = false
    }

    /// The engine died and was forked again a moment later; the addresses stayed.
    mutating func resume(_ node: Int) {
        guard nodes[node].isAlive, !nodes[node].isPaused else { return }
        let masters = nodes[node].holds.indices.filter { nodes[node].holds[$0] }
        let held = nodes[node].holds
        nodes[node].holds = Array(repeating: false, count: held.count)
        nodes[node].router = Router(nodes[node].plan)
        nodes[node].queue = []
        plugIn(node)
        nodes[node].holds = held
        handle(.resume(masters: masters), on: node)
    }

    /// The same plan but for the priority, which is one more or less, or without its group.
    mutating func reload(_ node: Int, _ cluster: Cluster) {
        guard nodes[node].isAlive, !nodes[node].isPaused else { return }
        for index in nodes[node].plan.virtualRouters.indices {
            let priority = nodes[node].plan.virtualRouters[index].priority
            let isMore = random.chance(50)
            nodes[node].plan.virtualRouters[index].priority = isMore ? priority + 1 : priority - 1
        }
        let groups = cluster.plan(of: node).groups
        nodes[node].plan.groups = random.chance(30) ? [] : groups
        reconfigure(node)
    }

    private mutating func reconfigure(_ node: Int) {
        var effects: [Effect] = []
        isTimerTurn = false
        let places = nodes[node].holds.indices.map { Optional($0) }
        nodes[node].router.reconfigure(
            nodes[node].plan, virtualRouterMapping: places, objectMapping: [0, 1], at: now,
            into: &effects)
        nodes[node].router.handle(.start, at: now, into: &effects)
        execute(effects, on: node)
    }

    mutating func setLink(_ node: Int, up isUp: Bool) {
        nodes[node].isLinkUp = isUp
        guard nodes[node].isAlive else { return }
        proceed(node)
        for index in nodes[node].holds.indices {
            handle(.interface(virtualRouter: index, isUp ? .up : .down), on: node)
        }
    }

    private mutating func observe(_ node: Int, object: Int, works: Bool) {
        guard nodes[node].isAlive else { return }
        handle(.tracked(object: object, .working(works)), on: node)
    }

    // MARK: Peace

    /// Everything works again. From then on the protocol has its time, and after that there is
    /// exactly one master, for good.
    private mutating func heal(_ cluster: Cluster) {
        if failure != nil { return }
        lossPercent = 0
        doublePercent = 0
        delayLimit = cluster.interval / 500
        for node in nodes.indices {
            nodes[node].side = 0
            if nodes[node].isAlive { proceed(node) } else { boot(node) }
            if !nodes[node].isLinkUp { setLink(node, up: true) }
            for object in 0...1 { observe(node, object: object, works: true) }
            nodes[node].plan = cluster.plan(of: node)
            reconfigure(node)
        }
        convergedFrom = now + cluster.timeToConverge
        run(until: now + cluster.timeToConverge + cluster.longest * 2)
        checkBest(cluster)
    }

    /// Where everyone preempts and nobody is bound by a group, the best is master.
    private mutating func checkBest(_ cluster: Cluster) {
        guard cluster.preempts, !cluster.isGrouped else { return }
        for index in 0..<cluster.virtualRouters {
            let best = nodes.map { $0.router.virtualRouters[index].effectivePriority }.max()
            for node in nodes where node.holds[index] {
                if node.router.virtualRouters[index].effectivePriority != best {
                    fail("a router of less than the best priority stays master")
                }
            }
        }
    }
}
