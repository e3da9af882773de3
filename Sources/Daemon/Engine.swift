import Config
import Control
import Linux
import Net
import VRRP

/// The engine: sockets, netlink and the protocol, in one thread and one loop. It opens no file,
/// starts no process and looks up no name.
///
/// A turn: read what arrived, fire what is due, do what the core wants, send what became due
/// meanwhile, bring the kernel's addresses one batch nearer to what they ought to be, and set the
/// timer to the earliest deadline.
final class Engine {
    let options: Options
    let log: Log
    let channel: Channel
    let slots: SlotWriter
    let poller: Poller
    /// All but the sockets of lanes: what a pause does not put off.
    let urgentPoller: Poller
    let timer: DeadlineTimer
    let requests: NetlinkRequests
    let notices: NetlinkNotices
    let frames: AnnouncementSocket
    let batch = SendBatch()
    /// The advertisement that is being put together.
    var outgoing = OutgoingAdvertisement()
    let buffer = PacketBuffer()
    let digest: Digest
    let keeperAlive: Descriptor

    var table: KeeperTable
    var configuration: Configuration
    var names: PlanNames
    var router: Router
    var ports: [Port] = []
    var lanes: [Lane?] = []
    var interfaces = InterfaceTable()
    var reconciler = Reconciler()
    var announcer = Announcer()
    var virtualLinks = VirtualLinkBook()
    var firewall = FirewallBook()
    var linkDebouncer = LinkDebouncer()
    /// Interfaces that had no promote_secondaries before us, with their indexes.
    var promoted: [ByteString: Int32] = [:]
    /// One socket of each family sends for all virtual links.
    var linkSenders: [Family: VRRPSocket] = [:]
    /// Reused by every turn.
    var effects: [Effect] = []
    /// Announcements that wait for their addresses to be confirmed by the kernel.
    var owedAnnouncements: [AddressKey: Int] = [:]
    var hearing = Hearing.current
    var moderation = ReceiveModeration()
    var quietLog = QuietLog()
    var lateness = Lateness()
    var auditSchedule = AuditSchedule()
    var tidyUp = TidyUp()
    /// Every address that the configuration declares virtual.
    var virtualAddresses: SortedAddresses
    var nextIdentity = 0
    /// The kernel tells of routes and rules.
    var hearsRoutes = false
    /// Interfaces of what instances hold, once they were there.
    var knownDevices: Set<ByteString> = []
    /// Static items of a track_group that the kernel refused.
    var failedStatics: Set<HoldingKey> = []
    /// A reload whose text is not understood yet.
    var reading: Reading?
    /// A report that is not whole yet.
    var reporting: Reporting?
    var isStopping = false
    /// The earliest `nextExtra` of all ports.
    var extraDeadline: Instant?
    /// Of what is mastered: what a peer allows before it takes over; nil: to be computed anew.
    var shortestMasterDown: Interval?
    let preemptsFrom: Instant?
    let leftovers: Leftovers
    let known: [KeeperMessage]
    /// By script: what its last run said.
    var scriptReports: [ScriptReport?] = []
    var exitStatus: Int32?
    var turns: UInt64 = 0
    /// For the keeper, in their order.
    var messages = ByteQueue()
    var untoldTurns = 0
    var isKeeperGone = false
    /// The turn that the last batch of addresses went in: one a turn, so that what arrives or is
    /// due meanwhile waits for no more than that.
    var turnOfBatch: UInt64?

    /// The owner of static items among the reconciler's; instances are numbered from 1.
    static let staticOwner = 0

    enum Token {
        static let timer: UInt64 = 1
        static let notices: UInt64 = 2
        static let channel: UInt64 = 3
        static let keeper: UInt64 = 4
        /// Lanes follow: `lane + position`.
        static let lane: UInt64 = 1 << 32
    }

    init(_ start: EngineStart) throws(SystemError) {
        options = start.options
        log = Log(start.options)
        channel = start.channel
        slots = SlotWriter(start.slots)
        poller = try Poller()
        urgentPoller = try Poller()
        timer = try DeadlineTimer()
        requests = try NetlinkRequests(clock: Clock.boot)
        notices = try NetlinkNotices()
        try notices.ignoreAdditions(by: requests)
        frames = try AnnouncementSocket()
        digest = try Digest()
        preemptsFrom = start.preemptsFrom
        leftovers = start.leftovers
        known = start.known
        if start.resumes { firewall.inherited = start.firewall }
        keeperAlive = try Process.openPidfd(start.keeper)
        table = start.table
        guard let archive = start.archive.take() else {
            throw SystemError("reading the configuration", code: 0)
        }
        configuration = Engine.configuration(of: archive, start.table, start.options)
        names = configuration.names
        router = Router(configuration.plan)
        virtualAddresses = configuration.virtualAddresses
        for poller in [poller, urgentPoller] {
            try poller.add(timer.descriptor, token: Token.timer)
            try poller.add(notices.descriptor, token: Token.notices)
            try poller.add(channel.descriptor, token: Token.channel)
            try poller.add(keeperAlive.rawValue, token: Token.keeper)
        }
    }

    /// Runs until the end; gives the exit status.
    func run(_ first: EngineStart) -> Int32 {
        log.deferLines()
        defer { tellTheRest() }
        start(first)
        while exitStatus == nil {
            turn(wait())
        }
        return exitStatus ?? 0
    }

    /// Gives how many descriptors are ready.
    private func wait() -> Int {
        if hasAddressWork || !virtualLinks.toLower.isEmpty || reading != nil
            || reporting != nil
        {
            return poller.wait(milliseconds: 0)
        }
        if !moderation.isPausing {
            let ready = poller.wait(milliseconds: -1)
            guard moderation.expectsBurst, isOnlyPackets(ready) else { return ready }
            moderation.letGather()
        }
        _ = urgentPoller.wait(milliseconds: ReceiveModeration.pause)
        return poller.wait(milliseconds: 0)
    }

    private func isOnlyPackets(_ ready: Int) -> Bool {
        for position in 0..<ready where poller.token(position) < Token.lane { return false }
        return ready > 0
    }

    func turn(_ ready: Int) {
        turns &+= 1
        hearing = .current
        for position in 0..<ready { serve(poller.token(position)) }
        fireTimers()
        readOn()
        reportOn()
        settle()
    }

    private func serve(_ token: UInt64) {
        switch token {
        case Token.timer: timer.acknowledge()
        case Token.notices: readNotices()
        case Token.channel: readMessages()
        case Token.keeper: keeperDied()
        default: receive(lane: Int(truncatingIfNeeded: token &- Token.lane))
        }
    }

    private func fireTimers() {
        let now = Clock.boot()
        if configuration.globals.process.automaticPriorityLimit > 0,
            let delay = lateness.delay(at: now)
        {
            tell(.late(delay))
        }
        // A stall may end before its deadline and have lost what would have moved it, so silence
        // is never concluded without asking.
        if let deadline = router.deadline, deadline <= now,
            now - deadline > Engine.busy || router.isAboutToTakeOver(at: now)
        {
            lookForDrops()
        }
        // Packets that were lost are no matter of a timer.
        restartAfterLosses(at: now)
        guard let deadline = router.deadline, deadline <= now else { return }
        handle(.timers(hearing), at: now)
    }

    /// By so much late, a queue may have overflowed meanwhile.
    private static let busy = Interval.milliseconds(5)

    private func lookForDrops() {
        for lane in lanes {
            if let lane, lane.socket.hasDropped() { lane.hasLost = true }
        }
    }

    /// Only those wait longer that were deaf: a flood on one link is no matter of another.
    private func restartAfterLosses(at now: Instant) {
        for position in lanes.indices where lanes[position]?.hasLost == true {
            lanes[position]?.hasLost = false
            let deaf = ports.indices.filter {
                ports[$0].lane == position || ports[$0].linkLane == position
            }
            handle(.lost(virtualRouters: deaf), at: now)
            for index in deaf { publishWait(index) }
        }
    }

    /// One event into the core, and at once everything that follows from it.
    func handle(_ event: Event, at now: Instant) {
        router.handle(event, at: now, into: &effects)
        perform(at: now)
    }

    /// What remains at the end of a turn.
    private func settle() {
        batch.flush()
        let now = Clock.boot()
        reconcileLate(at: now)
        lowerNextLinks()
        fitLanes()
        audit(at: now)
        announceExtra(at: now)
        sendAnnouncements(at: now)
        retryVirtualLinks(at: now)
        settleLinks(at: now)
        settleFirewall()
        endSurveys(at: now)
        writeSummaries(at: now)
        moderation.endTurn(at: now)
        let next = earliest(
            earliest(earliest(router.deadline, reconciler.deadline), announcer.deadline),
            earliest(
                earliest(surveyDeadline, quietLog.deadline),
                earliest(
                    earliest(extraDeadline, auditSchedule.retryDue),
                    earliest(virtualLinks.deadline, linkDebouncer.deadline))))
        tellWhatWaits()
        timer.set(earliest(next, nextMessages(at: now)))
        lateness.expected = router.deadline
        tidyUp.run(at: now) { letGo() }
        slots.publish(
            deadline: HangDetector.deadline(of: next, at: now, Clock.monotonic()), turns: turns,
            longestWait: requests.longestWait, shortestMasterDown: shortestMasterDownInterval())
    }

    private func shortestMasterDownInterval() -> Interval {
        if let shortestMasterDown { return shortestMasterDown }
        var shortest = Interval.zero
        for index in ports.indices where router.state(of: index) == .master {
            let interval = router.virtualRouters[index].masterDownInterval
            if shortest == .zero || interval < shortest { shortest = interval }
        }
        shortestMasterDown = shortest
        return shortest
    }

    /// What grew for a mass take-over, and is empty or half empty since.
    private func letGo() {
        effects = []
        if owedAnnouncements.isEmpty { owedAnnouncements = [:] }
        announcer.letGo()
        interfaces.letGo()
    }

    /// The keeper is gone: hand over cleanly and end with it.
    func keeperDied() {
        isKeeperGone = true
        log.write(.critical, "the keeper died: handing over")
        stop()
    }
}
