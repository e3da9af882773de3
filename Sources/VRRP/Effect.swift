package import Net

/// The states of RFC 3768 section 6.4, and keepalived's fault.
package enum StateName: UInt8, Hashable, Sendable, CaseIterable {
    case initialize = 0
    case backup = 1
    case master = 2
    case fault = 3
}

/// Why a virtual router cannot take part. Each is set and cleared by its own event.
package enum FaultReason: Hashable, Sendable {
    case interfaceMissing
    case interfaceDown
    case noSourceAddress
    /// unicast_fault_no_peer.
    case noPeer
    /// A tracked object without weight failed (its position in the plan).
    case trackedObject(Int)
    /// Another member of the sync group (its position in the plan) is in fault.
    case groupMember(Int)
}

/// Why a state was entered: what `explain` and the log say.
package enum TransitionReason: Hashable, Sendable {
    case started
    case resumed
    case startedAsOwner
    /// Master_Down_Timer: nothing was heard; the address is the master lost, if one was known.
    case silence(lastMaster: IPAddress?)
    case masterResigned(IPAddress)
    /// The master's advertisements are of lower priority, and we preempt.
    case preemption(IPAddress)
    case higherPriority(UInt8, from: IPAddress)
    /// Equal priority, and the other's address is the higher one.
    case higherAddress(IPAddress)
    /// timer_expired_backup: this process could not advertise for so long.
    case stalled(Interval)
    case fault(FaultReason)
    case faultCleared
    /// The sync group moved.
    case group
    /// `retire`: a reload removed it; for people this is DELETED.
    case reconfigured
    case stopped
}

/// Remarks that change nothing: for the log, the counters and the event list.
package enum Note: Hashable, Sendable {
    /// A backup discards it, a master answers it.
    case lowerPriorityHeard(UInt8, from: IPAddress)
    /// Two owners, and the other does not give way: this one counts as 254 until it is gone.
    case ownershipYielded(to: IPAddress)
    /// A master heard its own address and priority from someone else.
    case sameAddressHeard(IPAddress)
    case addressListDiffers(from: IPAddress)
    /// v3: the sender's interval is not ours; a backup learns it.
    case intervalDiffers(Interval, from: IPAddress)
    /// Effective priority.
    case priorityChanged(from: UInt8, to: UInt8)
    case preemptDelayStarted(until: Instant)
    /// A tracked object changed (its position in the plan).
    case trackedObject(Int, working: Bool)
    /// The Master_Down_Timer came too late to mean silence, and was started again.
    case timerLate(by: Interval)
}

/// What the core wants done, strictly in the order given: on becoming master the advertisement
/// goes before the addresses come, so that the old master has let go when neighbours are told.
package enum Effect: Hashable, Sendable {
    /// One advertisement (to each peer), now; priority 0 resigns.
    case sendAdvertisement(virtualRouter: Int, priority: UInt8)
    /// From now on the addresses ought to be there.
    case addAddresses(virtualRouter: Int)
    /// From now on they ought not.
    case removeAddresses(virtualRouter: Int)
    /// Gratuitous ARP or Neighbor Advertisements: so many frames for each address.
    case announce(virtualRouter: Int, count: Int)
    /// Scripts, FIFOs, mail and log hear of it: after everything above was done.
    case transition(virtualRouter: Int, from: StateName, to: StateName, reason: TransitionReason)
    /// The group as a whole moved, after all its members did.
    case groupTransition(group: Int, to: StateName)
    /// For the log, the counters and the event list; nothing is to be done.
    case note(virtualRouter: Int, Note)
}
