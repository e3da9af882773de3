import Linux
import Net

/// What check scripts write: one pipe for each script, opened at its first run.
final class ScriptOutput {
    let pipe: OutputPipe
    private(set) var last = LastLine()
    /// A run whose end nobody has seen yet.
    private var isRunning = false
    /// Not listened to before: what the script left behind writes more than anybody will read.
    var pausedUntil: Instant?

    /// Reads in one turn: others have their turn too.
    private static let reads = 4
    private static let pause = Interval.milliseconds(20)

    init() throws(SystemError) { pipe = try OutputPipe() }

    func begin() {
        last = LastLine()
        isRunning = true
    }

    func end() { isRunning = false }

    /// Reads what is there, within bounds. A script that runs never waits for us: how much it writes
    /// must not decide how it ends. What it left behind has time.
    func drain(into buffer: inout [UInt8], at now: Instant) {
        for _ in 0..<ScriptOutput.reads {
            let count = pipe.read(into: &buffer)
            if count == 0 { return }
            last.append(buffer[0..<count])
        }
        if !isRunning { pausedUntil = now + ScriptOutput.pause }
    }
}
