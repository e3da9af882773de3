import Config
import Control
import Linux
import Net
import VRRP

// What the kernel tells, and what it is told.
extension Engine {
    func readNotices() {
        var changed = KernelChanges()
        let outcome = notices.receive { notice in
            self.reconcilerHears(notice, at: Clock.boot())
            self.logAddress(notice)
            changed.add(self.interfaces.apply(notice))
        }
        if outcome == .overflowed {
            log.write(.warning, "notices of the kernel were lost: comparing everything")
            return compareWithKernel()
        }
        if changed.links { return refreshPorts() }
        for interface in changed.interfaces { refreshSources(on: interface) }
    }

    private func reconcilerHears(_ notice: Notice, at now: Instant) {
        switch notice {
        case .link(let link):
            reconciler.interfacePresent(
                link.name, index: link.index, table: link.vrfTable, at: now)
            verifyRoutes(over: link, at: now)
            announceNewMAC(of: link)
        case .linkRemoved(let link):
            reconciler.interfaceGone(link.index)
            virtualLinks.before[link.index] = nil
        case .address(let address): reconciler.noticed(address)
        case .addressRemoved(let address):
            if let note = reconciler.noticedRemoval(address, at: now) { tell(note) }
            if hearsRoutes { reconciler.verify(at: now) { $0.dependsOn(address.prefix) } }
        case .routeRemoved(let route):
            for note in reconciler.noticedRemoval(route, at: now) { tell(note) }
        case .ruleRemoved(let rule):
            for note in reconciler.noticedRemoval(rule, at: now) { tell(note) }
        }
    }

    /// An interface that comes up again has lost its IPv4 routes, and the kernel says nothing.
    private func verifyRoutes(over link: LinkInfo, at now: Instant) {
        guard link.isUp else { return }
        // Another MTU, or IPv6 switched on again, may let in what was refused.
        reconciler.linkCameUp(link.name, at: now)
        guard let known = interfaces.link(index: link.index), !known.isUp else { return }
        reconciler.verify(at: now) { holding in
            guard case .route(let route, _) = holding else { return false }
            return route.interfaces.isEmpty || route.interfaces.contains(link.name)
        }
    }

    private func tell(_ note: HoldingNote) {
        switch note {
        case .removedByOthers(let key, let repairs, _):
            let times = repairs > 0 ? ", time \(repairs + 1) without a quiet minute" : ""
            log.write(
                .warning,
                "somebody removed \(key)\(times): bringing it back")
        case .abandoned(let key):
            log.write(.warning, "somebody removed \(key): left (no_track)")
        }
    }

    func logAddress(_ notice: Notice) {
        guard options.logsAddresses else { return }
        switch notice {
        case .address(let address): log.write(.info, "address \(address.prefix) added or changed")
        case .addressRemoved(let address): log.write(.info, "address \(address.prefix) removed")
        case .link, .linkRemoved, .routeRemoved, .ruleRemoved: break
        }
    }

    /// Now and then, while there is nothing else to do; soon where the last time told not all.
    func audit(at now: Instant) {
        if let due = auditSchedule.retryDue, due <= now { return compareWithKernel() }
        guard reconciler.deadline == nil, reconciler.holdsSomething,
            auditSchedule.begins(at: now, next: router.deadline)
        else { return }
        compareWithKernel()
    }

    /// Asks for everything and compares: at the start, after notices were lost, and now and then.
    func compareWithKernel() {
        let isRetry = auditSchedule.retryDue != nil
        do throws(SystemError) {
            let links = try requests.dumpedLinks()
            let addresses = try requests.dumpedAddresses()
            if links.isWhole && addresses.isWhole {
                interfaces.replace(links: links.values, addresses: addresses.values)
                let notes = reconciler.resynchronise(
                    links: links.values, addresses: addresses.values, at: Clock.boot())
                for note in notes { tell(note) }
                auditSchedule.succeeded()
            } else {
                learn(links.values, addresses.values)
                auditSchedule.toldNotAll(at: Clock.boot())
            }
            refreshPorts()
        } catch {
            if !isRetry {
                log.write(.error, "cannot read the kernel's links and addresses: \(error)")
            }
            auditSchedule.toldNotAll(at: Clock.boot())
        }
    }

    /// Others change so much that no dump is whole: from what is missing nothing follows.
    private func learn(_ links: [LinkInfo], _ addresses: [AddressInfo]) {
        for link in links { hear(.link(link)) }
        for address in addresses { hear(.address(address)) }
    }

    private func hear(_ notice: Notice) {
        reconcilerHears(notice, at: Clock.boot())
        _ = interfaces.apply(notice)
    }
}

/// What a run of notices changed, so that ports look once.
private struct KernelChanges {
    var links = false
    var interfaces: [Int32] = []

    mutating func add(_ change: InterfaceTable.Change) {
        switch change {
        case .nothing: break
        case .links: links = true
        case .addresses(let index):
            if !interfaces.contains(index) { interfaces.append(index) }
        }
    }
}

// What that means for virtual routers.
extension Engine {
    /// Looks again which interface each port has, and in which state it is.
    func refreshPorts() {
        makeVirtualLinks(at: Clock.boot())
        promoteSecondaries()
        var addresses = InterfaceAddresses()
        for index in ports.indices {
            let link = interfaces.link(named: ports[index].interfaceName)
            attach(index, to: link)
            if let link { fit(index, toMTU: link.mtu) }
            let own =
                ports[index].isUnbound
                ? InterfaceStatus.up : settledStatus(of: ports[index].interfaceName)
            let status = hasVirtualLinks(index) ? own : .missing
            if router.state(of: index) == .master { raiseAgain(index) }
            if status != router.virtualRouters[index].interface {
                if status == .up { linkCameUp(index, at: Clock.boot()) }
                handle(.interface(virtualRouter: index, status), at: Clock.boot())
            }
            refreshSource(index, &addresses)
        }
        fitLanes()
        observeInterfaces()
        setPaces()
        firewall.isStale = true
    }

    func retryVirtualLinks(at now: Instant) {
        if let deadline = virtualLinks.deadline, deadline <= now { refreshPorts() }
    }

    private func attach(_ index: Int, to link: LinkInfo?) {
        let interface = link?.index ?? 0
        if ports[index].isUnbound {
            if ports[index].lane == nil { ports[index].lane = openLane(for: index) }
            return
        }
        guard interface != ports[index].interfaceIndex else { return }
        leaveLane(index)
        ports[index].interfaceIndex = interface
        if interface != 0 { ports[index].lane = openLane(for: index) }
    }

    private func refreshSources(on interface: Int32) {
        var addresses = InterfaceAddresses()
        for index in ports.indices
        where ports[index].interfaceIndex == interface || ports[index].hasNoInterface {
            refreshSource(index, &addresses)
        }
    }

    func refreshSource(_ index: Int, _ addresses: inout InterfaceAddresses) {
        let port = ports[index]
        let source =
            port.interfaceIndex == 0 && !port.isUnbound
            ? nil
            : addresses.source(for: port, interfaces, virtual: virtualAddresses)
        guard source != router.virtualRouters[index].source else { return }
        handle(.source(virtualRouter: index, source), at: Clock.boot())
    }

    /// track_interface: every object that is an interface, as it is now.
    private func observeInterfaces() {
        for (position, object) in configuration.trackedObjects.enumerated() {
            guard let works = works(object) else { continue }
            handle(.tracked(object: position, .working(works)), at: Clock.boot())
        }
    }

    /// Nil for what is not looked at here. keepalived drops addresses on an interface that is not
    /// there at the start; only one that is lost later is a failure.
    private func works(_ object: TrackedObject) -> Bool? {
        switch object {
        case .interface(let name):
            return settledStatus(of: configuration.parent(ofVirtual: name) ?? name) == .up
        case .bfd: return false
        case .device(let named):
            let name = configuration.parent(ofVirtual: named) ?? named
            guard interfaces.link(named: name) != nil else {
                return !knownDevices.contains(name)
            }
            knownDevices.insert(name)
            return settledStatus(of: name) == .up
        case .staticGroup(let name):
            return !failedStatics.contains { configuration.statics.group(of: $0) == name }
        case .script, .file, .process: return nil
        }
    }

    /// track_group: a static item that cannot be had is a failure of the instances in the group.
    func recordStatic(_ key: HoldingKey, works: Bool) {
        guard failedStatics.contains(key) == works, configuration.statics.group(of: key) != nil
        else { return }
        if works { failedStatics.remove(key) } else { failedStatics.insert(key) }
        observeInterfaces()
    }
}

extension Holding {
    /// Whether the kernel drops it with the address: its source, or the way to its gateway.
    fileprivate func dependsOn(_ prefix: Prefix) -> Bool {
        guard case .route(let route, _) = self else { return false }
        if route.preferredSource == prefix.address { return true }
        for hop in route.hops where hop.gateway?.family == prefix.address.family { return true }
        return false
    }
}

/// The addresses of an interface, and the source among them, picked once for all routers in a row
/// that are on it: hundreds of them have hundreds of addresses.
struct InterfaceAddresses {
    private var interface: Int32 = 0
    private var addresses: [AddressInfo] = []
    private var question: SourceQuestion?
    private var answer: IPAddress?

    fileprivate mutating func source(
        for port: Port, _ table: InterfaceTable, virtual: SortedAddresses
    ) -> IPAddress? {
        let asked = SourceQuestion(port)
        if asked == question { return answer }
        question = asked
        answer = SourceSelection.source(
            family: asked.family, configured: asked.configured,
            tracksConfigured: asked.tracksConfigured,
            addresses: asked.interface.map { of($0, table) } ?? table.addresses, virtual: virtual)
        return answer
    }

    private mutating func of(_ interface: Int32, _ table: InterfaceTable) -> [AddressInfo] {
        if interface != self.interface {
            self.interface = interface
            addresses = table.addresses(of: interface)
        }
        return addresses
    }
}

/// All that the source of a router depends on, but for addresses.
private struct SourceQuestion: Hashable {
    let family: Family
    let configured: IPAddress?
    let tracksConfigured: Bool
    /// Nil: any, for a router without an interface.
    let interface: Int32?

    init(_ port: Port) {
        family = port.parameters.family
        configured = port.configuredSource
        tracksConfigured = port.tracksSource
        interface = port.hasNoInterface ? nil : port.interfaceIndex
    }
}
