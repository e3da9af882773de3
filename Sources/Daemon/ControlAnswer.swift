import Config
import Control
import Linux
import Net

/// What a client is told, in a process of its own: the first line is a number, which `martletctl`
/// ends with, a word, and how many bytes follow, so that a part is not taken for the whole; then
/// text or JSON.
struct ControlAnswer {
    let request: ControlRequest
    var keeper: KeeperReport
    /// Of the engine; nil: it said nothing.
    let report: Descriptor?
    let engine: Int32?
    let settings: ProcessSettings
    /// Of the running configuration.
    let instances: SubjectList
    /// Wall clock before the configuration was read last, in nanoseconds since 1970.
    let readAt: Int64
    /// Of the instance that is asked about, the latest first.
    let history: [PastTransition]
    /// The last of each instance.
    let last: [ByteString: PastTransition]

    /// The request cannot be answered.
    static let refused: Int32 = 4

    static func refusal(_ why: String) -> [UInt8] { refusal(ByteString(why)) }

    static func refusal(_ why: ByteString) -> [UInt8] {
        [UInt8]("\(refused) ".utf8) + why.bytes + [UInt8(ascii: "\n")]
    }

    /// - Parameter known: those that there are, of which one may be meant.
    static func unknownInstance(_ name: ByteString, among known: SubjectList) -> [UInt8] {
        let names = known.indices.map { known.name($0).description }
        var text: ByteString = "there is no instance " + name
        if let near = nearest(name, among: names) {
            text = text + ByteString("; did you mean \(near)?")
        } else if names.count <= 16 {
            text = text + ByteString("; there are: \(names.joined(separator: ", "))")
        }
        return refusal(text)
    }

    func write(to socket: StreamSocket) {
        socket.waitWhenSending(milliseconds: 1_000)
        let end = Clock.boot() + .seconds(4)
        let bytes = bytes
        var rest = bytes[...]
        while !rest.isEmpty, Clock.boot() < end {
            guard let count = socket.send(rest.prefix(65_536)) else { return }
            rest = rest.dropFirst(count)
        }
    }

    private var bytes: [UInt8] {
        var snapshot = Snapshot(
            keeper: completed, engine: engineReport, localTime: { Clock.localText($0) })
        snapshot.recall(last)
        snapshot.history = history
        switch request.subject {
        case .status:
            let health = snapshot.health
            let body = request.isJSON ? snapshot.statusJSON() : snapshot.statusText()
            return head(health, of: body) + body
        case .explain(let name):
            // A reload may have removed it since the engine was asked.
            if instances.position(of: name) == nil || snapshot.engine?.instances.isEmpty ?? false {
                return ControlAnswer.unknownInstance(name, among: instances)
            }
            let body =
                request.isJSON ? snapshot.explainJSON() : snapshot.explainText(of: name)
            return head(snapshot.engine == nil ? snapshot.health : .well, of: body) + body
        }
    }

    private func head(_ health: Health, of body: [UInt8]) -> [UInt8] {
        [UInt8]("\(health.rawValue) \(health.word) \(body.count)\n".utf8)
    }

    /// With what has to be read from the system.
    private var completed: KeeperReport {
        var keeper = keeper
        keeper.host = Process.hostName
        let now = Clock.realTime()
        keeper.now = now / 1_000
        do throws(SystemError) {
            let modified = try Files.targetStatus(keeper.file).modified
            if modified > readAt {
                keeper.changeAge = Interval(nanoseconds: max(0, now &- modified))
            }
        } catch {}
        keeper.realTime = realTime
        keeper.locking = locking
        return keeper
    }

    private var realTime: KeeperReport.RealTime {
        let priority = engine.map { Process.realTimePriority(of: $0) } ?? 0
        if priority > 0 { return .inForce(priority) }
        if settings.realTimePriority == nil || engine == nil { return .notAsked }
        return .refused(keeper.realTime.reason)
    }

    private var locking: KeeperReport.Locking {
        guard settings.locksMemory, let engine else { return .notAsked }
        do throws(SystemError) {
            let status = try Files.read(ByteString("/proc/\(engine)/status"))
            guard let kilobytes = lockedKilobytes(status) else { return .unknown }
            return kilobytes > 0 ? .locked(kilobytes * 1024) : .refused
        } catch {
            return .unknown
        }
    }

    private var engineReport: EngineReport? {
        guard let report else { return nil }
        do throws(SystemError) {
            let bytes = try MemoryFile.read(report)
            do throws(DecodingError) { return try EngineReport(bytes) } catch { return nil }
        } catch {
            return nil
        }
    }
}

extension KeeperReport.RealTime {
    fileprivate var reason: ByteString {
        if case .refused(let why) = self { return why }
        return "not in force"
    }
}

/// The number behind "VmLck:" in a /proc/PID/status.
func lockedKilobytes(_ status: [UInt8]) -> Int? {
    for line in status.split(separator: UInt8(ascii: "\n")) {
        let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard words.count > 1, words[0].elementsEqual("VmLck:".utf8) else { continue }
        return Int(ByteString(words[1]).description)
    }
    return nil
}

// What the keeper itself knows.
extension Keeper {
    func keeperReport(isSilent: Bool) -> KeeperReport {
        let now = Clock.boot()
        var report = KeeperReport(version: ByteString(martletVersion))
        report.uptime = now - startedAt
        report.file = options.file
        report.configurationAge = now - acceptedAt
        report.refusal = refusal.map { .init(age: now - $0.time, reason: $0.reason) }
        report.isReloading = reader != nil || pending != nil
        report.engine = isSilent ? .silent : engineCondition(at: now)
        report.deaths = deaths
        report.lastDeath = lastDeath.map { .init(age: now - $0.time, how: $0.reason) }
        report.handovers = policy.handovers
        if let code = realTimeProblem {
            report.realTime = .refused(ByteString(SystemError.text(code)))
        }
        return report
    }

    private func engineCondition(at now: Instant) -> KeeperReport.Engine {
        switch phase {
        case .startingUp: return .waitsForStartupScript
        case .stoppingEngine, .stoppingScripts, .shuttingDown: return .stopping
        case .running:
            if engine != nil { return .running }
            return .restarts(in: restart.map { max($0.at - now, .zero) })
        }
    }

    func pastTransitions(of instance: ByteString?) -> [PastTransition] {
        guard let instance,
            let position = bundle.table.instances.position(of: instance)
        else { return [] }
        let now = Clock.boot()
        return history.transitions(of: position).map { PastTransition($0, at: now) }
    }

    /// The last of each instance, by its name.
    var lastTransitions: [ByteString: PastTransition] {
        let now = Clock.boot()
        var last: [ByteString: PastTransition] = [:]
        for (position, transition) in history.last
        where bundle.table.instances.indices.contains(position) {
            last[bundle.table.instances.name(position)] = PastTransition(transition, at: now)
        }
        return last
    }
}

extension PastTransition {
    fileprivate init(_ transition: Transition, at now: Instant) {
        self.init(
            age: now - transition.time, from: transition.from, to: transition.to,
            reason: transition.reason)
    }
}
