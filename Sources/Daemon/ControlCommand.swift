import Control
import Linux
import Net

/// What `martletctl status` and `martletctl explain` were asked.
struct ControlCommand {
    var request: ControlRequest
    var socket: ByteString

    /// Where daemons listen unless they were told otherwise: the default, and hardened.conf's.
    static let usualPidFiles: [ByteString] = ["/run/keepalived.pid", "/run/martlet/martlet.pid"]

    /// - Parameter words: what stands behind the command's name.
    init(_ command: ByteString, _ words: [ByteString]) throws(UsageError) {
        var rest = words[...]
        var name: ByteString?
        var isJSON = false
        var pidFile: ByteString?
        while let word = rest.popFirst() {
            if word == "--json" {
                isJSON = true
            } else if word == "-p" || word == "--pid" || word == "--run-dir" {
                guard let value = rest.popFirst() else {
                    throw UsageError(text: "\(word) needs a path")
                }
                pidFile = word == "--run-dir" ? value + "/martlet.pid" : value
            } else if word.bytes.first == UInt8(ascii: "-") {
                throw UsageError(text: "there is no option \(word)")
            } else if command == "explain", name == nil {
                name = word
            } else {
                throw UsageError(text: "there is a word too many: \(word)")
            }
        }
        if command == "explain" {
            guard let name else { throw UsageError(text: "explain needs an instance") }
            request = ControlRequest(.explain(name), isJSON: isJSON)
        } else {
            request = ControlRequest(.status, isJSON: isJSON)
        }
        socket = ControlCommand.socket(pidFile)
    }

    private static func socket(_ pidFile: ByteString?) -> ByteString {
        if let pidFile { return RunTimeFiles(pidFile: pidFile).socket }
        let paths = usualPidFiles.map { RunTimeFiles(pidFile: $0).socket }
        for path in paths where isThere(path) { return path }
        return paths[0]
    }

    private static func isThere(_ path: ByteString) -> Bool {
        do throws(SystemError) {
            _ = try Files.status(path)
            return true
        } catch {
            return false
        }
    }

    /// Asks and prints; gives the exit status.
    func run() -> Int32 {
        guard let line = request.encode() else {
            return fail(ControlStatus.unanswered, "no instance can be called that")
        }
        do throws(SystemError) {
            let socket = try StreamSocket(connectingTo: self.socket, patience: 10)
            guard socket.send(line[...]) == line.count else {
                return fail(ControlStatus.unanswered, "martletd does not listen")
            }
            socket.finish()
            return show(answer(socket))
        } catch {
            return explain(error.code)
        }
    }

    private func answer(_ socket: StreamSocket) -> [UInt8] {
        var bytes: [UInt8] = []
        while case .bytes(let more) = socket.receive(atMost: 65_536) { bytes += more }
        return bytes
    }

    private func show(_ answer: [UInt8]) -> Int32 {
        let end = answer.firstIndex(of: UInt8(ascii: "\n")) ?? answer.count
        let head = answer[..<end].split(separator: UInt8(ascii: " "), maxSplits: 1)
        guard let number = head.first.flatMap({ Int32(ByteString($0).description) }) else {
            return fail(ControlStatus.unanswered, "martletd does not answer")
        }
        if number == ControlAnswer.refused {
            return fail(number, ByteString(head.last ?? []).description)
        }
        Console.output([UInt8](answer.dropFirst(end + 1)))
        return number
    }

    private func explain(_ code: Int32) -> Int32 {
        switch code {
        // ENOENT, ECONNREFUSED.
        case 2, 111:
            fail(
                ControlStatus.notRunning,
                "no martletd is running: nothing listens at \(socket) (-p names its pid file, "
                    + "where that is another one)")
        // EACCES.
        case 13: fail(ControlStatus.unanswered, "only root may ask: \(socket): permission denied")
        default:
            fail(ControlStatus.unanswered, "cannot ask at \(socket): \(SystemError.text(code))")
        }
    }

    private func fail(_ status: Int32, _ text: String) -> Int32 {
        Console.error("martletctl: \(text)\n")
        return status
    }
}

/// Exit statuses of `martletctl status` and `explain` beside those of `Health`.
enum ControlStatus {
    static let notRunning: Int32 = 3
    /// Also: a wrong command line.
    static let unanswered = ControlAnswer.refused
}
