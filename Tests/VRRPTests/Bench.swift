import Net
import VRRP

/// A router on a bench: its events are given by hand, its effects are read off. Times are in
/// seconds since the bench was switched on.
struct Bench {
    var router: Router
    var effects: [Effect] = []

    init(_ plan: RouterPlan) { router = Router(plan) }

    /// One virtual router, VRID 51, priority 100, v2, 1 s, own address 192.0.2.2.
    init(_ change: (inout VirtualRouterParameters) -> Void = { _ in }) {
        var parameters = Self.parameters("VI_1", 51)
        change(&parameters)
        var plan = RouterPlan()
        plan.virtualRouters = [parameters]
        self.init(plan)
        plugIn()
    }

    static func parameters(_ name: String, _ vrid: UInt8) -> VirtualRouterParameters {
        VirtualRouterParameters(
            name: ByteString(name), family: .ipv4, vrid: vrid, addresses: [host(100 + vrid)])
    }

    /// 192.0.2.x; the router itself is 192.0.2.2.
    static func host(_ number: UInt8) -> IPAddress { .v4(IPv4Address(192, 0, 2, number)) }

    /// Two or more virtual routers in one sync group, each of priority 100.
    static func group(
        _ count: Int, _ change: (inout RouterPlan) -> Void = { _ in }
    ) -> Bench {
        var plan = RouterPlan()
        for number in 0..<count {
            plan.virtualRouters.append(parameters("VI_\(number)", UInt8(51 + number)))
        }
        plan.groups = [SyncGroupPlan(name: "G", members: Array(0..<count))]
        change(&plan)
        var bench = Bench(plan)
        bench.plugIn()
        return bench
    }

    /// Every interface is up and has an address.
    mutating func plugIn() {
        for index in router.virtualRouters.indices { plugIn(index) }
    }

    mutating func plugIn(_ index: Int, at seconds: Double = 0) {
        tell(.interface(virtualRouter: index, .up), at: seconds)
        tell(.source(virtualRouter: index, Self.host(2)), at: seconds)
    }

    @discardableResult
    mutating func tell(_ event: Event, at seconds: Double) -> [Effect] {
        effects.removeAll(keepingCapacity: true)
        router.handle(event, at: instant(seconds), into: &effects)
        return effects
    }

    @discardableResult
    mutating func start(at seconds: Double = 0) -> [Effect] { tell(.start, at: seconds) }

    @discardableResult
    mutating func timers(at seconds: Double, _ hearing: Hearing = .current) -> [Effect] {
        tell(.timers(hearing), at: seconds)
    }

    /// An advertisement that arrives as it is handled, or did before.
    @discardableResult
    mutating func hear(
        _ priority: UInt8, from host: UInt8, on index: Int = 0, at seconds: Double,
        received: Double? = nil, interval: Interval = .seconds(1), listDiffers: Bool = false
    ) -> [Effect] {
        let advertisement = Advertisement(
            source: Self.host(host), claim: priority == 0 ? .resigns : .priority(priority),
            interval: interval, listDiffers: listDiffers)
        let event = Event.advertisement(
            virtualRouter: index, advertisement, received: instant(received ?? seconds))
        return tell(event, at: seconds)
    }

    /// Lets time pass, waking up exactly when a timer is due.
    mutating func run(until seconds: Double) -> [String] {
        var story: [String] = []
        while let due = router.deadline, due <= instant(seconds) {
            effects.removeAll(keepingCapacity: true)
            router.handle(.timers(.current), at: due, into: &effects)
            for effect in effects { story.append("\(Bench.text(due)) \(effect.words)") }
        }
        return story
    }

    /// Seconds until which the router may sleep.
    var deadline: Double? { router.deadline.map { Double($0.nanoseconds) / 1e9 } }

    func state(_ index: Int = 0) -> StateName { router.state(of: index) }

    static func text(_ instant: Instant) -> String {
        let microseconds = instant.nanoseconds / 1_000
        let fraction = String(microseconds % 1_000_000)
        let zeros = String(repeating: "0", count: 6 - fraction.count)
        return "\(microseconds / 1_000_000).\(zeros)\(fraction)"
    }
}

func instant(_ seconds: Double) -> Instant {
    Instant(nanoseconds: Int64((seconds * 1e9).rounded()))
}

extension Effect {
    /// One line for a story.
    var words: String {
        switch self {
        case .sendAdvertisement(let index, let priority): "\(index) advertises \(priority)"
        case .addAddresses(let index): "\(index) adds its addresses"
        case .removeAddresses(let index): "\(index) removes its addresses"
        case .announce(let index, let count): "\(index) announces \(count)"
        case .transition(let index, let from, let to, _): "\(index) goes from \(from) to \(to)"
        case .groupTransition(let group, let to): "group \(group) goes to \(to)"
        case .note(let index, _): "\(index) remarks"
        }
    }
}
