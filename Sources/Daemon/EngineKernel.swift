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
        case .linkRemoved(let link): reconciler.interfaceGone(link.index)
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
        guard link.isUp, let known = interfaces.link(index: link.index), !known.isUp else { return }
        reconciler.linkCameUp(link.name, at: now)
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

    private func logAddress(_ notice: Notice) {
        guard options.logsAddresses else { return }
        switch notice {
        case .address(let address): log.write(.info, "address \(address.prefix) added or changed")
        case .addressRemoved(let address): log.write(.info, "address \(address.prefix) removed")
        case .link, .linkRemoved, .routeRemoved, .ruleRemoved: break
        }
    }

    /// Now and then, while there is nothing else to do.
    func audit(at now: Instant) {
        guard reconciler.deadline == nil, reconciler.holdsSomething,
            auditSchedule.begins(at: now, next: router.deadline)
        else { return }
        compareWithKernel()
    }

    /// Asks for everything and compares: at the start, after notices were lost, and now and then.
    func compareWithKernel() {
        do throws(SystemError) {
            let links = try requests.links()
            let addresses = try requests.addresses()
            interfaces.replace(links: links, addresses: addresses)
            let notes = reconciler.resynchronise(
                links: links, addresses: addresses, at: Clock.boot())
            for note in notes { tell(note) }
            refreshPorts()
        } catch {
            log.write(.error, "cannot read the kernel's links and addresses: \(error)")
        }
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
            if status != ports[index].status {
                ports[index].status = status
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

    /// A master's link that somebody deleted, and that was just made anew.
    private func raiseAgain(_ index: Int) {
        for (name, link) in ports[index].raised
        where interfaces.link(named: name)?.index != link
            || interfaces.link(index: link)?.isUp == false
        {
            lowerVirtualLinks(index)
            return raiseVirtualLinks(index)
        }
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

    private func refreshSource(_ index: Int, _ addresses: inout InterfaceAddresses) {
        let port = ports[index]
        let source =
            port.interfaceIndex == 0 && !port.isUnbound
            ? nil
            : SourceSelection.source(
                family: port.parameters.family, configured: port.configuredSource,
                tracksConfigured: port.tracksSource,
                addresses: port.hasNoInterface
                    ? interfaces.addresses : addresses.of(port.interfaceIndex, interfaces),
                virtual: virtualAddresses)
        guard source != port.source else { return }
        ports[index].source = source
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
    private func recordStatic(_ key: HoldingKey, works: Bool) {
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

// What ought to be there.
extension Engine {
    /// What an instance holds while it is master.
    func holdings(of index: Int) -> [Holding] {
        guard configuration.instances.indices.contains(index) else { return [] }
        return configuration.instances[index].holdings(isOwner: adopts(index))
    }

    func desiredAddresses(of index: Int) -> [DesiredAddress] {
        guard configuration.instances.indices.contains(index) else { return [] }
        return configuration.instances[index].desiredAddresses(isOwner: adopts(index))
    }

    private func adopts(_ index: Int) -> Bool {
        configuration.plan.virtualRouters[index].isOwner && !ports[index].putAddressesThere
    }

    /// Hears of routes and rules only where there are some of ours.
    func hearRoutes() {
        guard !hearsRoutes, configuration.hasRoutes else { return }
        do throws(SystemError) {
            try notices.hearRoutes(of: Route.keepalivedProtocol)
            hearsRoutes = true
        } catch {
            log.write(.error, "cannot watch routes and rules: \(error)")
        }
    }

    /// static_ipaddress, static_routes and static_rules: wanted by nobody but the daemon.
    func wantStatics(at now: Instant) {
        for holding in configuration.statics.holdings {
            reconciler.want(holding, by: Engine.staticOwner, at: now)
        }
    }

    var hasAddressWork: Bool {
        guard let deadline = reconciler.deadline else { return false }
        return deadline <= Clock.boot()
    }

    /// Brings the kernel one batch nearer to what ought to be, and announces what was confirmed.
    /// Advertisements are on the wire before that.
    func reconcile(at now: Instant) {
        let operations = reconciler.nextBatch(limit: NetlinkRequests.batchLimit, at: now)
        guard !operations.isEmpty else { return }
        batch.flush()
        var changes: [KernelChange] = []
        changes.reserveCapacity(operations.count)
        for operation in operations { changes.append(operation.change) }
        var errors: [Int32] = []
        requests.apply(changes, errors: &errors)
        let done = Clock.boot()
        var learned = LearnedAddresses()
        for (position, operation) in operations.enumerated() {
            let error = errors.indices.contains(position) ? errors[position] : NetlinkErrno.again
            confirm(operation, error, at: done)
            learned.add(operation.change, error)
        }
        learn(learned)
    }

    /// Hundreds of instances move in one turn: what they want goes to the kernel together, as soon
    /// as a batch is full, and then one batch a turn.
    func reconcileEarly(at now: Instant) {
        guard turnOfBatch != turns, !isStopping,
            reconciler.hasReady(NetlinkRequests.batchLimit)
        else { return }
        turnOfBatch = turns
        reconcile(at: now)
    }

    /// The turn's batch, unless it went early.
    func reconcileLate(at now: Instant) {
        guard turnOfBatch != turns else { return }
        turnOfBatch = turns
        reconcile(at: now)
    }

    /// The kernel tells of IPv4 addresses that others added, not of ours.
    private func learn(_ learned: LearnedAddresses) {
        guard !learned.addresses.isEmpty else { return }
        var areVirtual = true
        for address in learned.addresses {
            interfaces.learn(address, isNew: learned.areNew)
            if options.logsAddresses { logAddress(.address(address)) }
            if !virtualAddresses.contains(address.prefix.address) { areVirtual = false }
        }
        if !areVirtual { readAddresses() }
        for index in ports.indices where ports[index].tracksSource || !areVirtual {
            var addresses = InterfaceAddresses()
            refreshSource(index, &addresses)
        }
    }

    /// Whether static addresses are primary or secondary, the kernel knows: a source is chosen by
    /// that.
    private func readAddresses() {
        do throws(SystemError) {
            interfaces.replace(links: interfaces.links, addresses: try requests.addresses())
        } catch {
            log.write(.error, "cannot read the kernel's addresses: \(error)")
        }
    }

    private func confirm(_ operation: HoldingOperation, _ error: Int32, at now: Instant) {
        let key = operation.key
        let outcome = reconciler.confirm(operation, errno: error, at: now)
        if outcome == .adopted { recordAdoption(of: key, at: now) }
        defer { recordStatic(key, works: outcome.isGood) }
        switch outcome {
        case .added, .adopted, .stillThere:
            guard let address = key.address else { return }
            if let count = owedAnnouncements.removeValue(forKey: address) {
                schedule(address, count)
            }
        case .repaired:
            guard let address = key.address else { return }
            owedAnnouncements[address] = nil
            schedule(address, 1)
        case .removed, .superseded: break
        case .failed(let code, let retry):
            let text = SystemError.text(code)
            log.write(
                .error,
                "cannot change \(key): \(text);"
                    + " again in \((retry - now).nanoseconds / 1_000_000_000) s")
        }
    }

    /// A successor must know that the address is not ours to remove.
    private func recordAdoption(of key: HoldingKey, at now: Instant) {
        let wanting = reconciler.routers(wanting: key)
        for index in ports.indices where wanting.contains(ports[index].identity) {
            ports[index].hasAdopted = true
            publish(index, isMaster: router.state(of: index) == .master, at: now)
        }
    }
}

/// What a batch added, as the kernel would tell of it.
private struct LearnedAddresses {
    private(set) var addresses: [AddressInfo] = []
    /// None of them was there before.
    private(set) var areNew = true

    mutating func add(_ change: KernelChange, _ error: Int32) {
        guard case .add(let spec) = change, spec.prefix.address.family == .ipv4,
            error == 0 || error == NetlinkErrno.exists
        else { return }
        if error != 0 { areNew = false }
        var address = AddressInfo(interfaceIndex: spec.interfaceIndex, prefix: spec.prefix)
        address.peer = spec.peer
        address.scope = spec.scope
        address.flags = spec.flags.union(.permanent)
        address.label = spec.label
        address.proto = spec.proto
        addresses.append(address)
    }
}

/// The addresses of an interface, picked once for all routers in a row that are on it: hundreds of
/// them have hundreds of addresses.
private struct InterfaceAddresses {
    private var interface: Int32 = 0
    private var addresses: [AddressInfo] = []

    mutating func of(_ interface: Int32, _ table: InterfaceTable) -> [AddressInfo] {
        if interface != self.interface {
            self.interface = interface
            addresses = table.addresses(of: interface)
        }
        return addresses
    }
}
