import Config
import Control
import Linux
import Net
import VRRP

// What is asked of the engine: its state as a value, and the files that signals want.
extension Engine {
    func dump(_ kind: DumpKind) {
        let status = status()
        let text =
            switch kind {
            case .data: status.dataText()
            case .statistics, .statisticsAndClear: status.statisticsText()
            case .json: status.jsonText()
            }
        if kind == .statisticsAndClear { clearCounters() }
        do throws(SystemError) {
            let file = try MemoryFile.create("dump", text)
            if !channel.send(EngineMessage.dump(kind).encode(), descriptor: file.rawValue) {
                log.write(.warning, "the keeper takes no messages")
            }
        } catch {
            log.write(.error, "cannot write a dump: \(error)")
        }
    }

    private func clearCounters() {
        for index in ports.indices {
            ports[index].discards = [UInt64](repeating: 0, count: Discard.allCases.count)
        }
        router.clearCounters()
    }

    func status() -> NodeStatus {
        var instances: [InstanceStatus] = []
        for index in ports.indices { instances.append(status(of: index)) }
        var groups: [GroupStatus] = []
        for (index, group) in configuration.plan.groups.enumerated() {
            groups.append(
                GroupStatus(
                    name: group.name, state: router.state(ofGroup: index),
                    members: group.members.map { names.virtualRouters[$0] }))
        }
        var node = NodeStatus(
            routerID: configuration.globals.routerID ?? "", instances: instances, groups: groups)
        for index in configuration.scripts.indices { node.scripts.append(scriptStatus(of: index)) }
        return node
    }

    private func status(of index: Int) -> InstanceStatus {
        let port = ports[index]
        let virtualRouter = router.virtualRouters[index]
        var status = InstanceStatus(
            parameters: port.parameters, interface: port.interfaceName)
        status.state = router.state(of: index)
        status.reason = ByteString(virtualRouter.reason?.text(names) ?? "not started")
        for fault in router.faultReasons(of: index) {
            status.faults.append(ByteString(fault.text(names)))
        }
        status.group = groupName(of: index)
        status.effectivePriority = virtualRouter.effectivePriority
        status.totalPriority = virtualRouter.totalPriority
        status.source = port.source
        status.master = virtualRouter.master?.address
        status.masterPriority = virtualRouter.master?.priority ?? 0
        status.masterInterval = virtualRouter.masterAdverInterval
        status.masterDownInterval = virtualRouter.masterDownInterval
        status.lastTransition = port.lastTransition
        status.couldPinHopLimit = port.couldPinHopLimit
        status.counters = InstanceCounters(virtualRouter.counters, discards: port.discards)
        addAddresses(of: index, to: &status)
        return status
    }

    private func scriptStatus(of index: Int) -> ScriptStatus {
        let script = configuration.scripts[index]
        var status = ScriptStatus(
            name: script.name, action: script.action.text, interval: script.interval,
            timeout: script.timeout, rise: script.rise, fall: script.fall, weight: script.weight)
        for (position, object) in configuration.trackedObjects.enumerated()
        where object == .script(index) {
            status.state = router.state(ofObject: position)
        }
        guard scriptReports.indices.contains(index), let report = scriptReports[index] else {
            return status
        }
        status.outcome = report.outcome
        status.duration = report.duration
        status.output = report.output
        return status
    }

    private func groupName(of index: Int) -> ByteString? {
        for group in configuration.plan.groups where group.members.contains(index) {
            return group.name
        }
        return nil
    }

    private func addAddresses(of index: Int, to status: inout InstanceStatus) {
        let instance = configuration.instances[index]
        status.sendsMail = instance.sendsMail
        status.addresses = instance.addresses.map { describe($0, instance) }
        status.excludedAddresses = instance.excludedAddresses.map { describe($0, instance) }
    }

    private func describe(
        _ address: VirtualAddress, _ instance: Instance
    ) -> InstanceStatus.Address {
        let name = address.interface ?? instance.addressInterface
        let link = interfaces.link(named: name)
        let isSet = link.map { interfaces.holds(address.prefix, on: $0.index) } ?? false
        return InstanceStatus.Address(
            prefix: address.prefix, interface: name, scope: address.scope, label: address.label,
            isSet: isSet)
    }
}
