import Config
import Control
import Linux
import Net
import VRRP

// A reload is a value swapped for a value (design: the keeper has refused bad texts already).
extension Engine {
    func reload(_ descriptor: Descriptor?) {
        guard let bundle = readBundle(descriptor) else {
            log.write(.error, "the new configuration could not be read: the old one runs on")
            return
        }
        let old = configuration
        let new = Engine.configuration(of: bundle, options)
        let mapping = ReloadMapping(from: old, to: new)
        let now = Clock.boot()
        router.retire(mapping.removed, at: now, into: &effects)
        perform(at: now)
        tellDeleted(mapping.removed)
        for index in mapping.removed { leaveLane(index) }
        swap(to: new, bundle, mapping, at: now)
        refreshPorts()
        handle(.start, at: now)
        adjustAddresses(from: old, mapping, at: now)
        slots.publish(generation: bundle.table.generation)
        log.write(.notice, "configuration reloaded")
        tell(.running(generation: bundle.table.generation))
        Memory.releaseStart()
    }

    private func readBundle(_ descriptor: Descriptor?) -> Bundle? {
        guard let descriptor else { return nil }
        do throws(SystemError) {
            let bytes = try MemoryFile.read(descriptor)
            do throws(DecodingError) { return try Bundle(bytes) } catch { return nil }
        } catch {
            return nil
        }
    }

    /// Ports go along with their virtual routers; sockets stay open where they are still used.
    private func swap(
        to new: Configuration, _ bundle: Bundle, _ mapping: ReloadMapping, at now: Instant
    ) {
        let oldPorts = ports
        for index in ports.indices where !mapping.removed.contains(index) { detach(index) }
        self.bundle = bundle
        configuration = new
        names = new.names
        ports = []
        for (index, instance) in new.instances.enumerated() {
            nextIdentity += 1
            var port = Port(
                identity: nextIdentity, new.plan.virtualRouters[index],
                interface: instance.interface,
                source: instance.source)
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
    }

    private func detach(_ index: Int) {
        guard let lane = ports[index].lane else { return }
        lanes[lane]?.virtualRouters[Int(ports[index].parameters.vrid)] = -1
    }

    private func reattach() {
        for index in ports.indices where ports[index].interfaceIndex != 0 {
            ports[index].lane = openLane(for: index)
            ports[index].prepare()
        }
        closeUnusedLanes()
    }

    private func republish(at now: Instant) {
        for index in ports.indices {
            publish(index, isMaster: router.state(of: index) == .master, at: now)
        }
    }

    /// A master's addresses by difference: what is new comes and is announced, what is gone goes.
    private func adjustAddresses(
        from old: Configuration, _ mapping: ReloadMapping, at now: Instant
    ) {
        for index in ports.indices where router.state(of: index) == .master {
            guard let previous = mapping.virtualRouters[index] else { continue }
            let before = old.instances[previous].desiredAddresses(
                isOwner: old.plan.virtualRouters[previous].isOwner)
            let after = desiredAddresses(of: index)
            for desired in before where !after.contains(desired) {
                forgetAnnouncements(of: desired.key)
                reconciler.unwant(desired.key, by: ports[index].identity, at: now)
            }
            for desired in after where !before.contains(desired) {
                reconciler.want(desired, by: ports[index].identity, at: now)
                owedAnnouncements[desired.key] = ports[index].parameters.announcements.count
            }
        }
    }

    private func tellDeleted(_ removed: [Int]) {
        for index in removed where ports.indices.contains(index) {
            log.write(.notice, about: ports[index].parameters.name, "removed by the reload")
        }
    }
}
