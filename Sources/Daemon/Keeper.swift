import Config
import Linux
import Net

/// The keeper: the process in the pid file. It reads files, runs commands as their users, passes
/// signals on and guards the engine. It reads nothing that comes from the network.
final class Keeper {
    let options: Options
    let log: Log
    let files: RunTimeFiles
    let dumps: DumpFiles
    let service: ServiceManager
    let slotMemory: SharedMemory
    let slots: SlotReader

    /// Created after the first engine was forked: a fork would share them.
    var poller: Poller
    var timer: DeadlineTimer
    var signals: SignalQueue

    var bundle: Bundle
    var engine: EngineHandle?
    var hang: HangDetector
    var policy = RestartPolicy()
    /// When the next engine is due; nil while one runs.
    var restartAt: Instant?
    var runner: CommandRunner
    var checks: ScriptChecks
    var notifier: Notifier
    /// The child that reads a new configuration.
    var reader: ConfigurationReader?
    var phase = Phase.running
    var exitStatus: Int32?

    enum Phase: Hashable {
        case running
        /// The engine was told to stop; by then it is killed.
        case stoppingEngine(deadline: Instant)
        /// Stop and shutdown scripts still run; by then they are killed.
        case stoppingScripts(deadline: Instant)
    }

    enum Token {
        static let signals: UInt64 = 1
        static let timer: UInt64 = 2
        static let channel: UInt64 = 3
        static let engine: UInt64 = 4
        static let reader: UInt64 = 5
        /// Commands follow: `command + pid`.
        static let command: UInt64 = 1 << 32
    }
}
