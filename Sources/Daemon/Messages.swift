import Net
import VRRP

/// The files that a daemon writes on a signal, in keepalived's formats.
enum DumpKind: UInt8 {
    case data = 1
    case statistics = 2
    case statisticsAndClear = 3
    case json = 4
}

/// What the world is told: the words of keepalived's notify scripts and FIFOs.
enum NotifiedState: UInt8 {
    case master = 1
    case backup = 2
    case fault = 3
    case stop = 4
    case deleted = 5
    case lowerPriorityHeard = 6
    case masterPriority = 7
    case backupPriority = 8

    var word: String {
        switch self {
        case .master: "MASTER"
        case .backup: "BACKUP"
        case .fault: "FAULT"
        case .stop: "STOP"
        case .deleted: "DELETED"
        case .lowerPriorityHeard: "MASTER_RX_LOWER_PRI"
        case .masterPriority: "MASTER_PRIORITY"
        case .backupPriority: "BACKUP_PRIORITY"
        }
    }
}

/// A state to tell the world of.
struct Notification: Hashable {
    var generation: UInt32
    var isGroup: Bool
    /// Position among the generation's instances or groups.
    var subject: Int
    var state: NotifiedState
    var previous: NotifiedState?
    /// Effective; 0 for groups.
    var priority: UInt8
    /// In words, for MARTLET_REASON.
    var reason: ByteString
}

/// From the engine to the keeper. The keeper trusts none of it: positions are checked, and the
/// worst that a foreign value can do is to run a command that the administrator configured.
enum EngineMessage: Hashable {
    /// The configuration of this generation is in force.
    case running(generation: UInt32)
    case notify(Notification)
    /// Text for the dump file; the descriptor of a memory file goes with it.
    case dump(DumpKind)
    /// Every master has resigned and its addresses are gone.
    case stopped
    /// For the service manager's status line.
    case status(ByteString)
    /// A wake-up came that much too late.
    case late(Interval)
    /// The table of no_accept; the descriptor of the socket that owns it goes with it. Whoever holds
    /// that keeps the table alive. An empty name: there is none any more.
    case firewall(table: ByteString)
    /// What the engine knows of itself, asked for under that number; the descriptor of a memory
    /// file goes with it.
    case report(number: UInt32)
    /// The bundle of a reload; the old configuration runs on.
    case unreadable
}

/// From the keeper to the engine.
enum KeeperMessage: Hashable {
    /// A new bundle; the descriptor of its memory file goes with it.
    case reload(generation: UInt32)
    case dump(DumpKind)
    case stop
    /// A check script ended.
    case script(generation: UInt32, index: Int, ScriptReport)
    /// A track_file holds another number.
    case file(generation: UInt32, index: Int, value: Int)
    /// A tracked process is running in the wanted number, or not.
    case process(generation: UInt32, index: Int, working: Bool)
    /// What it knows of itself; a name: of that instance only.
    case report(number: UInt32, instance: ByteString?)
}

extension EngineMessage {
    func encode() -> [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .running(let generation):
            writer.append(UInt8(1))
            writer.append(generation)
        case .notify(let notification):
            writer.append(UInt8(2))
            notification.encode(into: &writer)
        case .dump(let kind):
            writer.append(UInt8(3))
            writer.append(kind.rawValue)
        case .stopped:
            writer.append(UInt8(4))
        case .status(let text):
            writer.append(UInt8(5))
            writer.append(text)
        case .late(let delay):
            writer.append(UInt8(6))
            writer.append(delay.nanoseconds)
        case .firewall(let table):
            writer.append(UInt8(7))
            writer.append(table)
        case .report(let number):
            writer.append(UInt8(8))
            writer.append(number)
        case .unreadable:
            writer.append(UInt8(9))
        }
        return writer.bytes
    }

    init(_ bytes: [UInt8]) throws(DecodingError) {
        var reader = ByteReader(bytes)
        switch try reader.number(UInt8.self) {
        case 1: self = .running(generation: try reader.number(UInt32.self))
        case 2: self = .notify(try Notification(from: &reader))
        case 3:
            guard let kind = DumpKind(rawValue: try reader.number(UInt8.self)) else {
                throw DecodingError()
            }
            self = .dump(kind)
        case 4: self = .stopped
        case 5: self = .status(try reader.text())
        case 6: self = .late(try reader.interval())
        case 7: self = .firewall(table: try reader.text())
        case 8: self = .report(number: try reader.number(UInt32.self))
        case 9: self = .unreadable
        default: throw DecodingError()
        }
    }
}

extension KeeperMessage {
    func encode() -> [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .reload(let generation):
            writer.append(UInt8(1))
            writer.append(generation)
        case .dump(let kind):
            writer.append(UInt8(2))
            writer.append(kind.rawValue)
        case .stop:
            writer.append(UInt8(3))
        case .script(let generation, let index, let report):
            writer.append(UInt8(4))
            writer.append(generation)
            writer.append(UInt32(truncatingIfNeeded: index))
            report.encode(into: &writer)
        case .file(let generation, let index, let value):
            writer.append(UInt8(5))
            writer.append(generation)
            writer.append(UInt32(truncatingIfNeeded: index))
            writer.append(Int64(value))
        case .process(let generation, let index, let working):
            writer.append(UInt8(6))
            writer.append(generation)
            writer.append(UInt32(truncatingIfNeeded: index))
            writer.append(working)
        case .report(let number, let instance):
            writer.append(UInt8(7))
            writer.append(number)
            writer.append(instance != nil)
            writer.append(instance ?? "")
        }
        return writer.bytes
    }

    init(_ bytes: [UInt8]) throws(DecodingError) {
        var reader = ByteReader(bytes)
        switch try reader.number(UInt8.self) {
        case 1: self = .reload(generation: try reader.number(UInt32.self))
        case 2:
            guard let kind = DumpKind(rawValue: try reader.number(UInt8.self)) else {
                throw DecodingError()
            }
            self = .dump(kind)
        case 3: self = .stop
        case 4:
            self = .script(
                generation: try reader.number(UInt32.self),
                index: Int(try reader.number(UInt32.self)), try ScriptReport(from: &reader))
        case 5:
            self = .file(
                generation: try reader.number(UInt32.self),
                index: Int(try reader.number(UInt32.self)),
                value: Int(try reader.number(Int64.self)))
        case 6:
            self = .process(
                generation: try reader.number(UInt32.self),
                index: Int(try reader.number(UInt32.self)), working: try reader.flag())
        case 7:
            let number = try reader.number(UInt32.self)
            let isNamed = try reader.flag()
            let name = try reader.text()
            self = .report(number: number, instance: isNamed ? name : nil)
        default: throw DecodingError()
        }
    }
}

extension Notification {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(generation)
        writer.append(isGroup)
        writer.append(UInt32(truncatingIfNeeded: subject))
        writer.append(state.rawValue)
        writer.append(previous?.rawValue ?? 0)
        writer.append(priority)
        writer.append(reason)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        generation = try reader.number(UInt32.self)
        isGroup = try reader.flag()
        subject = Int(try reader.number(UInt32.self))
        guard let state = NotifiedState(rawValue: try reader.number(UInt8.self)) else {
            throw DecodingError()
        }
        self.state = state
        previous = NotifiedState(rawValue: try reader.number(UInt8.self))
        priority = try reader.number(UInt8.self)
        reason = try reader.text()
    }
}
