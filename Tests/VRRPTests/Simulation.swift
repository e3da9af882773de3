import Net
import VRRP

@testable import Daemon

/// Real routers on a LAN that exists only in memory: a virtual clock, links that lose, delay and
/// double packets, machines that stall, die and come back. The same seed gives the same history.
struct Simulation {
    var now = Instant(nanoseconds: 0)
    var nodes: [SimulationNode] = []
    var random: SplitMix64
    /// The first promise that was broken.
    var failure: String?
    /// From here on there is one master for each virtual router.
    var convergedFrom: Instant?

    var lossPercent = 0
    var doublePercent = 0
    var delayLimit = Interval.milliseconds(1)
    /// What happened, for those who look for a mistake.
    var story: [String] = []
    var keepsStory = false

    private var packets: [Packet] = []
    private var effects: [Effect] = []
    private var isTurn = false
    var isTimerTurn = false

    private struct Packet {
        var due: Instant
        var to: Int
        var index: Int
        var advertisement: Advertisement
    }

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    // MARK: Time

    /// Runs until nothing is left to do before `end`.
    mutating func run(until end: Instant) {
        while failure == nil, let step = nextStep(), step.time <= end {
            now = max(now, step.time)
            switch step.what {
            case .packet(let place): deliver(packets.remove(at: place))
            case .wake(let node): turn(node)
            case .restart(let node): resumeEngine(node)
            }
            checkMasters()
        }
        now = max(now, end)
    }

    private enum Step {
        case packet(Int)
        case wake(Int)
        case restart(Int)
    }

    private func nextStep() -> (time: Instant, what: Step)? {
        var best: (time: Instant, what: Step)?
        for place in packets.indices {
            let due = packets[place].due
            if let time = best?.time, time <= due { continue }
            best = (due, .packet(place))
        }
        for index in nodes.indices {
            if let restart = nodes[index].restartAt, best.map({ restart < $0.time }) ?? true {
                best = (restart, .restart(index))
            }
            guard nodes[index].isAlive, !nodes[index].isPaused, let wake = nodes[index].wake else {
                continue
            }
            if let time = best?.time, time <= wake { continue }
            best = (wake, .wake(index))
        }
        return best
    }

    // MARK: A machine's turn

    private mutating func deliver(_ packet: Packet) {
        guard nodes[packet.to].isAlive, nodes[packet.to].isLinkUp else { return }
        nodes[packet.to].receive(packet.index, packet.advertisement, at: now)
        if !nodes[packet.to].isPaused { turn(packet.to) }
    }

    /// Packets before timers, as the daemon does it.
    mutating func turn(_ node: Int) {
        let queue = nodes[node].queue
        nodes[node].queue.removeAll(keepingCapacity: true)
        isTurn = true
        defer { isTurn = false }
        sendAnnouncements(node)
        for packet in queue {
            handle(
                .advertisement(
                    virtualRouter: packet.index, packet.advertisement, received: packet.received),
                on: node)
        }
        let isLossy = nodes[node].isLossy
        nodes[node].isLossy = false
        if isLossy {
            let all = Array(nodes[node].router.virtualRouters.indices)
            handle(.lost(virtualRouters: all), on: node)
        }
        guard nodes[node].router.deadline.map({ $0 <= now }) == true else { return }
        handle(.timers(.current), on: node)
        if let deadline = nodes[node].router.deadline, deadline <= now {
            fail("node \(node) would spin")
        }
    }

    mutating func handle(_ event: Event, on node: Int) {
        effects.removeAll(keepingCapacity: true)
        var effects = effects
        self.effects = []
        if case .timers = event { isTimerTurn = true } else { isTimerTurn = false }
        nodes[node].router.handle(event, at: now, into: &effects)
        execute(effects, on: node)
        self.effects = effects
    }

    /// Does what the effects say, and looks whether they keep their promises.
    mutating func execute(_ effects: [Effect], on node: Int) {
        checkOrder(effects, on: node)
        for effect in effects { execute(effect, on: node) }
        checkStates(of: node)
        sendAnnouncements(node)
        setWake(node)
    }

    /// Nobody wakes up on time to the nanosecond.
    mutating func setWake(_ node: Int) {
        let latency = Interval.microseconds(Int64(random.below(200)))
        let next = earliest(nodes[node].router.deadline, nodes[node].announcer.deadline)
        nodes[node].wake = next.map { $0 + latency }
    }

    private mutating func execute(_ effect: Effect, on node: Int) {
        if keepsStory { story.append("\(Bench.text(now)) node \(node): \(effect.words)") }
        switch effect {
        case .sendAdvertisement(let index, let priority):
            send(index, priority, from: node)
        case .addAddresses(let index): nodes[node].holds[index] = true
        case .removeAddresses(let index): nodes[node].holds[index] = false
        case .announce(let index, let count): announce(index, count, on: node)
        case .transition(let index, _, let to, let reason):
            recordTransition(of: index, to: to, reason, on: node)
        case .groupTransition, .note: break
        }
    }

    mutating func send(_ index: Int, _ priority: UInt8, from sender: Int) {
        nodes[sender].lastSent[index] = now
        guard nodes[sender].isLinkUp else { return }
        let advertisement = Advertisement(
            source: nodes[sender].address,
            claim: priority == 0 ? .resigns : .priority(priority),
            interval: nodes[sender].plan.virtualRouters[index].advertisementInterval)
        for receiver in nodes.indices where receiver != sender {
            guard nodes[receiver].side == nodes[sender].side else { continue }
            if random.chance(lossPercent) { continue }
            guard let advertisement = heard(index, advertisement, priority, sender, receiver) else {
                continue
            }
            transmit(index, advertisement, to: receiver)
            if random.chance(doublePercent) { transmit(index, advertisement, to: receiver) }
        }
    }

    private mutating func transmit(_ index: Int, _ advertisement: Advertisement, to node: Int) {
        let limit = Int(delayLimit.nanoseconds / 1_000)
        let delay = Interval.microseconds(Int64(20 + random.below(limit)))
        packets.append(
            Packet(due: now + delay, to: node, index: index, advertisement: advertisement))
    }

    // MARK: Promises

    mutating func fail(_ text: String) {
        if failure == nil { failure = "at \(Bench.text(now)) s: \(text)" }
    }

    /// In a LAN that is whole again there is exactly one master, once the protocol had its time.
    private mutating func checkMasters() {
        guard let convergedFrom, now >= convergedFrom else { return }
        for index in nodes[0].holds.indices {
            let count = nodes.count { $0.holds[index] }
            if count != 1 { fail("virtual router \(index) has \(count) masters") }
        }
    }

    private mutating func checkStates(of node: Int) {
        let router = nodes[node].router
        for index in nodes[node].holds.indices {
            if nodes[node].holds[index] != (router.state(of: index) == .master) {
                fail("node \(node) holds addresses as no master, or the other way round")
            }
        }
        for group in nodes[node].plan.groups {
            guard let first = group.members.first else { continue }
            for member in group.members where router.state(of: member) != router.state(of: first) {
                fail("node \(node)'s group is apart")
            }
        }
    }

    /// Who becomes master advertises, adds, announces, tells; who lets go says so before any
    /// address goes, and tells last; nobody advertises twice in one breath.
    private mutating func checkOrder(_ effects: [Effect], on node: Int) {
        let isGrouped = !nodes[node].plan.groups.isEmpty
        var removed: Set<Int> = []
        var added = 0
        var announced = 0
        for effect in effects {
            switch effect {
            case .sendAdvertisement(let index, let priority):
                let isLate = isGrouped ? !removed.isEmpty : removed.contains(index)
                if priority == 0 && isLate { fail("node \(node) resigns too late") }
                checkRhythm(index, priority, on: node)
            case .addAddresses(let index):
                added += 1
                if nodes[node].holds[index] { continue }
                if !effects.contains(where: { $0.isAdvertisement(of: index) }) {
                    fail("node \(node) is master without saying so")
                }
            case .removeAddresses(let index):
                removed.insert(index)
                if !nodes[node].holds[index] { fail("node \(node) removes what it lacks") }
            case .announce: announced += 1
            case .transition(let index, let from, let to, _):
                if from == to { fail("node \(node) goes nowhere") }
                if to == .master && (added == 0 || announced == 0) {
                    fail("node \(node) tells of being master before it is")
                }
                if from == .master && !removed.contains(index) {
                    fail("node \(node) tells of its end before it")
                }
            case .groupTransition, .note: break
            }
        }
    }

    /// What the timer sends is never less than half an interval after the one before.
    private mutating func checkRhythm(_ index: Int, _ priority: UInt8, on node: Int) {
        guard priority > 0, isTurn else { return }
        if nodes[node].lastSent[index] == now { fail("node \(node) sends twice in a turn") }
        guard isTimerTurn else { return }
        let interval = nodes[node].plan.virtualRouters[index].advertisementInterval
        guard let last = nodes[node].lastSent[index], nodes[node].holds[index] else { return }
        if now - last < interval / 2 { fail("node \(node) sends a burst") }
    }
}

extension Effect {
    func isAdvertisement(of wanted: Int) -> Bool {
        if case .sendAdvertisement(let index, let priority) = self {
            return index == wanted && priority > 0
        }
        return false
    }
}
