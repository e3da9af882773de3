import Net

/// Interrupt moderation, as network cards do it: where packets come one soon after the other, the
/// engine lets some gather before it reads them, since waking costs more than reading. Nothing is
/// decided later for it: Master_Down_Timer counts from a packet's arrival, and no timer fires
/// before what waits was read.
struct ReceiveModeration {
    /// How long packets gather, in ms: a tenth of the shortest interval that VRRP has.
    static let pause: Int32 = 1

    /// Packets that came closer together than this are dense.
    private static let dense = Interval.milliseconds(1)

    private var lastRead: Instant?
    private var packets = 0
    /// Some wait already: a flood is no time to pause.
    private var isBehind = false
    /// The next wait is a pause.
    private(set) var isPausing = false
    /// The last pause gathered many: after silence the next packet is not the only one either, and
    /// is not worth a turn of its own.
    private(set) var expectsBurst = false
    private var hasLetGather = false

    /// So many are a burst; two routers that answer each other never are.
    private static let burst = 8

    /// What one socket had.
    ///
    /// - Parameter emptied: nothing more waits there.
    mutating func read(_ count: Int, emptied: Bool) {
        packets += count
        if !emptied { isBehind = true }
    }

    /// A burst was expected, and its first packet left to wait for the others.
    mutating func letGather() { hasLetGather = true }

    /// At the end of a turn.
    mutating func endTurn(at now: Instant) {
        if hasLetGather {
            expectsBurst = packets >= Self.burst
        } else if isPausing, packets >= Self.burst {
            expectsBurst = true
        }
        hasLetGather = false
        isPausing = shouldPause(at: now)
        if packets > 0 { lastRead = now }
        packets = 0
        isBehind = false
    }

    private func shouldPause(at now: Instant) -> Bool {
        guard packets > 0, !isBehind else { return false }
        // A pause that gathers nothing was not worth it.
        if isPausing { return packets > 1 }
        guard let lastRead else { return false }
        return now - lastRead < Self.dense
    }
}
