package import Net

/// What keeps a recorded advertisement from counting a second time, and numbers our own.
///
/// AH has one number for both directions, as keepalived has it: whoever takes over goes on above
/// what its predecessor reached, so that no peer takes it for a replay. auth_hmac stamps with the
/// time of day, and remembers the last stamp of each sender.
package struct Freshness: Hashable, Sendable {
    private struct Heard: Hashable {
        var source: IPAddress
        var stamp: UInt64
    }

    /// AH: the highest number sent or accepted. auth_hmac: the last stamp sent.
    package private(set) var last: UInt64
    /// The one heard last comes first.
    private var heard: [Heard] = []
    private let capacity: UInt16

    /// Beyond that AH begins again at 1: keepalived's bound. RFC 2402 section 3.3.2 wants a new key
    /// by then; at one advertisement a second that is in 136 years.
    private static let lastSequence: UInt64 = 0xffff_fffd
    /// So close to the end a small number is a sender's that began again.
    private static let wrapWindow: UInt64 = 0xffff

    /// - Parameters:
    ///   - last: where a predecessor was; 0: at the beginning.
    ///   - senders: how many are remembered, at least 4; 0 where none is, since nothing is stamped.
    package init(last: UInt64 = 0, senders: Int = 4) {
        self.last = last
        capacity = senders == 0 ? 0 : UInt16(clamping: max(4, senders))
        heard.reserveCapacity(Int(capacity))
    }

    /// As these parameters need it.
    package init(last: UInt64 = 0, _ parameters: VirtualRouterParameters) {
        var peers = 1
        if case .unicast(let list) = parameters.transport { peers = list.count }
        self.init(last: last, senders: parameters.trailer == nil ? 0 : max(1, peers))
    }

    /// A reload: the numbers of one kind of authentication say nothing to another, and there may be
    /// more senders to remember.
    package func continued(
        from old: VirtualRouterParameters, as new: VirtualRouterParameters
    ) -> Freshness {
        guard Kind(old) == Kind(new) else { return Freshness(new) }
        var continued = Freshness(last: last, new)
        continued.heard += heard.prefix(Int(continued.capacity))
        return continued
    }

    private enum Kind: Hashable {
        case none
        case sequence
        case stamp

        init(_ parameters: VirtualRouterParameters) {
            if parameters.trailer != nil {
                self = .stamp
            } else if case .header = parameters.authentication {
                self = .sequence
            } else {
                self = .none
            }
        }
    }

    // MARK: Sending

    /// The next sequence number of an Authentication Header.
    package mutating func nextSequence() -> UInt64 {
        last = last >= Freshness.lastSequence ? 1 : last + 1
        return last
    }

    /// The stamp for an advertisement that goes now. Never goes back, unless the clock was put back
    /// so far that what was sent is out of every peer's window.
    ///
    /// - Parameter wallClock: nanoseconds since 1970.
    package mutating func nextStamp(at wallClock: Int64, window: Interval?) -> UInt64 {
        let now = Freshness.stamp(wallClock)
        let ahead = Freshness.secondsAhead(last, of: now)
        if isLater(now, than: last) || ahead > Freshness.seconds(window ?? .seconds(300)) {
            last = now
        } else {
            last &+= 1
        }
        return last
    }

    // MARK: Receiving

    /// Refuses what was heard before, or is too old; what is accepted is remembered.
    package mutating func admit(
        _ proof: Proof, from source: IPAddress, window: Interval?, at wallClock: Int64
    ) throws(Discard) {
        switch proof {
        case .none: return
        case .sequence(let number): try admit(UInt64(number))
        case .stamp(let stamp): try admit(stamp, source, window, Freshness.stamp(wallClock))
        }
    }

    private mutating func admit(_ sequence: UInt64) throws(Discard) {
        let begins =
            last >= Freshness.lastSequence - Freshness.wrapWindow
            && sequence <= Freshness.wrapWindow
        guard sequence > last || begins else { throw .replayed }
        last = sequence
    }

    private mutating func admit(
        _ stamp: UInt64, _ source: IPAddress, _ window: Interval?, _ now: UInt64
    ) throws(Discard) {
        if let window {
            let limit = Freshness.seconds(window)
            guard abs(Freshness.secondsAhead(stamp, of: now)) <= limit else { throw .stale }
            forget(beyond: limit, now)
        }
        var position = heard.count
        for index in heard.indices where heard[index].source == source { position = index }
        if position < heard.count {
            guard isLater(stamp, than: heard[position].stamp) else { throw .replayed }
            heard.remove(at: position)
        } else if heard.count >= capacity, !heard.isEmpty {
            heard.removeLast()
        }
        heard.insert(Heard(source: source, stamp: stamp), at: 0)
    }

    /// What was accepted while our clock was ahead would lock its sender out; and its replay is out
    /// of the window by now.
    private mutating func forget(beyond limit: Int64, _ now: UInt64) {
        heard.removeAll { Freshness.secondsAhead($0.stamp, of: now) > limit }
    }

    private func isLater(_ stamp: UInt64, than other: UInt64) -> Bool {
        Int64(bitPattern: stamp &- other) > 0
    }

    private static func secondsAhead(_ stamp: UInt64, of now: UInt64) -> Int64 {
        let seconds = UInt32(truncatingIfNeeded: stamp >> 32)
        return Int64(Int32(bitPattern: seconds &- UInt32(truncatingIfNeeded: now >> 32)))
    }

    private static func seconds(_ interval: Interval) -> Int64 {
        interval.nanoseconds / 1_000_000_000
    }

    private static func stamp(_ wallClock: Int64) -> UInt64 {
        let nanoseconds = UInt64(max(0, wallClock))
        let fraction = (nanoseconds % 1_000_000_000) * 65_536 / 1_000_000_000
        return (nanoseconds / 1_000_000_000) << 32 | fraction << 16
    }
}
