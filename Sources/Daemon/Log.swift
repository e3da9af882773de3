import Linux
import Net

/// How urgent a line is, by syslog's numbers.
enum LogLevel: Int32 {
    case critical = 2
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
}

/// The daemon's log: lines to syslog and, where it was asked for, to the console and a file. Never
/// waits; what a reader does not take is dropped and counted.
final class Log {
    private var system: SystemLog

    init(_ options: Options) {
        system = SystemLog(
            identity: "martletd", facility: options.facility, toSyslog: options.logsToSyslog,
            toConsole: options.logsToConsole, file: options.logFile)
    }

    /// From now on lines wait for `flush`; critical ones never do.
    func deferLines() { system.isDeferring = true }

    func flush() { system.flush() }

    func write(_ level: LogLevel, _ text: ByteString) {
        system.write(priority: level.rawValue, text)
    }

    func write(_ level: LogLevel, _ text: String) { write(level, ByteString(text)) }

    /// A line about one instance or group, as keepalived's users grep for it: "(VI_1) …".
    func write(_ level: LogLevel, about name: ByteString, _ text: String) {
        write(level, ByteString([UInt8(ascii: "(")] + name.bytes + [UInt8](") \(text)".utf8)))
    }
}
