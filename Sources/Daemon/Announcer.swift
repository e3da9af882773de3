import Net

/// Paces announcements (gratuitous ARP, unsolicited Neighbor Advertisements): at most 500 frames a
/// second on an interface, with bursts of up to a second's worth, round robin over addresses, so
/// that the first frame of every address goes before the second of any. Where gaps between frames
/// are configured, they hold as well, for an interface or for a group of them together.
struct Announcer {
    /// One frame to send.
    struct Frame: Hashable {
        var interface: Int32
        var address: IPAddress
    }

    fileprivate struct Entry {
        var address: IPAddress
        var remaining: Int
    }

    fileprivate struct Lane {
        var entries: [Entry] = []
        var cursor = 0
        /// When the budget would be whole again if nothing more were sent.
        var busyUntil = Instant(nanoseconds: 0)
    }

    fileprivate static let frameCost = Interval.milliseconds(2)
    fileprivate static let burst = Interval.seconds(1)

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

    init() {}

    /// Adds frames to those still owed for the address.
    mutating func schedule(_ address: IPAddress, on interface: Int32, count: Int) {
        guard count > 0 else { return }
        var lane = lanes[interface] ?? Lane()
        if let index = lane.entries.firstIndex(where: { $0.address == address }) {
            lane.entries[index].remaining += count
        } else {
            lane.entries.append(Entry(address: address, remaining: count))
        }
        lanes[interface] = lane
    }

    /// Nothing more is owed for an address that is no longer ours.
    mutating func cancel(_ address: IPAddress, on interface: Int32) {
        guard var lane = lanes[interface] else { return }
        lane.entries.removeAll { $0.address == address }
        lane.cursor = lane.entries.isEmpty ? 0 : lane.cursor % lane.entries.count
        lanes[interface] = lane
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
        for (interface, lane) in lanes where !lane.entries.isEmpty {
            let budget = lane.busyUntil - Announcer.burst
            result = earliest(result, max(budget, firstOpening(of: lane, interface) ?? budget))
        }
        return result
    }

    /// Nil where no gap is to be kept.
    private func firstOpening(of lane: Lane, _ interface: Int32) -> Instant? {
        guard let pace = paces[interface] else { return nil }
        var first: Instant? = nil
        for family in Family.allCases {
            guard lane.entries.contains(where: { $0.address.family == family }) else { continue }
            guard pace.gap(family) > .zero,
                let opens = gates[Gate(number: pace.gate, family: family)]
            else { return nil }
            first = earliest(first, opens)
        }
        return first
    }

    /// Takes the frames that may go now, at most `limit`.
    mutating func due(at now: Instant, limit: Int, _ send: (Frame) -> Void) {
        for interface in lanes.keys {
            guard var lane = lanes[interface], !lane.entries.isEmpty else { continue }
            lane.take(at: now, limit: limit) { address in
                guard passes(address.family, on: interface, at: now) else { return false }
                send(Frame(interface: interface, address: address))
                return true
            }
            lanes[interface] = lane
        }
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
    fileprivate mutating func take(
        at now: Instant, limit: Int, _ send: (IPAddress) -> Bool
    ) {
        var sent = 0
        var waiting = 0
        while waiting < entries.count, sent < limit, busyUntil - Announcer.burst <= now {
            if cursor >= entries.count { cursor = 0 }
            guard send(entries[cursor].address) else {
                waiting += 1
                cursor += 1
                continue
            }
            waiting = 0
            sent += 1
            busyUntil = max(busyUntil, now) + Announcer.frameCost
            entries[cursor].remaining -= 1
            if entries[cursor].remaining == 0 {
                entries.remove(at: cursor)
            } else {
                cursor += 1
            }
        }
    }
}
