import Linux
import Net

/// What check scripts write: one pipe for each script, opened at its first run.
final class ScriptOutput {
    let pipe: OutputPipe
    private(set) var last = LastLine()
    /// In this run.
    private var read = 0
    /// Not listened to before: it writes more than anybody will read.
    var pausedUntil: Instant?

    /// Bytes of a run that are read as they come; what is more has to wait.
    private static let budget = 65_536
    private static let pause = Interval.milliseconds(20)

    init() throws(SystemError) { pipe = try OutputPipe() }

    func begin() {
        last = LastLine()
        read = 0
    }

    /// Reads what is there, within bounds: a flood costs its author time, not us.
    func drain(at now: Instant) {
        for _ in 0..<16 {
            let part = pipe.read()
            if part.isEmpty { return }
            last.append(part)
            read += part.count
        }
        if read > ScriptOutput.budget { pausedUntil = now + ScriptOutput.pause }
    }
}
