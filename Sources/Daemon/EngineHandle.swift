import Linux
import Net

/// A running engine, as its keeper holds it.
final class EngineHandle {
    let pid: Int32
    let channel: Channel
    let ended: Descriptor
    /// The descriptor is that of `Keeper.pending`, or -1.
    private var waiting: [(message: [UInt8], descriptor: Int32)] = []

    init(pid: Int32, channel: Channel, ended: Descriptor) {
        self.pid = pid
        self.channel = channel
        self.ended = ended
    }

    func kill() { Process.send(Signal.kill, to: pid) }

    /// A message for which there is no room waits for its turn. False: so many do that it is lost.
    func tell(_ message: [UInt8], descriptor: Int32) -> Bool {
        if waiting.isEmpty, channel.send(message, descriptor: descriptor) { return true }
        guard waiting.count < EngineHandle.mostMessages else { return false }
        waiting.append((message, descriptor))
        return true
    }

    /// Before all that waits.
    func tellFirst(_ message: [UInt8]) {
        if !channel.send(message, descriptor: -1) { waiting.insert((message, -1), at: 0) }
    }

    var hasWaiting: Bool { !waiting.isEmpty }

    func tellWhatWaits() {
        let gone = waiting.prefix { channel.send($0.message, descriptor: $0.descriptor) }.count
        waiting.removeFirst(gone)
    }

    private static let mostMessages = 65_536
    /// How soon an engine that is behind is tried again.
    static let pause = Interval.milliseconds(2)
}

/// An engine that is not there yet.
struct Restart {
    var at: Instant
    var resumes: Bool
}
