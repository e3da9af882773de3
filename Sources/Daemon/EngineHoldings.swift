import Config
import Linux
import Net
import VRRP

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
        address.proto = spec.proto
        addresses.append(address)
    }
}
