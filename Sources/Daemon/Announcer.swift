import Net

/// Paces announcements (gratuitous ARP, unsolicited Neighbor Advertisements): at most 500 frames a
/// second on an interface, with bursts of up to a second's worth, round robin over addresses, so
/// that the first frame of every address goes before the second of any.
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

    private var lanes: [Int32: Lane] = [:]

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

    /// When the next frame may go; nil while nothing is owed.
    var deadline: Instant? {
        var result: Instant? = nil
        for lane in lanes.values where !lane.entries.isEmpty {
            result = earliest(result, lane.busyUntil - Announcer.burst)
        }
        return result
    }

    /// Takes the frames that may go now, at most `limit`.
    mutating func due(at now: Instant, limit: Int, _ send: (Frame) -> Void) {
        for interface in lanes.keys {
            guard var lane = lanes[interface], !lane.entries.isEmpty else { continue }
            lane.take(at: now, limit: limit) { address in
                send(Frame(interface: interface, address: address))
            }
            lanes[interface] = lane
        }
    }
}

extension Announcer.Lane {
    fileprivate mutating func take(
        at now: Instant, limit: Int, _ send: (IPAddress) -> Void
    ) {
        var sent = 0
        while !entries.isEmpty, sent < limit, busyUntil - Announcer.burst <= now {
            if cursor >= entries.count { cursor = 0 }
            send(entries[cursor].address)
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
