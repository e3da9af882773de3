import Config
import Control
import Linux
import Net
import VRRP

/// A report for the keeper that is being written, a little each turn.
struct Reporting {
    /// By which the keeper knows it.
    let number: UInt32
    /// Of this instance only.
    let instance: ByteString?
    let generation: UInt32
    let file: Descriptor
    /// Position of each instance's group; -1: none.
    let groups: [Int32]
    /// What the kernel held when the report was begun.
    var held: HeldAddresses
    /// Position of the next instance.
    var next = 0
    /// Position of its next address; nil: what comes before them is not written.
    var nextAddress: Int?

    /// The longest that an advertisement may have to wait for it.
    static let patience = Interval.microseconds(200)
}

// What the control socket's clients are told: written to a memory file between two turns, and put
// into words by others.
extension Engine {
    func beginReport(_ number: UInt32, of instance: ByteString?) {
        // The keeper is impatient.
        if reporting?.number == number { return }
        do throws(SystemError) {
            let file = try MemoryFile.createEmpty("report")
            var writer = ByteWriter()
            reportHead(at: Clock.boot()).encodeHead(into: &writer)
            try MemoryFile.write(writer.bytes, to: file.rawValue)
            reporting = Reporting(
                number: number, instance: instance, generation: table.generation, file: file,
                groups: groupPositions, held: HeldAddresses(of: interfaces))
        } catch {
            log.write(.error, "cannot write a report: \(error)")
        }
    }

    func reportOn() {
        guard var report = reporting.take(), !isStopping else { return }
        // What is due goes out first.
        batch.flush()
        guard report.generation == table.generation else {
            return beginReport(report.number, of: report.instance)
        }
        do throws(SystemError) {
            if try writePart(&report) {
                let message = EngineMessage.report(number: report.number).encode()
                // A keeper that has no room for it asks again.
                _ = channel.send(message, descriptor: report.file.rawValue)
                tidyUp.ask(at: Clock.boot())
            } else {
                reporting = report
            }
        } catch {
            log.write(.error, "cannot write a report: \(error)")
        }
    }

    /// Returns whether that was the last part.
    private func writePart(_ report: inout Reporting) throws(SystemError) -> Bool {
        var writer = ByteWriter()
        let end = Clock.boot() + Reporting.patience
        var isWhole = false
        repeat { isWhole = !writeMore(of: &report, &writer) } while !isWhole && Clock.boot() < end
        try MemoryFile.write(writer.bytes, to: report.file.rawValue)
        return isWhole
    }

    /// The least that can be written at once. False: there is nothing more.
    private func writeMore(of report: inout Reporting, _ writer: inout ByteWriter) -> Bool {
        if report.held.indexMore() { return true }
        let index = report.next
        guard index < ports.count else { return false }
        let instance = configuration.instances[index]
        let count = instance.addresses.count + instance.excludedAddresses.count
        switch report.nextAddress {
        case nil where report.instance.map { $0 != ports[index].parameters.name } ?? false:
            report.next += 1
        case nil:
            self.report(of: index, in: report.groups, at: Clock.boot())
                .encodeHead(into: &writer, addresses: count)
            report.nextAddress = 0
        case let position? where position < count:
            address(position, of: index, report.held).encode(into: &writer)
            report.nextAddress = position + 1
        case _?:
            report.next += 1
            report.nextAddress = nil
        }
        return true
    }

    private func reportHead(at now: Instant) -> EngineReport {
        var report = EngineReport()
        report.routerID = configuration.globals.routerID ?? ""
        report.startupDelayLeft = left(of: router.startupDelayEnd, at: now)
        report.preemptionPause = left(of: preemptsFrom, at: now)
        report.groups = groupStatuses
        return report
    }

    private func left(of end: Instant?, at now: Instant) -> Interval? {
        guard let end, end > now else { return nil }
        return end - now
    }

    /// Without its addresses.
    private func report(
        of index: Int, in groups: [Int32], at now: Instant
    ) -> InstanceReport {
        let port = ports[index]
        let parameters = port.parameters
        let instance = configuration.instances[index]
        let virtualRouter = router.virtualRouters[index]
        var report = InstanceReport(
            name: parameters.name, interface: instance.interface, vrid: parameters.vrid)
        report.group = groups[index] < 0 ? nil : Int(groups[index])
        if instance.sendsFromVirtualInterface {
            report.virtualLink = instance.virtualInterface?.name
        }
        report.link = virtualRouter.interface
        report.version = parameters.version
        report.family = parameters.family
        report.state = router.state(of: index)
        report.age = now - virtualRouter.since
        report.reason = virtualRouter.reason.map { ByteString($0.text(names)) } ?? ""
        for fault in router.faultReasons(of: index) where !isWaiting(for: fault) {
            report.faults.append(ByteString(fault.text(names)))
        }
        addPriority(of: index, to: &report, at: now)
        addMaster(virtualRouter, to: &report, at: now)
        report.returnsAsMaster = returnsAsMaster(index, report.group)
        report.couldPinHopLimit = port.couldPinHopLimit
        report.rejections = quietLog.rejections(of: index)
        report.differingList = virtualRouter.differingList
        report.counters = InstanceCounters(virtualRouter.counters, discards: port.discards)
        return report
    }

    private func isWaiting(for fault: FaultReason) -> Bool {
        guard case .trackedObject(let object) = fault else { return false }
        return router.state(ofObject: object) == .unknown
    }

    private var groupPositions: [Int32] {
        var positions = [Int32](repeating: -1, count: ports.count)
        for (position, group) in configuration.plan.groups.enumerated() {
            for member in group.members { positions[member] = Int32(clamping: position) }
        }
        return positions
    }

    /// Owners do not wait where all of their group are.
    private func returnsAsMaster(_ index: Int, _ group: Int?) -> Bool {
        let members = group.map { configuration.plan.groups[$0].members } ?? [index]
        return members.allSatisfy { member in
            let virtualRouter = router.virtualRouters[member]
            return virtualRouter.parameters.startsAsMaster
                && virtualRouter.effectivePriority == 255
        }
    }

    private func addPriority(of index: Int, to report: inout InstanceReport, at now: Instant) {
        let virtualRouter = router.virtualRouters[index]
        report.priority = virtualRouter.parameters.priority
        report.effectivePriority = virtualRouter.effectivePriority
        report.totalPriority = virtualRouter.totalPriority
        for share in router.shares(of: index) {
            var told = InstanceReport.Share(
                name: names.object(share.object), state: share.state, effect: share.effect,
                effectIfWorking: share.effectIfWorking)
            told.age = share.since.map { now - $0 }
            told.outcome = outcome(of: share.object)
            report.shares.append(told)
            if share.effect == .wait { report.awaited.append(told.name) }
        }
        report.preempts = virtualRouter.parameters.preempts
        report.preemptDelay = virtualRouter.parameters.preemptDelay
        report.preemptDelayLeft = left(of: virtualRouter.preemptDelayEnd, at: now)
        report.isWaitingForGroup = virtualRouter.isWaitingForGroup
    }

    private func outcome(of object: Int) -> ByteString {
        guard configuration.trackedObjects.indices.contains(object),
            case .script(let script) = configuration.trackedObjects[object],
            scriptReports.indices.contains(script)
        else { return "" }
        return scriptReports[script]?.outcome ?? ""
    }

    private func addMaster(
        _ virtualRouter: VirtualRouter, to report: inout InstanceReport, at now: Instant
    ) {
        report.source = virtualRouter.source
        report.master = virtualRouter.master?.address
        report.masterPriority = virtualRouter.master?.priority ?? 0
        report.heard = virtualRouter.lastHeard.map { max(now - $0, .zero) }
        report.sent = virtualRouter.lastSent.map { max(now - $0, .zero) }
        report.next = left(of: virtualRouter.adverDeadline, at: now)
        report.interval = virtualRouter.parameters.advertisementInterval
        report.masterInterval = virtualRouter.masterAdverInterval
        report.downCount = virtualRouter.parameters.downTimerAdvertisements
        report.skewTime = virtualRouter.skewTime
        report.masterDownInterval = virtualRouter.masterDownInterval
        report.takeOver = left(of: virtualRouter.masterDownDeadline, at: now)
    }

    private func address(
        _ position: Int, of index: Int, _ held: HeldAddresses
    ) -> InstanceReport.Address {
        let instance = configuration.instances[index]
        let count = instance.addresses.count
        let isExcluded = position >= count
        let address =
            isExcluded
            ? instance.excludedAddresses[position - count] : instance.addresses[position]
        let name = address.interface ?? instance.addressInterface
        return InstanceReport.Address(
            prefix: address.prefix, interface: name,
            isExcluded: isExcluded || !ports[index].advertises(address.prefix.address),
            isHeld: held.contains(address.prefix, on: name))
    }
}

extension QuietLog {
    /// Whose packets were not accepted by a virtual router within the last minute or two: the
    /// first few.
    func rejections(of virtualRouter: Int) -> [InstanceReport.Rejection] {
        var rejections: [InstanceReport.Rejection] = []
        for topic in topics where topic.virtualRouter == virtualRouter && rejections.count < 8 {
            if topic.kind == QuietLog.sameAddress {
                rejections.append(.init(source: topic.source, reason: .ourOwn))
            } else if let discard = Discard(rawValue: UInt8(clamping: topic.kind)) {
                rejections.append(.init(source: topic.source, reason: .discarded(discard)))
            }
        }
        return rejections
    }
}
