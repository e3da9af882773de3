import Config
import Linux
import Net
import VRRP

/// Which virtual links are ready, and when to try again with those that could not be made.
struct VirtualLinkBook {
    /// Index of each link that has its settings, by name.
    var ready: [ByteString: Int32] = [:]
    /// Routers that let go and whose links are still up.
    var toLower: [Int] = []
    private var failures: [ByteString: (count: Int, retry: Instant)] = [:]

    var deadline: Instant? {
        var result: Instant? = nil
        for failure in failures.values { result = earliest(result, failure.retry) }
        return result
    }

    func mayTry(_ name: ByteString, at now: Instant) -> Bool {
        guard let failure = failures[name] else { return true }
        return failure.retry <= now
    }

    /// The wait before the next attempt: 1, 2, 4 ... 30 s.
    mutating func failed(_ name: ByteString, at now: Instant) -> Interval {
        let count = failures[name]?.count ?? 0
        let wait = backOff(count)
        failures[name] = (count + 1, now + wait)
        return wait
    }

    mutating func succeeded(_ name: ByteString) { failures[name] = nil }

    mutating func forget(except names: Set<ByteString>) {
        ready = ready.filter { names.contains($0.key) }
        failures = failures.filter { names.contains($0.key) }
    }
}

// Links of our own: there while we run, up while their instance is master, so that no frame with
// the virtual MAC leaves a backup and none that is meant for it is taken in (RFC 5798, 6.4.2).
extension Engine {
    /// Makes what is missing and can be made; a link that is there already serves.
    func makeVirtualLinks(at now: Instant) {
        guard !isStopping else { return }
        var isChanged = false
        for instance in configuration.instances {
            for interface in instance.allVirtualInterfaces
            where virtualLinks.mayTry(interface.name, at: now) {
                if make(interface, at: now) { isChanged = true }
            }
        }
        if isChanged { hearOfNewLinks(at: now) }
        var prepared: [VirtualInterface] = []
        for instance in configuration.instances {
            for interface in instance.allVirtualInterfaces where followVRF(interface, at: now) {
                hearOfNewLinks(at: now)
            }
            for interface in instance.allVirtualInterfaces where prepare(interface, at: now) {
                prepared.append(interface)
            }
        }
        // Once for all: what the kernel has is long where there are hundreds.
        guard !prepared.isEmpty else { return }
        hearOfNewLinks(at: now)
        for interface in prepared { verify(interface) }
    }

    /// A link of ours belongs to the VRF of its parent, so that its addresses are reached by the
    /// same routes. True where something was changed.
    private func followVRF(_ interface: VirtualInterface, at now: Instant) -> Bool {
        guard let link = interfaces.link(named: interface.name),
            let parent = interfaces.link(named: interface.parent), link.parent == parent.index,
            virtualLinks.mayTry(interface.name, at: now)
        else { return false }
        let wanted = interfaces.vrf(of: parent)
        // Whoever made it part of something else had a reason.
        guard link.master == nil || interfaces.vrf(of: link) != nil, link.master != wanted
        else { return false }
        do throws(SystemError) {
            try requests.setVRF(link.index, wanted)
            return true
        } catch {
            complain("change the VRF of", interface.name, error, at: now)
            return false
        }
    }

    private func make(_ interface: VirtualInterface, at now: Instant) -> Bool {
        guard let parent = interfaces.link(named: interface.parent) else { return false }
        let wanted = VirtualLink(interface, on: parent)
        do throws(SystemError) {
            if let present = interfaces.link(named: interface.name) {
                if wanted.matches(present, on: parent) { return false }
                guard ParentSettings(alias: present.alias) != nil else {
                    throw SystemError("another interface has that name", code: NetlinkErrno.exists)
                }
                try requests.deleteLink(present.index)
            }
            try requests.add(wanted, on: parent.index)
            virtualLinks.succeeded(interface.name)
            return true
        } catch {
            complain("make", interface.name, error, at: now)
            return false
        }
    }

    private func complain(
        _ what: String, _ name: ByteString, _ error: SystemError, at now: Instant
    ) {
        let wait = virtualLinks.failed(name, at: now).nanoseconds / 1_000_000_000
        log.write(.error, "cannot \(what) the interface \(name): \(error); again in \(wait) s")
    }

    /// Now, not with the next notices: ports and addresses ask for them in this turn.
    private func hearOfNewLinks(at now: Instant) {
        do throws(SystemError) {
            let names = configuration.virtualLinkNames
            for link in try requests.links() where names.contains(link.name) {
                if let old = interfaces.link(named: link.name), old.index != link.index {
                    reconciler.interfaceGone(old.index)
                    _ = interfaces.apply(.linkRemoved(old))
                }
                _ = interfaces.apply(.link(link))
                reconciler.interfacePresent(link.name, index: link.index, at: now)
            }
        } catch {
            log.write(.error, "cannot read the kernel's links: \(error)")
        }
    }

    /// Settings of the link and of its parent; what the parent had is noted first.
    private func prepare(_ interface: VirtualInterface, at now: Instant) -> Bool {
        guard let link = interfaces.link(named: interface.name),
            virtualLinks.ready[interface.name] != link.index,
            virtualLinks.mayTry(interface.name, at: now),
            let parent = interfaces.link(named: interface.parent),
            VirtualLink(interface, on: parent).matches(link, on: parent)
        else { return false }
        do throws(SystemError) {
            if let settings = parent.ipv4 {
                let before = settingsBefore(of: parent) ?? ParentSettings(settings)
                try requests.setAlias(link.index, before.alias)
                try requests.set(before.applied(to: settings), of: parent.index)
            }
            if let settings = link.ipv4 {
                let common = try requests.commonRPFilter()
                try requests.set(settings.forVirtualLink(commonRPFilter: common), of: link.index)
            }
            stopLinkLocal(on: link)
            virtualLinks.ready[interface.name] = link.index
            virtualLinks.succeeded(interface.name)
            return true
        } catch {
            complain("set up", interface.name, error, at: now)
            return false
        }
    }

    /// By the links of ours that are on it already.
    private func settingsBefore(of parent: LinkInfo) -> ParentSettings? {
        for link in interfaces.links where link.parent == parent.index {
            if let settings = ParentSettings(alias: link.alias) { return settings }
        }
        return nil
    }

    /// A kernel without IPv6 has nothing to stop.
    private func stopLinkLocal(on link: LinkInfo) {
        do throws(SystemError) {
            try requests.setLinkLocalGeneration(link.index, enabled: false)
        } catch {
            log.write(.info, "\(link.name) has no IPv6: \(error)")
        }
    }

    private func verify(_ interface: VirtualInterface) {
        guard let settings = interfaces.link(named: interface.name)?.ipv4 else { return }
        let isRight =
            settings.arpIgnore == 1 && settings.acceptLocal == 1
            && settings.promoteSecondaries == 1 && settings.rpFilter != 1
        if isRight { return }
        log.write(
            .warning,
            "\(interface.name): the kernel did not take arp_ignore, accept_local or rp_filter:"
                + " the addresses may not answer")
    }

    /// Those that nobody declares any more, after a reload; or all, at the end.
    func removeVirtualLinks(_ names: Set<ByteString>) {
        guard !names.isEmpty else { return }
        let removed = Daemon.removeVirtualLinks(named: names, among: linksNow(), requests)
        for name in removed {
            log.write(.info, "removed the interface \(name)")
            virtualLinks.ready[name] = nil
            // Not with the next notices: who looks in this turn must not see it any more.
            guard let link = interfaces.link(named: name) else { continue }
            _ = interfaces.apply(.linkRemoved(link))
            reconciler.interfaceGone(link.index)
        }
    }

    /// Asked anew: the kernel gives no notice of the alias of a link that is down.
    private func linksNow() -> [LinkInfo] {
        do throws(SystemError) {
            return try requests.links()
        } catch {
            return interfaces.links
        }
    }
}

// Up and down.
extension Engine {
    /// Every virtual link of an instance is there and ready.
    func hasVirtualLinks(_ index: Int) -> Bool {
        configuration.instances[index].allVirtualInterfaces.allSatisfy { interface in
            guard let link = interfaces.link(named: interface.name) else { return false }
            return virtualLinks.ready[interface.name] == link.index
        }
    }

    /// Before the first advertisement of a master.
    func raiseVirtualLinks(_ index: Int) {
        let instance = configuration.instances[index]
        for interface in instance.allVirtualInterfaces {
            guard let link = interfaces.link(named: interface.name) else { continue }
            if ports[index].raised[interface.name] == link.index { continue }
            do throws(SystemError) {
                try requests.setLink(link.index, up: true)
                ports[index].raised[interface.name] = link.index
                addOwnAddresses(interface, link, index)
                reconciler.linkCameUp(link.name, at: Clock.boot())
            } catch {
                log.write(.error, "cannot bring up the interface \(link.name): \(error)")
            }
        }
        hearOnVirtualLink(index)
    }

    /// A private macvlan takes in every frame that carries its own MAC as source: a rival's
    /// advertisements never reach the parent while it is up.
    private func hearOnVirtualLink(_ index: Int) {
        guard ports[index].linkLane == nil, case .multicast = ports[index].parameters.transport,
            let name = configuration.instances[index].virtualInterface?.name,
            let raised = ports[index].raised[name]
        else { return }
        ports[index].linkLane = openLane(for: index, on: raised, name)
    }

    /// A link-local address, so that listener reports have a source; and the one that use_ipvlan
    /// was given.
    private func addOwnAddresses(_ interface: VirtualInterface, _ link: LinkInfo, _ index: Int) {
        var changes: [KernelChange] = []
        if let address = interface.address {
            changes.append(.add(AddressSpec(interfaceIndex: link.index, prefix: address)))
        }
        if let address = linkLocal(index, interface) {
            var spec = AddressSpec(
                interfaceIndex: link.index, prefix: Prefix(address: address, length: 64))
            spec.scope = 253
            spec.lifetime = .init(preferred: 0, valid: AddressSpec.Lifetime.forever)
            changes.append(.add(spec))
        }
        guard !changes.isEmpty else { return }
        var errors: [Int32] = []
        requests.apply(changes, errors: &errors)
    }

    /// The links of one router a turn: each holds the kernel, and us, for some 15 ms, and whoever
    /// lets go of 255 at once has others to serve meanwhile. Until then it hears through them.
    func lowerNextLinks() {
        guard let identity = virtualLinks.toLower.popLast(),
            let index = ports.firstIndex(where: { $0.identity == identity }),
            router.state(of: index) != .master
        else { return }
        lowerVirtualLinks(index)
    }

    /// As keepalived: what advertisements are sent from, if that is the parent's own; else one of
    /// its own. Deprecated, so that nothing else is sent from it.
    private func linkLocal(_ index: Int, _ interface: VirtualInterface) -> IPAddress? {
        let parameters = ports[index].parameters
        guard parameters.family == .ipv6, let parent = interfaces.link(named: interface.parent),
            let mac = parent.mac
        else { return nil }
        if let source = ports[index].source, source.isLinkLocal { return source }
        return .v6(virtualLinkLocal(parent: mac, vrid: parameters.vrid))
    }

    func lowerVirtualLinks(_ index: Int) {
        if let lane = ports[index].linkLane {
            ports[index].linkLane = nil
            leave(lane, index)
        }
        for link in ports[index].raised.values where interfaces.link(index: link) != nil {
            lower(link)
        }
        ports[index].raised = [:]
    }

    private func lower(_ link: Int32) {
        do throws(SystemError) {
            try requests.setLink(link, up: false)
        } catch {
            log.write(.warning, "cannot take down interface \(link): \(error)")
        }
    }

    /// After a start or a reload: a link that somebody left up is taken down, unless its instance
    /// is master.
    func settleVirtualLinks() {
        for index in ports.indices {
            if router.state(of: index) == .master {
                raiseVirtualLinks(index)
            } else {
                for interface in configuration.instances[index].allVirtualInterfaces {
                    guard let link = interfaces.link(named: interface.name), link.isUp,
                        virtualLinks.ready[interface.name] == link.index
                    else { continue }
                    lower(link.index)
                }
            }
        }
    }
}
