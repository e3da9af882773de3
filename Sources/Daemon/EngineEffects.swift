import Config
import Control
import Linux
import Net
import VRRP

// The one place that acts on what the core wants.
extension Engine {
    /// Performs the effects in their order. Where routers become master or resign their
    /// advertisements are on the wire before anything else is done: every other router waits for
    /// them.
    func perform(at now: Instant) {
        let isUrgent = effects.contains { $0.isUrgent }
        if isUrgent {
            for effect in effects where effect.isAdvertisement { perform(effect, at: now) }
            batch.flush()
        }
        for effect in effects where !(isUrgent && effect.isAdvertisement) {
            perform(effect, at: now)
        }
        // Memory is kept for what is usual, and not for thousands at once.
        effects.removeAll(keepingCapacity: effects.count <= 512)
    }

    private func perform(_ effect: Effect, at now: Instant) {
        switch effect {
        case .sendAdvertisement(let index, let priority): send(index, priority)
        case .addAddresses(let index): addAddresses(index, at: now)
        case .removeAddresses(let index): removeAddresses(index, at: now)
        case .announce(let index, let count): announce(index, count)
        case .transition(let index, let from, let to, let reason):
            transition(index, from, to, reason)
        case .groupTransition(let group, let to): groupTransition(group, to)
        case .note(let index, let note): remark(index, note)
        }
    }

    private func send(_ index: Int, _ priority: UInt8) {
        guard ports.indices.contains(index) else { return }
        if priority > 0 { raiseVirtualLinks(index) }
        guard let (socket, interface) = sender(of: index) else { return }
        let number = ports[index].parameters.nextNumber(
            &ports[index].freshness, at: Clock.realTime())
        if let number { slots.publish(index, number: number) }
        switch ports[index].parameters.transport {
        case .multicast(let group):
            send(index, priority, number, to: group, through: socket, on: interface)
        case .unicast(let peers):
            for peer in peers where peer != router.virtualRouters[index].source {
                send(index, priority, number, to: peer, through: socket, on: interface)
            }
        }
    }

    private func send(
        _ index: Int, _ priority: UInt8, _ number: UInt64?, to destination: IPAddress,
        through socket: VRRPSocket, on interface: Int32?
    ) {
        guard let source = router.virtualRouters[index].source else { return }
        outgoing.prepare(
            ports[index].expectation, from: source, to: destination,
            usesOldChecksum: ports[index].usesOldChecksum, priority: priority)
        if let number { outgoing.sign(number, digest) }
        batch.append(
            outgoing.bytes, through: socket, on: interface, from: source, to: destination,
            hopLimit: outgoing.hopLimit)
    }

    /// The socket to send through, and the interface where it is not the socket's own.
    private func sender(of index: Int) -> (VRRPSocket, Int32?)? {
        if let name = ports[index].sendsThrough {
            guard let link = ports[index].raised[name],
                let socket = linkSender(ports[index].parameters.family)
            else { return nil }
            return (socket, link)
        }
        guard let lane = ports[index].lane, let socket = lanes[lane]?.socket else { return nil }
        return (socket, nil)
    }

    private func linkSender(_ family: Family) -> VRRPSocket? {
        if let socket = linkSenders[family] { return socket }
        do throws(SystemError) {
            let socket = try VRRPSocket(senderFor: family)
            linkSenders[family] = socket
            return socket
        } catch {
            log.write(.error, "cannot open a socket to send with: \(error)")
            return nil
        }
    }

    /// The addresses are asked for when the turn ends, or when a batch of them is full.
    private func addAddresses(_ index: Int, at now: Instant) {
        setNextExtra(index, to: extraInterval(of: index).map { now + $0 })
        publish(index, isMaster: true, at: now)
        raiseVirtualLinks(index)
        block(index)
        let holdings = holdings(of: index)
        reconciler.makeRoom(for: holdings.count)
        for holding in holdings {
            reconciler.want(holding, by: ports[index].identity, at: now)
            reconcileEarly(at: now)
        }
    }

    private func removeAddresses(_ index: Int, at now: Instant) {
        setNextExtra(index, to: nil)
        for desired in desiredAddresses(of: index) { forgetAnnouncements(of: desired.key) }
        if !(options.keepsAddresses && isStopping) {
            reconciler.unwantAll(
                by: ports[index].identity, known: holdings(of: index).map { $0.key }, at: now)
            reconcileEarly(at: now)
            // At the end they are deleted, all at once.
            if !isStopping { virtualLinks.toLower.append(ports[index].identity) }
            firewall.isStale = true
        }
        publish(index, isMaster: false, at: now)
    }

    func forgetAnnouncements(of key: AddressKey) {
        owedAnnouncements[key] = nil
        guard let link = interfaces.link(named: key.interface) else { return }
        announcer.cancel(key.prefix.address, on: link.index)
    }

    func publish(_ index: Int, isMaster: Bool, at now: Instant) {
        if isMaster {
            ports[index].cameBack = cameBack(index)
        } else {
            ports[index].cameBack = false
            ports[index].hasAdopted = false
            ports[index].putAddressesThere = false
        }
        var state = PublishedState(
            isMaster: isMaster, since: now, source: router.virtualRouters[index].source)
        state.cameBack = ports[index].cameBack
        state.hasAdopted = ports[index].hasAdopted
        slots.publish(index, state)
    }

    /// A successor counts on from there.
    func publishWait(_ index: Int) {
        guard ports.indices.contains(index) else { return }
        slots.publish(index, masterDown: router.virtualRouters[index].masterDownDeadline)
    }

    func publishWaits() {
        for index in ports.indices { publishWait(index) }
    }

    /// After a hand-over, what came back by silence or because the other gave it away is nobody
    /// else's.
    private func cameBack(_ index: Int) -> Bool {
        guard let reason = router.virtualRouters[index].reason, reason.isNobodyElses else {
            return ports[index].cameBack
        }
        return preemptsFrom != nil
    }

    /// What the kernel has not confirmed yet is announced when it does.
    private func announce(_ index: Int, _ count: Int) {
        for desired in desiredAddresses(of: index) {
            if reconciler.isHeld(.address(desired.key)) {
                schedule(desired.key, count)
            } else {
                owedAnnouncements[desired.key, default: 0] += count
            }
        }
    }

    private func transition(
        _ index: Int, _ from: StateName, _ to: StateName, _ reason: TransitionReason
    ) {
        guard ports.indices.contains(index) else { return }
        shortestMasterDown = nil
        publishWait(index)
        let name = ports[index].parameters.name
        let text = reason.text(names)
        log.write(.notice, about: name, "Entering \(to.word) STATE (\(text))")
        ports[index].lastTransition = Clock.realTime() / 1_000
        tidyUp.ask(at: Clock.boot())
        if to == .master { nameDeafness(index, reason) }
        if from == .fault || from == .initialize && waitsForScripts(index) {
            announceSource(index)
        }
        guard let state = toldState(of: index, from, to, reason) else { return }
        notify(
            Notification(
                generation: table.generation, isGroup: false, subject: index,
                state: state, previous: from == .initialize ? nil : NotifiedState(from),
                priority: router.virtualRouters[index].effectivePriority, reason: ByteString(text)))
    }

    /// Who is removed by a reload is DELETED with notify_deleted, else in FAULT, of which the world
    /// hears once.
    private func toldState(
        of index: Int, _ from: StateName, _ to: StateName, _ reason: TransitionReason
    ) -> NotifiedState? {
        guard reason == .reconfigured, to == .initialize else { return NotifiedState(to) }
        if configuration.instances[index].notify.tellsDeleted { return .deleted }
        return from == .fault ? nil : .fault
    }

    private func groupTransition(_ group: Int, _ to: StateName) {
        guard configuration.groups.indices.contains(group) else { return }
        let name = configuration.groups[group].name
        log.write(.notice, about: name, "VRRP group entering \(to.word) state")
        notify(
            Notification(
                generation: table.generation, isGroup: true, subject: group,
                state: NotifiedState(to), previous: nil, priority: 0, reason: ""))
    }

    private func remark(_ index: Int, _ note: Note) {
        guard ports.indices.contains(index) else { return }
        shortestMasterDown = nil
        switch note {
        case .lowerPriorityHeard(_, let source):
            writeQuietly(note, QuietLog.lowerPriority, source, index, .info)
        case .sameAddressHeard(let source):
            writeQuietly(note, QuietLog.sameAddress, source, index, .warning)
        case .addressListDiffers(let source):
            writeQuietly(note, QuietLog.addressList, source, index, .warning)
        case .intervalDiffers(_, let source):
            writeQuietly(note, QuietLog.interval, source, index, .info)
        case .ownershipYielded, .timerLate:
            log.write(.warning, about: ports[index].parameters.name, note.text(names))
        case .priorityChanged, .preemptDelayStarted, .trackedObject:
            log.write(.info, about: ports[index].parameters.name, note.text(names))
        }
        guard let state = toldRemark(of: index, note) else { return }
        notify(
            Notification(
                generation: table.generation, isGroup: false, subject: index,
                state: state, previous: nil,
                priority: router.virtualRouters[index].effectivePriority, reason: ""))
    }

    private func toldRemark(of index: Int, _ note: Note) -> NotifiedState? {
        let state = router.state(of: index)
        switch note {
        case .lowerPriorityHeard: return state == .master ? .lowerPriorityHeard : nil
        case .priorityChanged:
            guard configuration.instances[index].notify.tellsPriorities else { return nil }
            return state == .master ? .masterPriority : state == .backup ? .backupPriority : nil
        case .ownershipYielded, .sameAddressHeard, .addressListDiffers, .intervalDiffers,
            .preemptDelayStarted,
            .trackedObject, .timerLate:
            return nil
        }
    }

    func notify(_ notification: Notification) {
        tell(.notify(notification))
    }
}

extension Effect {
    fileprivate var isAdvertisement: Bool {
        if case .sendAdvertisement = self { true } else { false }
    }

    /// Others wait for what this router says.
    fileprivate var isUrgent: Bool {
        switch self {
        case .addAddresses, .sendAdvertisement(virtualRouter: _, priority: 0): true
        case .sendAdvertisement, .removeAddresses, .announce, .transition, .groupTransition, .note:
            false
        }
    }
}

extension TransitionReason {
    /// Who became master for this reason took it from nobody.
    fileprivate var isNobodyElses: Bool {
        switch self {
        case .silence, .masterResigned: true
        case .started, .resumed, .startedAsOwner, .preemption, .higherPriority, .higherAddress,
            .stalled, .fault, .faultCleared, .group, .reconfigured, .stopped:
            false
        }
    }
}

extension NotifiedState {
    init(_ state: StateName) {
        switch state {
        case .master: self = .master
        case .backup: self = .backup
        case .fault: self = .fault
        case .initialize: self = .stop
        }
    }
}
