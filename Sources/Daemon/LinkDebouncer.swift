import Config
import Linux
import Net
import VRRP

/// interface_up_down_delays: a change between up and down counts only once it has lasted. An
/// interface that is missing is so at once, and so is what a start finds.
struct LinkDebouncer {
    private struct State {
        var counted: InterfaceStatus
        /// When the other one counts.
        var due: Instant?
    }

    private var states: [ByteString: State] = [:]

    /// When a state is due to be looked at again.
    var deadline: Instant? {
        var result: Instant? = nil
        for state in states.values { result = earliest(result, state.due) }
        return result
    }

    /// What counts of an interface that now has a status.
    mutating func status(
        of name: ByteString, _ status: InterfaceStatus, _ delay: LinkDelay, at now: Instant
    ) -> InterfaceStatus {
        guard var state = states[name], state.counted != .missing, status != .missing else {
            states[name] = State(counted: status)
            return status
        }
        if status == state.counted {
            state.due = nil
        } else {
            let due = state.due ?? now + (status == .up ? delay.up : delay.down)
            state = due <= now ? State(counted: status) : State(counted: state.counted, due: due)
        }
        states[name] = state
        return state.counted
    }
}

extension Engine {
    /// A virtual link has the delays of its parent.
    func settledStatus(of name: ByteString) -> InterfaceStatus {
        let link = interfaces.link(named: name)
        let status = interfaces.status(of: link)
        let delays = configuration.globals.linkDelays
        if delays.isEmpty { return status }
        let parent = link?.parent.flatMap { interfaces.link(index: $0) }?.name
        guard var delay = delays.first(where: { $0.interface == name || $0.interface == parent })
        else { return status }
        delay.down = min(delay.down, shortestDeafness(on: delay.interface))
        return linkDebouncer.status(of: name, status, delay, at: Clock.boot())
    }

    /// A backup that learned a shorter interval would become master earlier than its own text says.
    private func shortestDeafness(on interface: ByteString) -> Interval {
        var result = Interval.seconds(255)
        for index in ports.indices where ports[index].interfaceName == interface {
            let intervals = max(ports[index].parameters.downTimerAdvertisements - 1, 1)
            let learned = router.virtualRouters[index].masterAdverInterval
            result = min(result, learned * Int64(intervals))
        }
        return result
    }

    func settleLinks(at now: Instant) {
        if let deadline = linkDebouncer.deadline, deadline <= now { refreshPorts() }
    }
}
