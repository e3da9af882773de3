import Control
import Net

/// The last transitions of all instances, one behind the other in few bytes: what comes in when
/// there is no room drives out the oldest. Instances are positions in a table, and move with it.
struct TransitionHistory {
    /// Some 500 transitions of the usual length.
    static let limit = 16_384
    /// Bytes of a reason.
    static let longestReason = 200

    private var bytes: [UInt8] = []
    /// A mass take-over has one reason for all: it is written once.
    private var lastReason: ByteString = ""
    /// Of the table whose positions these are.
    private var generation: UInt32

    init(generation: UInt32) { self.generation = generation }

    private static let headSize = 12
    /// In place of a reason's length: as the one before.
    private static let sameReason = UInt8.max

    mutating func add(_ instance: Int, _ transition: Transition) {
        guard let instance = UInt16(exactly: instance) else { return }
        let reason = ByteString(transition.reason.bytes.prefix(TransitionHistory.longestReason))
        if bytes.count + size(with: reason) > TransitionHistory.limit { forgetTheOldest() }
        let isSame = reason == lastReason
        var writer = ByteWriter()
        writer.append(transition.time.nanoseconds)
        writer.append(instance)
        writer.append((transition.from?.rawValue ?? 0) << 4 | transition.to.rawValue)
        writer.append(isSame ? TransitionHistory.sameReason : UInt8(clamping: reason.count))
        bytes += writer.bytes
        if !isSame { bytes += reason.bytes }
        lastReason = reason
    }

    private func size(with reason: ByteString) -> Int {
        TransitionHistory.headSize + (reason == lastReason ? 0 : reason.count)
    }

    /// A quarter at once, so that they do not go one by one.
    private mutating func forgetTheOldest() {
        var entries: [Entry] = []
        visit { entries.append($0) }
        self = TransitionHistory(generation: generation)
        for entry in entries.dropFirst(entries.count / 4 + 1) {
            add(entry.instance, entry.transition)
        }
    }

    /// Of one instance, the latest first.
    func transitions(of instance: Int) -> [Transition] {
        var found: [Transition] = []
        visit { entry in if entry.instance == instance { found.append(entry.transition) } }
        return found.reversed()
    }

    /// The last of each instance.
    var last: [Int: Transition] {
        var last: [Int: Transition] = [:]
        visit { entry in last[entry.instance] = entry.transition }
        return last
    }

    /// A reload: names stay, positions move; what is gone is forgotten.
    mutating func move(from old: KeeperTable, to new: KeeperTable) {
        guard generation != new.generation else { return }
        generation = new.generation
        var positions: [ByteString: Int] = [:]
        for position in new.instances.indices { positions[new.instances.name(position)] = position }
        var moved = TransitionHistory(generation: generation)
        visit { entry in
            guard old.instances.indices.contains(entry.instance),
                let position = positions[old.instances.name(entry.instance)]
            else { return }
            moved.add(position, entry.transition)
        }
        self = moved
    }

    private struct Entry {
        var instance: Int
        var transition: Transition
    }

    private func visit(_ body: (Entry) -> Void) {
        var reader = ByteReader(bytes)
        var reason: ByteString = ""
        do throws(DecodingError) {
            while !reader.isAtEnd { body(try TransitionHistory.entry(&reader, &reason)) }
        } catch {
            return
        }
    }

    private static func entry(
        _ reader: inout ByteReader, _ reason: inout ByteString
    ) throws(DecodingError) -> Entry {
        let time = Instant(nanoseconds: try reader.number(Int64.self))
        let instance = Int(try reader.number(UInt16.self))
        let states = try reader.number(UInt8.self)
        guard let to = StateWord(rawValue: states & 15) else { throw DecodingError() }
        let length = try reader.number(UInt8.self)
        if length != sameReason {
            var bytes: [UInt8] = []
            for _ in 0..<length { bytes.append(try reader.number(UInt8.self)) }
            reason = ByteString(bytes)
        }
        let transition = Transition(
            time: time, from: StateWord(rawValue: states >> 4), to: to, reason: reason)
        return Entry(instance: instance, transition: transition)
    }
}

/// A change of state that the world was told of.
struct Transition: Hashable {
    /// CLOCK_BOOTTIME.
    var time: Instant
    var from: StateWord?
    var to: StateWord
    var reason: ByteString
}

extension StateWord {
    /// Nil for what is no state.
    init?(_ state: NotifiedState) {
        switch state {
        case .master: self = .master
        case .backup: self = .backup
        case .fault: self = .fault
        case .stop: self = .stop
        case .deleted: self = .deleted
        case .lowerPriorityHeard, .masterPriority, .backupPriority: return nil
        }
    }
}
