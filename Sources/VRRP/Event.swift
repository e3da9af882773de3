package import Net

/// The interface of a virtual router, as far as its protocol minds.
package enum InterfaceStatus: Hashable, Sendable {
    case missing
    case down
    case up
}

/// What was seen of a tracked object.
package enum Observation: Hashable, Sendable {
    /// A link or process.
    case working(Bool)
    /// A check script that ended: success or not (a timeout is no success).
    case result(success: Bool)
    /// The number in a track_file; a file that is missing or holds no number counts as 0.
    case value(Int)
}

/// Whether everything that arrived before now has been read. A Master_Down_Timer may end a
/// master's life only when its advertisements cannot still be waiting in a queue.
package enum Hearing: Hashable, Sendable {
    /// The sockets were read until empty.
    case current
    /// The receive budget of this turn was used up first: what arrived before the given time was
    /// read, more waits. Adver_Timers may fire, and a Master_Down_Timer that was due before that
    /// time: a flood moves the time on, so it can delay a take-over only by what a queue holds.
    case behind(readUpTo: Instant)
}

/// Everything that can happen to a VRRP router: the only inputs of the core.
package enum Event: Sendable {
    /// The start; the interfaces' states and addresses are told before. Again as the last step of
    /// a reload, for the virtual routers that are new.
    case start
    /// The start after a crash of this very process: those that the list names were master until a
    /// moment ago and go on being it, without a transition; for the others as `start`.
    case resume(masters: [Int])
    /// After `resume`: the Master_Down_Timer of a backup goes on from where a crash interrupted it,
    /// less the time in which nobody listened. The master's interval is not known any more: the
    /// deadline tells what it was.
    case wait(virtualRouter: Int, masterDownDeadline: Instant)
    /// An advertisement that passed every check, with the time at which the kernel received it.
    case advertisement(virtualRouter: Int, Advertisement, received: Instant)
    /// The kernel dropped packets that may have been for these: to have been deaf is not to have
    /// heard silence. To be told before `timers`.
    case lost(virtualRouters: [Int])
    /// `deadline` has come.
    case timers(Hearing)
    case interface(virtualRouter: Int, InterfaceStatus)
    /// The address that advertisements are sent from; nil while there is none.
    case source(virtualRouter: Int, IPAddress?)
    case tracked(object: Int, Observation)
    /// Told before the start, after a hand-over: until then nobody is preempted. Taking over from
    /// silence stays allowed.
    case preemptionPaused(until: Instant)
    /// Shutdown: masters resign; nothing is handled after it.
    case stop
}

/// A correct advertisement (RFC 3768 section 5.1), with what the state machine minds of it.
package struct Advertisement: Hashable, Sendable {
    /// Decided once, at the edge: priority 0 means something else than all others.
    package enum Claim: Hashable, Sendable {
        /// Priority 0: the master stops taking part.
        case resigns
        /// 1...255.
        case priority(UInt8)
    }

    package var source: IPAddress
    package var claim: Claim
    /// v3: Max_Adver_Interval of the sender; v2: Adver_Int, which equals ours.
    package var interval: Interval
    /// To be held against what was heard before.
    package var proof = Proof.none
    /// Unicast v3: the sum was right only over 224.0.0.18; the sender wants to be answered so.
    package var usesOldChecksum = false
    /// For an address owner that hears nobody (`Discard.ownerIgnores`): its proof counts, nothing else.
    package var isIgnored = false
    /// The sender's list and ours have common addresses but are not equal as sets.
    package var listDiffers: Bool

    package init(
        source: IPAddress, claim: Claim, interval: Interval, listDiffers: Bool = false
    ) {
        self.source = source
        self.claim = claim
        self.interval = interval
        self.listDiffers = listDiffers
    }
}
