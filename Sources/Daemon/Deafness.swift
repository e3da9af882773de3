import Control
import Linux
import Net
import VRRP

// A switch port that does not forward yet (spanning tree), a bond that has not settled or a
// firewall makes a node deaf, and a deaf node takes over from a master that lives. Nothing but
// vrrp_startup_delay can wait for that; but it is named, so that people know what they see.
extension Engine {
    /// The link came up, or was up at the start.
    func linkCameUp(_ index: Int, at now: Instant) {
        ports[index].upSince = now
        ports[index].hasHeard = false
        ports[index].tookOverUnheard = false
    }

    /// A correct advertisement of someone else.
    func heard(_ index: Int, from packet: IncomingPacket) {
        if ports[index].hasHeard { return }
        ports[index].hasHeard = true
        guard ports[index].tookOverUnheard else { return }
        ports[index].tookOverUnheard = false
        let seconds = secondsRoundedUp(packet.arrival - ports[index].upSince)
        log.write(
            .warning, about: ports[index].parameters.name,
            "\(packet.source) is heard only now, \(seconds) s after \(ports[index].interfaceName) "
                + "came up: if it was master all the time, this node was deaf (spanning tree, bond, "
                + "firewall); vrrp_startup_delay \(seconds) waits for it")
    }

    /// Took over from silence, without a word heard since the link came up.
    func nameDeafness(_ index: Int, _ reason: TransitionReason) {
        guard case .silence(nil) = reason, !ports[index].hasHeard else { return }
        ports[index].tookOverUnheard = true
        let seconds = secondsRoundedUp(Clock.boot() - ports[index].upSince)
        log.write(
            .info, about: ports[index].parameters.name,
            "nobody was heard on \(ports[index].interfaceName) in the \(seconds) s since it came up"
        )
    }

    private func secondsRoundedUp(_ interval: Interval) -> Int64 {
        (max(interval, .zero) + .nanoseconds(999_999_999)).nanoseconds / 1_000_000_000
    }
}
