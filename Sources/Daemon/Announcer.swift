import Net

/// Paces announcements (gratuitous ARP, unsolicited Neighbor Advertisements): at most 500 frames a
/// second on an interface, with bursts of up to a second's worth, round robin over addresses, so
/// that the first frame of every address goes before the second of any. When the burst is used up
/// the rest goes ten at a time: a wake-up costs more than a frame. Where gaps between frames
/// are configured, they hold as well, for an interface or for a group of them together.
struct Announcer {
    /// One frame to send.
    struct Frame: Hashable {
        var interface: Int32
        var address: IPAddress
    }

    fileprivate struct Entry {
        var address: IPAddress
        /// 0: nothing more; its place is given up when the round ends.
        var remaining: Int
        /// No frame has gone yet.
        var isFresh = true
    }

    fileprivate struct Lane {
        var entries: [Entry] = []
        /// Where among the entries an address is, while something is owed for it.
        var places: [IPAddress: Int] = [:]
        var cursor = 0
        /// All that is owed.
        var remaining = 0
        /// When the budget would be whole again if nothing more were sent.
        var busyUntil = Instant(nanoseconds: 0)
    }

    fileprivate static let frameCost = Interval.milliseconds(2)
    fileprivate static let burst = Interval.seconds(1)
    /// Sent together when the burst is used up.
    fileprivate static let bunch = 10

    /// vrrp_garp_interval, vrrp_gna_interval and garp_group, as far as an interface is concerned.
    struct Pace: Hashable {
        /// Interfaces with the same number take turns.
        var gate: Int32
        var arp: Interval
        var neighbor: Interval

        func gap(_ family: Family) -> Interval { family == .ipv4 ? arp : neighbor }
    }

    private struct Gate: Hashable {
        var number: Int32
        var family: Family
    }

    private var lanes: [Int32: Lane] = [:]
    var paces: [Int32: Pace] = [:]
    /// When the next frame may pass.
    private var gates: [Gate: Instant] = [:]
    /// The interface that was served last; the others are next.
    private var lastServed: Int32 = 0

    init() {}

    /// Adds frames to those still owed for the address.
    mutating func schedule(_ address: IPAddress, on interface: Int32, count: Int) {
        guard count > 0 else { return }
        lanes[interface, default: Lane()].add(address, count)
    }

    /// Nothing more is owed for an address that is no longer ours.
    mutating func cancel(_ address: IPAddress, on interface: Int32) {
        lanes[interface]?.cancel(address)
    }

    /// Room that a mass take-over needed.
    mutating func letGo() {
        for (interface, lane) in lanes where lane.entries.isEmpty {
            var idle = Lane()
            idle.busyUntil = lane.busyUntil
            lanes[interface] = idle
        }
    }

    /// When the next frame may go; nil while nothing is owed.
    var deadline: Instant? {
        var result: Instant? = nil
        for (interface, lane) in lanes where lane.remaining > 0 {
            let budget = lane.opens
            result = earliest(result, max(budget, firstOpening(of: lane, interface) ?? budget))
        }
        return result
    }

    /// Nil where no gap is to be kept.
    private func firstOpening(of lane: Lane, _ interface: Int32) -> Instant? {
        guard let pace = paces[interface] else { return nil }
        var first: Instant? = nil
        for family in Family.allCases {
            guard lane.owes(family) else { continue }
            guard pace.gap(family) > .zero,
                let opens = gates[Gate(number: pace.gate, family: family)]
            else { return nil }
            first = earliest(first, opens)
        }
        return first
    }

    /// Takes the frames that may go now.
    ///
    /// - Parameters:
    ///   - limit: at most so many of an interface, and four times as many in all: with hundreds of
    ///     interfaces advertisements would have to wait.
    ///   - firstOnly: while more addresses are about to come, second frames would use up the burst
    ///     before the others' first.
    mutating func due(
        at now: Instant, limit: Int, firstOnly: Bool = false, _ send: (Frame) -> Void
    ) {
        var left = limit * 4
        for interface in interfacesInTurn where left > 0 {
            guard let owed = lanes[interface]?.remaining, owed > 0,
                var lane = lanes.removeValue(forKey: interface)
            else { continue }
            lane.take(at: now, limit: min(limit, left), firstOnly) { address in
                guard passes(address.family, on: interface, at: now) else { return false }
                send(Frame(interface: interface, address: address))
                left -= 1
                return true
            }
            lanes[interface] = lane
            lastServed = interface
        }
    }

    private var interfacesInTurn: [Int32] {
        let all = lanes.keys.sorted()
        return all.filter { $0 > lastServed } + all.filter { $0 <= lastServed }
    }

    /// Whether a frame may go now; the gate closes behind it.
    private mutating func passes(
        _ family: Family, on interface: Int32, at now: Instant
    ) -> Bool {
        guard let pace = paces[interface], pace.gap(family) > .zero else { return true }
        let gate = Gate(number: pace.gate, family: family)
        if let opens = gates[gate], opens > now { return false }
        gates[gate] = now + pace.gap(family)
        return true
    }
}

extension Announcer.Lane {
    /// When so many frames may go as go together.
    fileprivate var opens: Instant {
        let others = min(remaining, Announcer.bunch) - 1
        return busyUntil - Announcer.burst + Announcer.frameCost * Int64(others)
    }

    fileprivate func owes(_ family: Family) -> Bool {
        for entry in entries where entry.remaining > 0 && entry.address.family == family {
            return true
        }
        return false
    }

    fileprivate mutating func add(_ address: IPAddress, _ count: Int) {
        remaining += count
        if let place = places[address] {
            entries[place].remaining += count
        } else {
            places[address] = entries.count
            entries.append(Announcer.Entry(address: address, remaining: count))
        }
    }

    fileprivate mutating func cancel(_ address: IPAddress) {
        guard let place = places.removeValue(forKey: address) else { return }
        remaining -= entries[place].remaining
        entries[place].remaining = 0
    }

    fileprivate mutating func take(
        at now: Instant, limit: Int, _ firstOnly: Bool, _ send: (IPAddress) -> Bool
    ) {
        var sent = 0
        var waiting = 0
        while remaining > 0, waiting < entries.count, sent < limit,
            busyUntil - Announcer.burst <= now
        {
            if cursor >= entries.count { beginRound() }
            let entry = entries[cursor]
            guard entry.remaining > 0, entry.isFresh || !firstOnly, send(entry.address) else {
                waiting += 1
                cursor += 1
                continue
            }
            waiting = 0
            sent += 1
            busyUntil = max(busyUntil, now) + Announcer.frameCost
            noteSent(cursor)
            cursor += 1
        }
        if remaining == 0 { forgetAll() }
    }

    private mutating func forgetAll() {
        entries = []
        places = [:]
        cursor = 0
    }

    private mutating func noteSent(_ place: Int) {
        remaining -= 1
        entries[place].isFresh = false
        entries[place].remaining -= 1
        if entries[place].remaining == 0 { places[entries[place].address] = nil }
    }

    /// From the first address again; those for which nothing is owed give up their places.
    private mutating func beginRound() {
        cursor = 0
        guard places.count < entries.count else { return }
        entries.removeAll { $0.remaining == 0 }
        places.removeAll(keepingCapacity: true)
        for (place, entry) in entries.enumerated() { places[entry.address] = place }
    }
}
