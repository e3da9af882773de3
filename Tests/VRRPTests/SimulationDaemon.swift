import Net
import VRRP

@testable import Daemon

// As much of the daemon as the simulated LAN needs where the daemon's own policies are at stake: what
// is refused, who starts a new engine when, and how fast announcements go.

// MARK: What is heard

extension Simulation {
    /// Routers that declare the same hear each other as they are; where a list or an owner is at
    /// stake, bytes are sent and read. Nil: refused, and counted.
    mutating func heard(
        _ index: Int, _ advertisement: Advertisement, _ priority: UInt8, _ sender: Int,
        _ receiver: Int
    ) -> Advertisement? {
        let sent = nodes[sender].plan.virtualRouters[index]
        let expected = nodes[receiver].plan.virtualRouters[index]
        guard sent.addresses != expected.addresses || expected.isOwner else { return advertisement }
        var packet = OutgoingAdvertisement(
            sent, from: nodes[sender].address, to: .v4(.vrrpGroup))
        packet.setPriority(priority)
        let message = [UInt8](packet.bytes[packet.messageOffset...])
        return read(message, from: nodes[sender].address, index, on: receiver)
    }

    /// A message from outside reaches every machine.
    mutating func intrude(_ message: [UInt8], from source: IPAddress, hopLimit: Int = 255) {
        for node in nodes.indices where nodes[node].isAlive {
            let advertisement = read(message, from: source, hopLimit: hopLimit, 0, on: node)
            guard let advertisement else { continue }
            nodes[node].receive(0, advertisement, at: now)
            if !nodes[node].isPaused { turn(node) }
        }
    }

    private mutating func read(
        _ message: [UInt8], from source: IPAddress, hopLimit: Int = 255, _ index: Int, on node: Int
    ) -> Advertisement? {
        do throws(Discard) {
            let advertisement = try Advertisement.decode(
                ReceivedPacket(
                    source: source, destination: .v4(.vrrpGroup), hopLimit: hopLimit),
                message.span, header: [UInt8]().span,
                expecting: AdvertisementExpectation(nodes[node].plan.virtualRouters[index]),
                digest: NoDigest())
            guard !advertisement.isIgnored else { throw .ownerIgnores }
            return advertisement
        } catch {
            nodes[node].discards[Int(error.rawValue)] += 1
            return nil
        }
    }
}

/// Nothing on the simulated LAN is signed.
private final class NoDigest: KeyedDigest {
    func begin(_ algorithm: DigestAlgorithm, key: [UInt8]) {}
    func add(_ bytes: Span<UInt8>) {}
    func add(_ number: UInt64, bytes count: Int) {}
    func finish() -> UInt128 { 0 }
}

// MARK: Engines that die

extension Simulation {
    /// The engine of a machine dies; its keeper does what the policy says.
    mutating func engineDies(_ node: Int, hung: Bool = false) {
        guard nodes[node].isAlive else { return }
        if keepsStory { story.append("\(Bench.text(now)) node \(node): its engine dies") }
        let held = nodes[node].holds.contains(true)
        let decision = nodes[node].policy.engineDied(
            at: now, held: held, resumable: !hung, respawns: true)
        nodes[node].isPaused = false
        nodes[node].diedAt = now
        nodes[node].waits = nodes[node].router.virtualRouters.map {
            hung ? nil : $0.masterDownDeadline
        }
        switch decision {
        case .resume(let delay): startEngine(node, after: delay)
        case .handOver(let delay): handOverOrResume(node, restartAfter: delay)
        }
    }

    /// Until then the machine hears nothing.
    private mutating func startEngine(_ node: Int, after delay: Interval) {
        if delay == .zero { return resumeEngine(node) }
        nodes[node].isAlive = false
        nodes[node].restartAt = now + delay
    }

    mutating func resumeEngine(_ node: Int) {
        nodes[node].isAlive = true
        nodes[node].restartAt = nil
        resume(node)
        let missed = now - nodes[node].diedAt
        for (index, deadline) in nodes[node].waits.enumerated() {
            guard let deadline else { continue }
            handle(.wait(virtualRouter: index, masterDownDeadline: deadline + missed), on: node)
        }
        nodes[node].policy.engineStarted(at: now)
        pausePreemption(node)
    }

    private mutating func handOverOrResume(_ node: Int, restartAfter delay: Interval) {
        let kept = nodes[node].holds.indices.filter {
            nodes[node].holds[$0] && nodes[node].cameBack[$0]
        }
        let isKept = !kept.isEmpty && nodes[node].policy.resumesWhatCameBack(at: now)
        for index in nodes[node].holds.indices where nodes[node].holds[index] {
            if isKept && kept.contains(index) { continue }
            send(index, 0, from: node)
            nodes[node].holds[index] = false
        }
        if isKept { resumeEngine(node) } else { startEngine(node, after: delay) }
    }

    private mutating func pausePreemption(_ node: Int) {
        guard let until = nodes[node].policy.preemptionPausedUntil(at: now) else { return }
        handle(.preemptionPaused(until: until), on: node)
    }

    mutating func recordTransition(
        of index: Int, to state: StateName, _ reason: TransitionReason, on node: Int
    ) {
        guard state == .master else {
            nodes[node].cameBack[index] = false
            return
        }
        switch reason {
        case .silence, .masterResigned:
            nodes[node].cameBack[index] =
                nodes[node].policy.preemptionPausedUntil(at: now) != nil
        default: break
        }
    }
}

// MARK: Announcements

extension Simulation {
    mutating func announce(_ index: Int, _ count: Int, on node: Int) {
        guard nodes[node].countsAnnouncements else { return }
        for address in nodes[node].plan.virtualRouters[index].addresses {
            nodes[node].announcer.schedule(address, on: 1, count: count)
        }
    }

    mutating func sendAnnouncements(_ node: Int) {
        guard let deadline = nodes[node].announcer.deadline, deadline <= now else { return }
        let now = self.now
        var sent: [IPAddress] = []
        nodes[node].announcer.due(at: now, limit: 128) { sent.append($0.address) }
        for address in sent { nodes[node].announced.append((now, address)) }
        setWake(node)
    }
}
