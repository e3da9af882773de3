import Config
import Linux
import Mail
import Net

/// The keeper: the process in the pid file. It reads files, runs commands as their users, passes
/// signals on and guards the engine. It reads nothing that comes from the network.
final class Keeper {
    let options: Options
    let log: Log
    let service: ServiceManager
    let dumps: DumpFiles
    /// What the kernel had before disable_local_igmp.
    var localIGMP: UInt32?
    let stateFile: StateFile
    /// What a killed daemon left, by its state file, until an engine has removed it.
    var leftovers: Leftovers
    /// What comes with the generation that the engine has not confirmed yet.
    var promised = Leftovers()
    /// What the state file holds.
    var recorded = TextPrint([])
    /// The daemon's own environment, less what no command may inherit.
    let environment: [ByteString]
    let slotMemory: SharedMemory
    let poller: Poller
    let timer: DeadlineTimer
    let signals: SignalQueue

    /// What the running configuration was read as, for the engine and its successors.
    var bundle: KeptBundle
    /// A generation that the engine has not confirmed yet.
    var pending: KeptBundle?
    /// Asked for, and not begun yet.
    var reloadIsDue = false
    /// Of the configuration that was read last; none is given twice.
    var generation: UInt32
    var engine: EngineHandle?
    var hang: HangDetector
    var policy = RestartPolicy()
    var tidyUp = TidyUp()
    /// The next engine; nil while one runs.
    var restart: Restart?
    /// The engine's table of no_accept.
    var firewall: KeptFirewall?
    /// When the last engine died.
    var diedAt: Instant?
    /// When the state file is written next.
    var recordDue: Instant?
    /// Not before that.
    var recordPause = Instant(nanoseconds: 0)
    var checks: ScriptChecks
    var sleep = Oversleep()
    /// Scripts that were due and could not be started for want of processes, memory or descriptors.
    var postponed: Set<UInt64> = []
    /// By script identity.
    var outputs: [UInt64: ScriptOutput] = [:]
    /// For all of them; empty before the first.
    var outputBuffer: [UInt8] = []
    var checker: CheckerHandle?
    /// When the next checker is due; nil while one runs or none is needed.
    var checkerAt: Instant?
    var files = TrackedFiles()
    var processes = ProcessWatch([])
    var processSource = ProcessSource()
    var notifier = Notifier()
    var fifos: [OpenFIFO] = []
    var post = MailQueue()
    var mailHelper: MailHelper?
    /// What the world was told last of each instance and group.
    var lastStates: ToldStates
    var children: [Child] = []
    /// The child that reads a new configuration.
    var reader: ReaderHandle?
    var phase = Phase.running
    /// While we stop: until then mail is waited for.
    var lastPost: Instant?
    /// The process group that asked for the stop; 0: none that we know.
    var stoppedBy: Int32 = 0
    var exitStatus: Int32?
    var nextWatchdog: Instant?
    var automaticPriority = AutomaticPriority(start: 0)
    /// Nil where it could not be made.
    var control: ControlServer?
    var history: TransitionHistory
    let startedAt = Clock.boot()
    /// Wall clock before the running configuration was read, and the one that is being read.
    var readAt: Int64
    var readingAt: Int64 = 0
    /// When the running configuration came into force.
    var acceptedAt = Clock.boot()
    /// The last reload, where that was refused.
    var refusal: (time: Instant, reason: ByteString)?
    /// Engines that died, and the last one's end.
    var deaths = 0
    var lastDeath: (time: Instant, reason: ByteString)?
    /// Why vrrp_rt_priority could not be set.
    var realTimeProblem: Int32?

    var slots: SlotReader { SlotReader(slotMemory) }

    enum Phase: Hashable {
        /// startup_script runs; by then it is ended.
        case startingUp(deadline: Instant)
        case running
        /// The engine was told to stop; by then it is killed.
        case stoppingEngine(deadline: Instant)
        /// Stop scripts still run; by then they are killed.
        case stoppingScripts(deadline: Instant)
        /// shutdown_script runs; by then it is killed.
        case shuttingDown(deadline: Instant)

        var deadline: Instant? {
            switch self {
            case .running: nil
            case .startingUp(let deadline), .stoppingEngine(let deadline),
                .stoppingScripts(let deadline), .shuttingDown(let deadline):
                deadline
            }
        }
    }

    enum Token {
        static let signals: UInt64 = 1
        static let timer: UInt64 = 2
        static let channel: UInt64 = 3
        static let engine: UInt64 = 4
        static let reader: UInt64 = 5
        static let files: UInt64 = 6
        static let processes: UInt64 = 7
        /// FIFOs that were full follow.
        static let fifos: UInt64 = 8
        static let checkerChannel: UInt64 = 9
        static let checker: UInt64 = 10
        static let mail: UInt64 = 11
        static let control: UInt64 = 12
        /// Clients of the control socket follow, then the children that answer them, by place.
        static let client: UInt64 = 16
        static let answer: UInt64 = 32
        /// Commands follow: `command + pid`.
        static let command: UInt64 = 1 << 32
        /// Their output follows: `output + identity`.
        static let output: UInt64 = 1 << 33
    }

    static let handledSignals: [Int32] = [
        Signal.hangup, Signal.interrupt, Signal.terminate, Signal.user1, Signal.user2,
        Signal.json, Signal.clearStatistics, Signal.pipe,
    ]

    init(
        _ options: Options, _ log: Log, _ bundle: KeptBundle, _ signals: SignalQueue,
        read reading: Int64
    ) throws(SystemError) {
        self.options = options
        self.log = log
        self.bundle = bundle
        readAt = reading
        generation = bundle.table.generation
        lastStates = ToldStates(bundle.table)
        service = ServiceManager()
        dumps = DumpFiles(temporaryDirectory: Arguments.environment("TMPDIR"))
        stateFile = StateFile(path: RunTimeFiles(pidFile: options.pidFile).state)
        leftovers = stateFile.read()
        localIGMP = leftovers.localIGMP
        leftovers.localIGMP = nil
        environment = commandEnvironment(Arguments.environment())
        slotMemory = try SharedMemory(words: SlotLayout.words)
        poller = try Poller()
        timer = try DeadlineTimer()
        self.signals = signals
        history = TransitionHistory(generation: bundle.table.generation)
        hang = HangDetector(at: Clock.monotonic())
        checks = ScriptChecks(bundle.table, at: Clock.boot())
        try poller.add(timer.descriptor, token: Token.timer)
        try poller.add(signals.descriptor, token: Token.signals)
    }

    /// Runs until the end; gives the exit status.
    func run() -> Int32 {
        notifier.timeout = bundle.table.notifyTimeout
        settleFIFOs()
        openControl()
        begin()
        if let watchdog = service.watchdog { nextWatchdog = Clock.monotonic() + watchdog / 2 }
        while exitStatus == nil {
            setTimer()
            let ready = poller.wait(milliseconds: -1)
            makeUpForPause()
            for position in 0..<ready { serve(poller.token(position)) }
            if exitStatus == nil { doWhatIsDue() }
        }
        closeFIFOs()
        closeControl()
        restoreLocalIGMP()
        return exitStatus ?? 0
    }

    private func serve(_ token: UInt64) {
        switch token {
        case Token.timer: timer.acknowledge()
        case Token.signals: readSignals()
        case Token.channel: readMessages()
        case Token.engine: engineEnded()
        case Token.reader: readerEnded()
        case Token.mail: readMailOutcomes()
        case Token.files: readFileNotices()
        case Token.processes: readProcessEvents()
        case Token.checkerChannel: readChecker()
        case Token.checker: checkerEnded()
        case Token.fifos: writeWhatWaits()
        case Token.control: acceptClients()
        case Token.client..<(Token.client + UInt64(ControlServer.places)):
            readClient(Int(truncatingIfNeeded: token &- Token.client))
        case Token.answer..<(Token.answer + UInt64(ControlServer.places)):
            answerEnded(Int(truncatingIfNeeded: token &- Token.answer))
        case Token.output...: readOutput(of: token &- Token.output)
        default: childEnded(Int32(truncatingIfNeeded: token &- Token.command))
        }
    }

    private func readSignals() {
        while let (signal, sender) = signals.next() {
            switch signal {
            case Signal.hangup: askForReload()
            case Signal.terminate: stop(askedBy: sender)
            case Signal.interrupt where !options.ignoresInterrupt: stop(askedBy: sender)
            case Signal.user1: tellEngine(.dump(.data))
            case Signal.user2: tellEngine(.dump(.statistics))
            case Signal.clearStatistics: tellEngine(.dump(.statisticsAndClear))
            case Signal.json: tellEngine(.dump(.json))
            default: break
            }
        }
    }

    /// Everything that waits for a time, on the clock it is measured by.
    private func setTimer() {
        let now = Clock.boot()
        let monotonic = Clock.monotonic()
        func boot(_ instant: Instant?) -> Instant? { instant.map { now + ($0 - monotonic) } }
        var next = earliest(restart?.at, earliest(notifier.deadline, recordDue))
        next = earliest(next, earliest(killDeadline, mailDeadline))
        next = earliest(next, earliest(phase.deadline, control?.deadline))
        if case .stoppingScripts = phase {
            next = earliest(next, lastPost.flatMap { $0 > now ? $0 : nil })
        }
        if phase == .running {
            next = earliest(next, earliest(checks.deadline, outputDeadline))
            next = earliest(next, earliest(files.nextLook, processDeadline))
            next = earliest(next, checkerDeadline)
            if engine != nil { next = earliest(next, boot(hang.nextLook)) }
        }
        if engine?.hasWaiting ?? false { next = earliest(next, now + EngineHandle.pause) }
        next = earliest(next, boot(nextWatchdog))
        timer.set(next)
        sleep.fallAsleep(at: now, until: next)
    }

    private func doWhatIsDue() {
        let now = Clock.boot()
        engine?.tellWhatWaits()
        recordMasters(at: now)
        switch phase {
        case .startingUp(let deadline):
            if deadline <= now { startupTookTooLong() }
        case .running:
            tidyUp.run(at: now)
            serveTrackers(at: now)
        case .stoppingEngine(let deadline):
            if deadline <= now { engine?.kill() }
        case .stoppingScripts(let deadline):
            if deadline <= now || notificationsAreDone(at: now) { shutDown() }
        case .shuttingDown(let deadline):
            if deadline <= now { finish() }
        }
        sendMail(at: now)
        killWhatDoesNotEnd(at: now)
        lookAtSlowCommands(at: now)
        serveControl(at: now)
        feedWatchdog()
    }

    private func serveTrackers(at now: Instant) {
        runChecks(at: now)
        if let next = files.nextLook, next <= now { lookAtFiles(at: now) }
        lookAtProcesses(at: now)
        lookAtChecker(at: now)
        lookForHang()
        if let restart, restart.at <= now { startEngine(resumes: restart.resumes) }
    }

    /// systemd hears of us only while the engine is not suspected.
    private func feedWatchdog() {
        guard let interval = service.watchdog, let next = nextWatchdog else { return }
        let now = Clock.monotonic()
        guard now >= next else { return }
        nextWatchdog = now + interval / 2
        service.tell("WATCHDOG=1")
    }
}
