import Net
import VRRP

@testable import Daemon

/// A machine on the simulated LAN: a real router, and as much of a kernel and a daemon as it needs.
struct SimulationNode {
    var router: Router
    var plan: RouterPlan
    let address: IPAddress
    /// The machine runs.
    var isAlive = true
    /// The process is stalled, and the kernel goes on receiving for it.
    var isPaused = false
    var isLinkUp = true
    /// Nodes hear each other where this is equal.
    var side = 0
    /// When its timer wakes it: the router's deadline, and a little later.
    var wake: Instant?
    /// Received and not read.
    var queue: [Queued] = []
    /// The kernel dropped something since it was read last.
    var isLossy = false
    /// By virtual router: its addresses are on the interface.
    var holds: [Bool]
    /// By virtual router: when it last advertised.
    var lastSent: [Instant?]

    /// What the keeper of this machine does when its engine dies.
    var policy = RestartPolicy()
    /// When it starts another one; nil: there is one, or the machine is dead.
    var restartAt: Instant?
    var diedAt = Instant(nanoseconds: 0)
    /// By virtual router: when the Master_Down_Timer of the engine that died would have fired.
    var waits: [Instant?] = []
    /// By virtual router: given back after a hand-over.
    var cameBack: [Bool]
    /// Its one interface's announcements.
    var announcer = Announcer()
    /// When each frame was sent, and for which address.
    var announced: [(time: Instant, address: IPAddress)] = []
    var countsAnnouncements = false
    /// By `Discard.rawValue`.
    var discards = [Int](repeating: 0, count: Discard.allCases.count)

    struct Queued {
        var index: Int
        var advertisement: Advertisement
        var received: Instant
    }

    /// A full receive buffer keeps the oldest packets and drops the newest.
    static let queueLimit = 8

    init(_ plan: RouterPlan, address: IPAddress) {
        self.plan = plan
        self.address = address
        router = Router(plan)
        holds = Array(repeating: false, count: plan.virtualRouters.count)
        lastSent = Array(repeating: nil, count: plan.virtualRouters.count)
        cameBack = Array(repeating: false, count: plan.virtualRouters.count)
    }

    mutating func receive(_ index: Int, _ advertisement: Advertisement, at now: Instant) {
        if queue.count < Self.queueLimit {
            queue.append(Queued(index: index, advertisement: advertisement, received: now))
        } else {
            isLossy = true
        }
    }
}
