import Config
import Linux
import Net

/// A child that reads and checks a configuration, and leaves what keeper and engine need in a
/// memory file. The keeper itself never parses, so it stays as small as it was.
final class ReaderHandle {
    let pid: Int32
    let file: Descriptor
    let ended: Descriptor

    private init(pid: Int32, file: Descriptor, ended: Descriptor) {
        self.pid = pid
        self.file = file
        self.ended = ended
    }

    /// - Parameter running: what is in force; errors that its text does not have are refused.
    static func start(
        _ options: Options, generation: UInt32, running: KeptBundle?
    ) throws(SystemError) -> ReaderHandle {
        let file = try MemoryFile.createEmpty("martlet-configuration")
        let pid = try Process.fork()
        if pid == 0 {
            let text = running.map { $0.archive ?? Archive.empty }
            // What is the keeper's would stay open as long as the reading takes: a client of the
            // control socket waits for its end.
            Process.closeDescriptors(but: file.rawValue)
            let reader = ConfigurationCheck(options: options, log: Log(options))
            Process.exit(reader.run(generation, text, into: file.rawValue))
        }
        return ReaderHandle(pid: pid, file: file, ended: try Process.watch(pid))
    }

    /// What the child left; nil if that is nothing to run on.
    func bundle() -> KeptBundle? {
        do throws(SystemError) {
            try MemoryFile.seal(file)
        } catch {
            return nil
        }
        return Bundle(file).map { KeptBundle($0, file) }
    }
}

extension ReaderHandle {
    /// Why the child left nothing to run on, in a few words.
    var refusal: ByteString {
        do throws(SystemError) {
            let text = try MemoryFile.read(file)
            if !text.isEmpty { return ByteString(text.prefix(ReaderHandle.longestRefusal)) }
        } catch {}
        return "the log says why"
    }

    private static let longestRefusal = 1_000
}

/// The child's work.
struct ConfigurationCheck {
    let options: Options
    let log: Log

    /// Exit statuses.
    static let accepted: Int32 = 0
    static let refused: Int32 = 1
    static let unreadable: Int32 = 6
    static let nothingToRun: Int32 = 2

    func run(_ generation: UInt32, _ running: Archive?, into file: Int32) -> Int32 {
        do throws(SystemError) {
            let outcome = try ConfigurationReading(options: options).read()
            tell(outcome.result)
            if let running, let why = objection(to: outcome.result, running) {
                try MemoryFile.write(why.bytes, to: file)
                return ConfigurationCheck.refused
            }
            if outcome.result.diagnostics.contains(where: { $0.preventsStart }) {
                try refuse("nothing is started with such an error", file)
                return ConfigurationCheck.nothingToRun
            }
            if outcome.result.configuration.instances.isEmpty {
                if running != nil || outcome.result.lostInstances {
                    try refuse("no vrrp_instance is left to run", file)
                    return ConfigurationCheck.nothingToRun
                }
                log.write(.warning, "the configuration has no vrrp_instance: nothing to do")
            }
            let bundle = bundle(outcome, generation)
            try MemoryFile.write(bundle.encode(), to: file)
            return ConfigurationCheck.accepted
        } catch {
            let text =
                "cannot read the configuration \(options.file): "
                + SystemError.text(error.code)
            do throws(SystemError) {
                try refuse(text, file)
            } catch {}
            return ConfigurationCheck.unreadable
        }
    }

    /// For the log, and for `martletctl status`.
    private func refuse(_ why: String, _ file: Int32) throws(SystemError) {
        log.write(.error, why)
        try MemoryFile.write([UInt8](why.utf8), to: file)
    }

    private func tell(_ result: ParseResult) {
        for diagnostic in result.diagnostics {
            let level: LogLevel =
                switch diagnostic.severity {
                case .note: .info
                case .warning: .warning
                case .error, .security: .error
                }
            log.write(level, summary(diagnostic, result.files))
        }
    }

    /// A reload must not bring errors that the running text does not have.
    /// The first of them, and how many more there are; nil where there is none.
    private func objection(to new: ParseResult, _ running: Archive) -> ByteString? {
        let fresh = newErrors(in: new, comparedTo: running.parsed(options))
        for diagnostic in fresh {
            log.write(.error, ByteString("new error: ") + summary(diagnostic, new.files))
        }
        guard let first = fresh.first.map({ summary($0, new.files) }) else { return nil }
        return fresh.count == 1 ? first : first + ByteString(", and \(fresh.count - 1) more")
    }

    private func bundle(_ outcome: ConfigurationReading.Outcome, _ generation: UInt32) -> Bundle {
        let configuration = outcome.result.configuration
        var resolution = CommandResolution(configuration.globals)
        var table = KeeperTable(configuration, generation: generation) { command in
            resolution.resolve(command)
        }
        let owners = resolution
        table.addFIFOs(configuration.globals.fifos, owner: { owners.owner(of: $0) }) {
            resolution.resolve($0)
        }
        if resolution.runsInsecurely {
            log.write(.notice, "scripts run, but enable_script_security is not set")
        }
        table.mail = mail(configuration.globals)
        for problem in resolution.problems {
            log.write(problem.runs ? .warning : .error, problem.summary)
        }
        return Bundle(table: table, archive: outcome.archive)
    }
}

extension ConfigurationCheck {
    private func mail(_ globals: Globals) -> MailTable? {
        let helper = mailHelper()
        if helper == nil, globals.mailServer != nil {
            log.write(.error, "no mail will be sent: martlet-mail is not installed")
        }
        return MailTable(globals, host: hostName(), helper: helper)
    }
}

/// "file:line:column: text (hint)", in one line for the log.
func summary(_ diagnostic: Diagnostic, _ files: [SourceFile]) -> ByteString {
    var text = ByteString("")
    if let location = diagnostic.location {
        let path = files.indices.contains(location.file) ? files[location.file].path : ""
        text = path + ByteString(":\(location.line):\(location.column): ")
    }
    text = text + diagnostic.message
    if let hint = diagnostic.hint { text = text + " (" + hint + ")" }
    return text
}
