import Control
import Linux
import Net

/// What `martletctl status` and `martletctl explain` were asked.
struct ControlCommand {
    var request: ControlRequest
    /// Tried one after the other, until somebody listens.
    var sockets: [ByteString]

    /// Where daemons listen unless they were told otherwise: the default, and hardened.conf's.
    static let usualPidFiles: [ByteString] = ["/run/keepalived.pid", "/run/martlet/martlet.pid"]

    /// - Parameter words: what stands behind the command's name.
    init(_ command: ByteString, _ words: [ByteString]) throws(UsageError) {
        var rest = words[...]
        var name: ByteString?
        var isJSON = false
        var pidFile: ByteString?
        var takesOptions = true
        while let word = rest.popFirst() {
            if takesOptions, word == "--" {
                takesOptions = false
            } else if takesOptions, word == "--json" {
                isJSON = true
            } else if takesOptions, word == "-p" || word == "--pid" || word == "--run-dir" {
                guard let value = rest.popFirst() else {
                    throw UsageError(text: "\(word) needs a path")
                }
                pidFile = word == "--run-dir" ? value + "/martlet.pid" : value
            } else if takesOptions, word.bytes.first == UInt8(ascii: "-") {
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
        let pidFiles = pidFile.map { [$0] } ?? ControlCommand.usualPidFiles
        sockets = pidFiles.map { RunTimeFiles(pidFile: $0).socket }
    }

    /// Asks and prints; gives the exit status.
    func run() -> Int32 {
        guard let line = request.encode() else {
            return fail(ControlStatus.unanswered, "no instance can be called that")
        }
        for path in sockets {
            do throws(SystemError) {
                return ask(line, try StreamSocket(connectingTo: path, patience: 10))
            } catch {
                if !ControlCommand.nobodyListens.contains(error.code) {
                    return explain(error.code, path)
                }
            }
        }
        return fail(
            ControlStatus.notRunning,
            "no martletd is running: nothing listens at \(sockets[0]) (-p names its pid file, "
                + "where that is another one)")
    }

    /// ENOENT; ECONNREFUSED: one that was killed left it there.
    private static let nobodyListens: [Int32] = [2, 111]

    private func ask(_ line: [UInt8], _ socket: StreamSocket) -> Int32 {
        guard socket.send(line[...]) == line.count else {
            return fail(ControlStatus.unanswered, "martletd does not listen")
        }
        socket.finish()
        return show(answer(socket))
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
        let body = [UInt8](answer.dropFirst(end + 1))
        let length = answer[..<end].split(separator: UInt8(ascii: " ")).last
        guard length.flatMap({ Int(ByteString($0).description) }) == body.count else {
            return fail(ControlStatus.unanswered, "only a part of martletd's answer came")
        }
        if let error = Console.output(body) {
            return fail(ControlStatus.unanswered, "cannot print the answer: \(error)")
        }
        return number
    }

    private func explain(_ code: Int32, _ path: ByteString) -> Int32 {
        // EACCES.
        if code == 13 {
            return fail(ControlStatus.unanswered, "only root may ask: \(path): permission denied")
        }
        return fail(ControlStatus.unanswered, "cannot ask at \(path): \(SystemError.text(code))")
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
