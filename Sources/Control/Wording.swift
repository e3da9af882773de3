package import Net
package import VRRP

// One vocabulary for logs, status and notifications. Names of tracked objects are the caller's.

/// What tracked objects and group members are called: their positions in the plan say nothing.
package struct PlanNames: Sendable {
    private let virtualRouters: ParametersList
    private let objects: [ByteString]

    /// - Parameter virtualRouters: the plan's, which have their names.
    package init(virtualRouters: ParametersList, objects: [ByteString]) {
        self.virtualRouters = virtualRouters
        self.objects = objects
    }

    package func object(_ index: Int) -> ByteString {
        objects.indices.contains(index) ? objects[index] : "tracked object"
    }

    package func virtualRouter(_ index: Int) -> ByteString {
        virtualRouters.indices.contains(index) ? virtualRouters[index].name : "member"
    }
}

extension FaultReason {
    package func text(_ names: PlanNames) -> String {
        switch self {
        case .interfaceMissing: "the interface does not exist"
        case .interfaceDown: "the interface is down"
        case .noPeer: "there is no unicast_peer"
        case .noSourceAddress: "the interface has no address to send from"
        case .trackedObject(let index): "\(names.object(index)) failed"
        case .groupMember(let index): "\(names.virtualRouter(index)) of the group is in fault"
        }
    }
}

extension TransitionReason {
    package func text(_ names: PlanNames) -> String {
        switch self {
        case .started: "started"
        case .resumed: "resumed after a crash"
        case .startedAsOwner: "address owner"
        case .silence(let last?): "nothing heard from \(last)"
        case .silence(nil): "no master heard"
        case .masterResigned(let address): "\(address) resigned"
        case .preemption(let address): "preempts \(address)"
        case .higherPriority(let priority, let address):
            "\(address) has the higher priority \(priority)"
        case .higherAddress(let address): "\(address) has the same priority, a higher address"
        case .stalled(let stall):
            "could not advertise for \(shortestSeconds(stall)) s: another must have taken over"
        case .fault(let reason): reason.text(names)
        case .faultCleared: "every fault is gone"
        case .group: "the sync group moved"
        case .reconfigured: "the configuration changed"
        case .stopped: "stopped"
        }
    }
}

extension Note {
    package func text(_ names: PlanNames) -> String {
        switch self {
        case .lowerPriorityHeard(let priority, let address):
            "heard lower priority \(priority) from \(address)"
        case .ownershipYielded(let address):
            "\(address) owns the addresses too and does not give way: giving way to it"
        case .sameAddressHeard(let address):
            "another router advertises with our address \(address) and priority"
        case .addressListDiffers(let address):
            "the address list of \(address) differs from ours: accepted, but check both"
        case .intervalDiffers(let interval, let address):
            "\(address) advertises every \(shortestSeconds(interval)) s"
        case .priorityChanged(let old, let new): "priority \(old) becomes \(new)"
        case .preemptDelayStarted: "preempt_delay started"
        case .trackedObject(let index, let working):
            "\(names.object(index)) \(working ? "works" : "failed")"
        case .timerLate(let late):
            "was \(shortestSeconds(late)) s late: waiting anew before taking over"
        }
    }
}

extension Discard {
    /// What was wrong with a packet, for the log.
    package var text: String {
        switch self {
        case .packetTooShort: "too short"
        case .packetLength: "too long for its address count"
        case .ttl: "invalid TTL, must be 255"
        case .version: "wrong version"
        case .type: "invalid type"
        case .checksum: "bad checksum"
        case .checksumWithoutPseudoHeader:
            "checksum lacks the pseudo-header (see v3_checksum_as_v2)"
        case .vrid: "wrong virtual router id"
        case .authenticationType: "authentication type mismatch"
        case .authenticationFormat: "malformed authentication header or trailer"
        case .authenticationMissing: "not signed (auth_hmac)"
        case .unknownKey: "signed with an unknown key"
        case .stale: "its time is not ours (check the clocks, see time_window)"
        case .replayed: "replayed: this number was heard before"
        case .authenticationMismatch: "authentication data mismatch"
        case .advertisementInterval: "advertisement interval mismatch"
        case .destination: "wrong kind of destination"
        case .unknownPeer: "sender is no configured peer"
        case .source: "invalid source address"
        case .addressList: "address list mismatch: a foreign cluster uses this VRID"
        case .ownerIgnores: "ignored, this node owns the address"
        }
    }
}
