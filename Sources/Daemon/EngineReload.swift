import Config
import Control
import Linux
import Net
import VRRP

// A reload is a value swapped for a value (design: the keeper has refused bad texts already).
extension Engine {
    func reload(to new: Configuration, _ bundle: Bundle) {
        // Until it is through, a successor can go on with neither table.
        slots.publish(generation: 0)
        let old = configuration
        let mapping = ReloadMapping(from: old, to: new)
        let now = Clock.boot()
        router.retire(mapping.removed, at: now, into: &effects)
        perform(at: now)
        tellDeleted(mapping.removed)
        for index in mapping.removed {
            leaveLane(index)
            lowerVirtualLinks(index)
        }
        swap(to: new, bundle.table, mapping, at: now)
        removeVirtualLinks(old.virtualLinkNames.subtracting(new.virtualLinkNames))
        virtualLinks.forget(except: new.virtualLinkNames)
        refreshPorts()
        // Not earlier: another link may have come in the place of the one that went.
        releaseParents()
        hearRoutes()
        handle(.start, at: now)
        settleVirtualLinks()
        replaceFirewall(old)
        adjustAddresses(from: old, mapping, at: now)
        slots.publish(generation: table.generation)
        log.write(.notice, "configuration reloaded")
        tell(.running(generation: table.generation))
        tidyUp.ask(at: now)
    }

    /// Ports go along with their virtual routers; sockets stay open where they are still used.
    private func swap(
        to new: Configuration, _ table: KeeperTable, _ mapping: ReloadMapping, at now: Instant
    ) {
        let oldPorts = ports
        for index in ports.indices where !mapping.removed.contains(index) { detach(index) }
        self.table = table.withoutHandovers
        configuration = new
        names = new.names
        Process.setName(new.globals.process.engineName)
        quietLog.forget()
        scriptReports = []
        ports = []
        ports.reserveCapacity(new.instances.count)
        for (index, instance) in new.instances.enumerated() {
            nextIdentity += 1
            var port = Port(
                identity: nextIdentity, new.plan.virtualRouters.reference(at: index), of: instance)
            if let previous = mapping.virtualRouters[index] { port.take(from: oldPorts[previous]) }
            ports.append(port)
        }
        reattach()
        virtualAddresses = new.virtualAddresses
        router.reconfigure(
            new.plan, virtualRouterMapping: mapping.virtualRouters,
            objectMapping: mapping.objects, at: now, into: &effects)
        perform(at: now)
        republish(at: now)
        shortestMasterDown = nil
    }

    private func detach(_ index: Int) {
        for lane in [ports[index].lane, ports[index].linkLane] {
            guard let lane else { continue }
            lanes[lane]?.remove(index, ports[index].parameters.vrid)
        }
    }

    private func reattach() {
        for index in ports.indices
        where ports[index].interfaceIndex != 0 || ports[index].isUnbound {
            ports[index].lane = openLane(for: index)
        }
        closeUnusedLanes()
        fitLanes()
    }

    private func republish(at now: Instant) {
        for index in ports.indices {
            slots.publish(index, number: ports[index].freshness.last)
            publish(index, isMaster: router.state(of: index) == .master, at: now)
            publishWait(index)
        }
    }

    /// A master's addresses by difference: what is new comes and is announced, what is gone goes.
    private func adjustAddresses(
        from old: Configuration, _ mapping: ReloadMapping, at now: Instant
    ) {
        for index in ports.indices where router.state(of: index) == .master {
            guard let previous = mapping.virtualRouters[index],
                !holdsTheSame(index, as: old, previous)
            else { continue }
            let interval = extraInterval(of: index)
            setNextExtra(index, to: interval.map { ports[index].nextExtra ?? (now + $0) })
            let before = old.instances[previous].holdings(
                isOwner: old.plan.virtualRouters[previous].isOwner)
            let count = ports[index].parameters.announcements.count
            let owner = ports[index].identity
            exchange(before, for: holdings(of: index), of: owner, announcing: count, at: now)
        }
        exchange(
            old.statics.holdings, for: configuration.statics.holdings, of: Engine.staticOwner,
            announcing: 0, at: now)
    }

    /// An owner's are looked at in any case: whether it found or added them counts too.
    private func holdsTheSame(_ index: Int, as old: Configuration, _ previous: Int) -> Bool {
        guard !old.plan.virtualRouters[previous].isOwner,
            !configuration.plan.virtualRouters[index].isOwner
        else { return false }
        return old.instances[previous].isSame(as: configuration.instances[index])
    }

    /// What only changed its attributes is wanted anew, not unwanted before.
    private func exchange(
        _ before: [Holding], for after: [Holding], of owner: Int, announcing count: Int,
        at now: Instant
    ) {
        let kept = Set(after.map { $0.key })
        for key in before.map({ $0.key }).inRemovalOrder where !kept.contains(key) {
            if let address = key.address { forgetAnnouncements(of: address) }
            reconciler.unwant(key, by: owner, at: now)
        }
        let known = Set(before)
        for holding in after where !known.contains(holding) {
            reconciler.want(holding, by: owner, at: now)
            if let address = holding.address, count > 0 { owedAnnouncements[address.key] = count }
        }
    }

    private func tellDeleted(_ removed: [Int]) {
        for index in removed where ports.indices.contains(index) {
            log.write(.notice, about: ports[index].parameters.name, "removed by the reload")
        }
    }
}
