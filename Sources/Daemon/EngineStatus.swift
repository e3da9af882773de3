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
            ports[index].clearDiscards()
        }
        router.clearCounters()
    }

    func status() -> NodeStatus {
        var instances: [InstanceStatus] = []
        var held = HeldAddresses(of: interfaces)
        while held.indexMore() {}
        for index in ports.indices { instances.append(status(of: index, held)) }
        var node = NodeStatus(
            routerID: configuration.globals.routerID ?? "", instances: instances,
            groups: groupStatuses)
        for index in configuration.scripts.indices where isInUse(script: index) {
            node.scripts.append(scriptStatus(of: index))
        }
        for route in configuration.statics.routes { node.staticRoutes.append(route.dumpText) }
        for rule in configuration.statics.rules { node.staticRules.append(rule.dumpText) }
        return node
    }

    var groupStatuses: [GroupStatus] {
        var groups: [GroupStatus] = []
        let states = router.statesByGroup
        for (index, group) in configuration.plan.groups.enumerated() {
            groups.append(
                GroupStatus(
                    name: group.name, state: states[index] ?? .initialize,
                    members: group.members.map { names.virtualRouter($0) }))
        }
        return groups
    }

    private func status(of index: Int, _ held: HeldAddresses) -> InstanceStatus {
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
        status.hasGivenWay =
            !port.parameters.isOwner && (virtualRouter.master != nil || waitsForScripts(index))
        status.effectivePriority = virtualRouter.effectivePriority
        status.totalPriority = virtualRouter.totalPriority
        status.source = virtualRouter.source
        status.master = virtualRouter.master?.address
        status.masterPriority = virtualRouter.master?.priority ?? 0
        status.masterInterval = virtualRouter.masterAdverInterval
        status.masterDownInterval = virtualRouter.masterDownInterval
        status.lastTransition = port.lastTransition
        status.couldPinHopLimit = port.couldPinHopLimit
        status.counters = InstanceCounters(virtualRouter.counters, discards: port.discards)
        let instance = configuration.instances[index]
        status.sourceIsConfigured = instance.source != nil
        status.isStrict = instance.isStrict
        status.virtualLink = instance.virtualInterface.map { link in
            var isIPVLAN = false
            if case .ipvlan = link.kind { isIPVLAN = true }
            return .init(
                name: link.name, isIPVLAN: isIPVLAN,
                isSentFrom: instance.sendsFromVirtualInterface)
        }
        addAddresses(of: index, to: &status, held)
        addCommands(of: index, to: &status)
        return status
    }

    /// As in keepalived's dumps: what cannot run, or is tracked by nobody, is not there.
    private func isInUse(script index: Int) -> Bool {
        for (position, object) in configuration.trackedObjects.enumerated()
        where object == .script(index) {
            let plan = configuration.plan
            for entries in plan.virtualRouters.map({ $0.tracking })
                + plan.groups.map({ $0.tracking })
            where entries.contains(where: { $0.object == position }) { return true }
        }
        return false
    }

    private func actionText(_ index: Int) -> ByteString {
        guard table.scripts.indices.contains(index), let command = table.scripts[index].command
        else { return configuration.scripts[index].action.text }
        return commandText(command)
    }

    /// Until the first result of each it is out of service.
    func waitsForScripts(_ index: Int) -> Bool {
        for entry in ports[index].parameters.tracking where entry.weight.value == 0 {
            guard configuration.trackedObjects.indices.contains(entry.object) else { continue }
            if case .script = configuration.trackedObjects[entry.object] { return true }
        }
        return false
    }

    private func scriptStatus(of index: Int) -> ScriptStatus {
        let script = configuration.scripts[index]
        var status = ScriptStatus(
            name: script.name, action: actionText(index), interval: script.interval,
            timeout: script.hasTimeout ? script.timeout : .zero, rise: script.rise,
            fall: script.fall, weight: script.weight)
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

    private func addCommands(of index: Int, to status: inout InstanceStatus) {
        if table.instances.indices.contains(index) {
            let commands = table.instances.commands(index)
            status.commands.master = commandText(commands.master)
            status.commands.backup = commandText(commands.backup)
            status.commands.fault = commandText(commands.fault)
            status.commands.stop = commandText(commands.stop)
            status.commands.deleted = commandText(commands.deleted)
            status.commands.any = commandText(commands.any)
            status.commands.lowerPriorityHeard = commandText(commands.lowerPriorityHeard)
        }
        for entry in configuration.plan.virtualRouters[index].tracking {
            guard configuration.trackedObjects.indices.contains(entry.object) else { continue }
            switch configuration.trackedObjects[entry.object] {
            case .interface(let name):
                if !status.trackedInterfaces.contains(name) {
                    status.trackedInterfaces.append(name)
                }
            case .script(let number):
                guard table.scripts.indices.contains(number) else { continue }
                let text = commandText(table.scripts[number].command)
                if !text.isEmpty { status.trackedScripts.append(text) }
            case .file, .process, .device, .staticGroup, .bfd: continue
            }
        }
    }

    /// "'/bin/killall' '-0' 'haproxy'"
    private func commandText(_ command: ResolvedCommand?) -> ByteString {
        guard let command else { return "" }
        if let line = command.shellLine { return line }
        var text: [UInt8] = []
        for word in command.words {
            if !text.isEmpty { text.append(UInt8(ascii: " ")) }
            text += [UInt8(ascii: "'")] + word.bytes + [UInt8(ascii: "'")]
        }
        return ByteString(text)
    }

    private func addAddresses(
        of index: Int, to status: inout InstanceStatus, _ held: HeldAddresses
    ) {
        let instance = configuration.instances[index]
        status.sendsMail = instance.sendsMail
        status.acceptsTraffic = instance.acceptsTraffic
        status.promotesSecondaries = instance.promotesSecondaries
        for address in instance.addresses {
            if ports[index].advertises(address.prefix.address) {
                status.addresses.append(describe(address, instance, held))
            } else {
                status.excludedAddresses.append(describe(address, instance, held))
            }
        }
        status.excludedAddresses += instance.excludedAddresses.map {
            describe($0, instance, held)
        }
        for route in instance.routes { status.routes.append(route.dumpText) }
        for rule in instance.rules { status.rules.append(rule.dumpText) }
    }

    private func broadcastText(_ address: VirtualAddress) -> ByteString? {
        guard case .v4(let own) = address.prefix.address else { return nil }
        let length = UInt32(clamping: address.prefix.length)
        let hostBits: UInt32 = length < 32 ? UInt32.max >> length : 0
        switch address.broadcast {
        case .none: return nil
        case .address(let given): return ByteString("\(given)")
        case .allOnes: return ByteString("\(IPv4Address(own.value | hostBits))")
        case .allZeros: return ByteString("\(IPv4Address(own.value & ~hostBits))")
        }
    }

    private func describe(
        _ address: VirtualAddress, _ instance: Instance, _ held: HeldAddresses
    ) -> InstanceStatus.Address {
        let name = address.interface ?? instance.addressInterface
        var described = InstanceStatus.Address(
            prefix: address.prefix, interface: name, scope: address.scope, label: address.label,
            isSet: held.contains(address.prefix, on: name))
        described.broadcast = broadcastText(address)
        described.parent = instance.allVirtualInterfaces.first { $0.name == name }?.parent
        described.options = address.optionWords
        described.preferredLifetime = address.preferredLifetime
        return described
    }
}

extension ConfiguredRoute {
    var dumpText: ByteString {
        route.dumpText(isTracked: isTracked, weightedHops: weightedHops)
    }
}

extension ConfiguredRule {
    var dumpText: ByteString {
        rule.dumpText(
            isTracked: isTracked, namesAllSources: namesAllSources,
            namesAllDestinations: namesAllDestinations)
    }
}

extension VirtualAddress {
    /// Its flags as the file has them.
    fileprivate var optionWords: [String] {
        var words: [String] = []
        if usesVirtualMAC { words.append("use_vmac") }
        if flags.contains(.home) { words.append("home") }
        if detectsDuplicates { words.append("-nodad") }
        if flags.contains(.managesTemporary) { words.append("mngtmpaddr") }
        if flags.contains(.noPrefixRoute) { words.append("noprefixroute") }
        if flags.contains(.autoJoin) { words.append("autojoin") }
        if !isTracked { words.append("no_track") }
        return words
    }
}
