import Config
import Linux
import Net

/// A built-in check as the checker runs it.
struct CheckerTask: Hashable {
    /// What the keeper knows it by.
    var identity: UInt64
    var check: BuiltInCheck
    var interval: Interval
    var timeout: Interval
}

/// From the checker to the keeper, who trusts none of it: all it can do is to say that a check
/// which the administrator configured failed or not.
struct CheckerMessage: Hashable {
    var identity: UInt64
    var report: ScriptReport

    func encode() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(identity)
        report.encode(into: &writer)
        return writer.bytes
    }

    init(identity: UInt64, report: ScriptReport) {
        self.identity = identity
        self.report = report
    }

    init(_ bytes: [UInt8]) throws(DecodingError) {
        var reader = ByteReader(bytes)
        identity = try reader.number(UInt64.self)
        report = try ScriptReport(from: &reader)
    }
}

/// The third process, there only where built-in checks are configured: it asks what they ask, as
/// an ordinary user without any capability, and tells the keeper.
final class Checker {
    private enum Probe {
        case none
        case connecting(Connection)
        case asking(Connection, HTTPAnswer)
        case awaitingEcho(UInt16)
    }

    private let tasks: [CheckerTask]
    private let channel: Channel
    private let poller: Poller
    private let timer: DeadlineTimer
    private var schedule: ScriptSchedule
    private var probes: [Probe]
    private var startedAt: [Instant]
    private var echoes: [Family: EchoSocket] = [:]
    private var sequence: UInt16 = 0
    private var isOrphan = false
    private let identifier = UInt16(truncatingIfNeeded: Process.identifier)

    private enum Token {
        static let timer: UInt64 = 1
        static let channel: UInt64 = 2
        static let echoes: UInt64 = 4
        /// Connections follow, by task.
        static let task: UInt64 = 16
    }

    init(_ tasks: [CheckerTask], _ channel: Channel) throws(SystemError) {
        self.tasks = tasks
        self.channel = channel
        poller = try Poller()
        timer = try DeadlineTimer()
        let now = Clock.boot()
        var lines: [(interval: Interval?, timeout: Interval)] = []
        for task in tasks { lines.append((interval: task.interval, timeout: task.timeout)) }
        schedule = ScriptSchedule(lines, at: now)
        probes = tasks.map { _ in .none }
        startedAt = tasks.map { _ in now }
        try poller.add(timer.descriptor, token: Token.timer)
        try poller.add(channel.descriptor, token: Token.channel)
        try openEchoes()
    }

    /// While privileges are still there.
    private func openEchoes() throws(SystemError) {
        for task in tasks {
            guard case .ping(let address) = task.check, echoes[address.family] == nil else {
                continue
            }
            let socket = try EchoSocket(address.family)
            try poller.add(
                socket.descriptor, token: Token.echoes &+ UInt64(address.family.rawValue))
            echoes[address.family] = socket
        }
    }

    func run() {
        while !isOrphan {
            doWhatIsDue()
            timer.set(schedule.deadline)
            let ready = poller.wait(milliseconds: -1)
            for position in 0..<ready { serve(poller.token(position)) }
        }
    }

    private func serve(_ token: UInt64) {
        switch token {
        case Token.timer: timer.acknowledge()
        // The keeper says nothing: it is gone.
        case Token.channel: isOrphan = true
        case Token.task...: connectionReady(Int(truncatingIfNeeded: token &- Token.task))
        default: for family in Family.allCases { hearEchoes(family) }
        }
    }

    private func doWhatIsDue() {
        let now = Clock.boot()
        guard let deadline = schedule.deadline, deadline <= now else { return }
        for action in schedule.due(at: now) {
            switch action {
            case .start(let index):
                startedAt[index] = now
                begin(index)
            case .terminate(let index), .kill(let index):
                finish(index, success: false, "timed out")
            }
        }
    }

    private func begin(_ index: Int) {
        switch tasks[index].check {
        case .tcp(let address, let port): connect(index, address, port)
        case .http(let request): connect(index, request.address, request.port)
        case .process(let name): finish(index, runs(name), "no process \(name)")
        case .file(let path): finish(index, exists(path), "no file \(path)")
        case .ping(let address): ping(index, address)
        case .defaultRoute(let family): finish(index, hasDefault(family), "no default route")
        }
    }

    private func finish(_ index: Int, _ success: Bool, _ problem: String) {
        finish(index, success: success, success ? "ok" : problem)
    }

    private func finish(_ index: Int, success: Bool, _ outcome: String) {
        close(index)
        let now = Clock.boot()
        _ = schedule.ended(index, at: now)
        let report = ScriptReport(
            success: success, outcome: ByteString(outcome), duration: now - startedAt[index],
            output: "")
        _ = channel.send(
            CheckerMessage(identity: tasks[index].identity, report: report).encode())
    }

    private func close(_ index: Int) {
        switch probes[index] {
        case .none, .awaitingEcho: break
        case .connecting(let connection), .asking(let connection, _):
            poller.remove(connection.descriptor)
        }
        probes[index] = .none
    }
}

// TCP and HTTP.
extension Checker {
    private func connect(_ index: Int, _ address: IPAddress, _ port: UInt16) {
        do throws(SystemError) {
            let connection = try Connection(to: address, port: port)
            try poller.addWritable(
                connection.descriptor, token: Token.task &+ UInt64(index))
            probes[index] = .connecting(connection)
        } catch {
            finish(index, success: false, SystemError.text(error.code))
        }
    }

    private func connectionReady(_ index: Int) {
        guard probes.indices.contains(index) else { return }
        switch probes[index] {
        case .none, .awaitingEcho: return
        case .connecting(let connection): connected(index, connection)
        case .asking(let connection, let answer): answered(index, connection, answer)
        }
    }

    private func connected(_ index: Int, _ connection: Connection) {
        let error = connection.error
        if error != 0 { return finish(index, success: false, SystemError.text(error)) }
        guard case .http(let request) = tasks[index].check else {
            return finish(index, success: true, "ok")
        }
        guard connection.send(HTTPAnswer.question(request)) else {
            return finish(index, success: false, "the request was not taken")
        }
        poller.remove(connection.descriptor)
        do throws(SystemError) {
            try poller.add(connection.descriptor, token: Token.task &+ UInt64(index))
            probes[index] = .asking(connection, HTTPAnswer(to: request))
        } catch {
            finish(index, success: false, SystemError.text(error.code))
        }
    }

    private func answered(_ index: Int, _ connection: Connection, _ answer: HTTPAnswer) {
        var answer = answer
        let verdict =
            switch connection.receive() {
            case .nothing: HTTPAnswer.Verdict.more
            case .bytes(let bytes): answer.append(bytes)
            case .closed(let error):
                error == 0 ? answer.end() : .bad(SystemError.text(error))
            }
        switch verdict {
        case .more: probes[index] = .asking(connection, answer)
        case .good: finish(index, success: true, "ok")
        case .bad(let problem): finish(index, success: false, problem)
        }
    }
}

// What the machine itself knows, and ping.
extension Checker {
    private func runs(_ name: ByteString) -> Bool {
        let entry = ProcessEntry(
            name: name, words: [name], matching: .name, quorum: 1, quorumMaximum: nil,
            forkDelay: .zero, terminateDelay: .zero)
        for pid in ProcessList.all() {
            if let image = ProcessList.image(of: pid, withWords: entry.needsWords),
                entry.matches(image)
            {
                return true
            }
        }
        return false
    }

    private func exists(_ path: ByteString) -> Bool {
        do throws(SystemError) {
            _ = try Files.targetStatus(path)
            return true
        } catch {
            return false
        }
    }

    private func hasDefault(_ family: Family) -> Bool {
        do throws(SystemError) {
            return DefaultRoute.isThere(in: try Files.read(DefaultRoute.file(family)), family)
        } catch {
            return false
        }
    }

    private func ping(_ index: Int, _ address: IPAddress) {
        sequence &+= 1
        do throws(SystemError) {
            try echoes[address.family]?.ask(
                address, identifier: identifier, sequence: sequence)
            probes[index] = .awaitingEcho(sequence)
        } catch {
            finish(index, success: false, SystemError.text(error.code))
        }
    }

    private func hearEchoes(_ family: Family) {
        while let echo = echoes[family]?.next(identifier: identifier) {
            for index in tasks.indices {
                guard case .awaitingEcho(let sequence) = probes[index], sequence == echo.sequence,
                    tasks[index].check == .ping(echo.sender)
                else { continue }
                finish(index, success: true, "ok")
            }
        }
    }
}
