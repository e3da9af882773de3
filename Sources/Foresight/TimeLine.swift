package import Net
package import VRRP

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
