import Config
import Linux
import Net
import VRRP

// Gratuitous ARP and Neighbor Advertisements: which, when, and how fast.
extension Engine {
    /// Frames for one address, on the interface that holds it now.
    func schedule(_ key: AddressKey, _ count: Int) {
        guard let link = interfaces.link(named: key.interface) else { return }
        announcer.schedule(key.prefix.address, on: link.index, count: count)
    }

    func sendAnnouncements(at now: Instant) {
        guard let deadline = announcer.deadline, deadline <= now else { return }
        announcer.due(at: now, limit: 128, firstOnly: hasAddressWork) { frame in
            guard let link = self.interfaces.link(index: frame.interface), !link.hasNoARP,
                let mac = link.mac
            else { return }
            self.frames.append(
                frame.address, on: frame.interface, from: mac, isRouter: link.forwardsIPv6)
        }
        frames.flush()
    }

    /// Which gaps hold on which interface, as it is numbered now.
    func setPaces() {
        announcer.paces = [:]
        let gaps = configuration.globals.announcementGaps
        if gaps != AnnouncementGaps() {
            for link in interfaces.links {
                announcer.paces[link.index] = .init(
                    gate: link.index, arp: gaps.arp, neighbor: gaps.neighbor)
            }
        }
        for (position, group) in configuration.globals.announcementGroups.enumerated() {
            for name in group.interfaces {
                guard let link = interfaces.link(named: name) else { continue }
                announcer.paces[link.index] = .init(
                    gate: -1 - Int32(truncatingIfNeeded: position), arp: group.gaps.arp,
                    neighbor: group.gaps.neighbor)
            }
        }
    }

    /// Whoever learned an address with the old MAC has to learn it anew.
    func announceNewMAC(of link: LinkInfo) {
        guard let known = interfaces.link(index: link.index), known.mac != link.mac,
            known.name == link.name
        else { return }
        for index in ports.indices where router.state(of: index) == .master {
            for desired in desiredAddresses(of: index)
            where desired.interface == link.name && reconciler.isHeld(.address(desired.key)) {
                schedule(desired.key, ports[index].parameters.announcements.count)
            }
        }
    }

    // garp_extra_if.

    func extraInterval(of index: Int) -> Interval? {
        guard configuration.instances.indices.contains(index) else { return nil }
        return configuration.instances[index].extraAnnouncement?.interval
    }

    /// Few instances have one: only theirs make anybody look at all ports.
    func setNextExtra(_ index: Int, to time: Instant?) {
        guard time != ports[index].nextExtra else { return }
        ports[index].nextExtra = time
        extraDeadline = nil
        for index in ports.indices {
            extraDeadline = earliest(extraDeadline, ports[index].nextExtra)
        }
    }

    func announceExtra(at now: Instant) {
        guard let deadline = extraDeadline, deadline <= now else { return }
        for index in ports.indices {
            guard let due = ports[index].nextExtra, due <= now else { continue }
            setNextExtra(index, to: extraInterval(of: index).map { now + $0 })
            let includesOwn = configuration.instances[index].extraAnnouncement?.includesOwn ?? false
            for desired in desiredAddresses(of: index)
            where (includesOwn || desired.interface != ports[index].interfaceName)
                && reconciler.isHeld(.address(desired.key))
            {
                schedule(desired.key, 1)
            }
        }
    }
}

extension Engine {
    /// Unicast, back in service: the own address too, so that switches find this node again.
    func announceSource(_ index: Int) {
        guard case .unicast = ports[index].parameters.transport,
            let source = router.virtualRouters[index].source,
            let link = interfaces.link(named: ports[index].interfaceName)
        else { return }
        announcer.schedule(source, on: link.index, count: 1)
    }
}
