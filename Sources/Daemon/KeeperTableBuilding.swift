import Config
import Linux
import Net
import VRRP

extension KeeperTable {
    /// Draws from a configuration what the keeper needs. `resolve` finds a command's program, user
    /// and group; nil where it must not or cannot run.
    init(
        _ configuration: Configuration, generation: UInt32,
        resolve: (Command) -> ResolvedCommand?
    ) {
        self.generation = generation
        for script in configuration.scripts {
            scripts.append(
                ScriptEntry(
                    name: script.name, command: script.command.flatMap(resolve),
                    check: script.builtIn, interval: script.interval, timeout: script.timeout))
        }
        files = configuration.files.map { FileEntry($0) }
        processes = configuration.processes.map { ProcessEntry($0) }
        for instance in configuration.instances {
            instances.append(
                SubjectEntry(instance.name, instance.notify, instance.sendsMail, resolve))
        }
        for group in configuration.groups {
            groups.append(SubjectEntry(group.name, group.notify, group.sendsMail, resolve))
        }
        repeatsStatesOnReload = configuration.globals.repeatsStatesOnReload
        notifyTimeout = configuration.globals.notifyTimeout
        startup = configuration.globals.startupScript.flatMap(resolve)
        startupTimeout = configuration.globals.startupTimeout
        shutdown = configuration.globals.shutdownScript.flatMap(resolve)
        shutdownTimeout = configuration.globals.shutdownTimeout
        virtualRouters = configuration.handoverEntries()
        process = configuration.globals.process
        firewallTable = configuration.firewallTable
        disablesLocalIGMP = configuration.globals.disablesLocalIGMP
        standing = configuration.standing
    }
}

extension KeeperTable {
    /// The notify FIFOs with their owners and readers.
    mutating func addFIFOs(
        _ declared: [NotifyFIFO], owner: (NotifyFIFO) -> Account,
        resolve: (Command) -> ResolvedCommand?
    ) {
        for fifo in declared {
            var reader = fifo.script.flatMap(resolve)
            reader?.words.append(fifo.path)
            let owner = owner(fifo)
            fifos.append(
                FIFOEntry(
                    path: fifo.path, user: owner.user, group: owner.group, script: reader))
        }
    }
}

extension FileEntry {
    fileprivate init(_ file: TrackFile) {
        self.init(
            name: file.name, path: file.path, initialValue: file.initialValue,
            overwrites: file.overwrites)
    }
}

extension ProcessEntry {
    fileprivate init(_ process: TrackProcess) {
        self.init(
            name: process.name, words: process.command, matching: process.matching,
            quorum: process.quorum, quorumMaximum: process.quorumMaximum,
            forkDelay: process.forkDelay, terminateDelay: process.terminateDelay)
    }
}

extension SubjectEntry {
    fileprivate init(
        _ name: ByteString, _ notify: NotifyCommands, _ sendsMail: Bool,
        _ resolve: (Command) -> ResolvedCommand?
    ) {
        self.init(
            name: name,
            commands: SubjectCommands(
                master: notify.master.flatMap(resolve), backup: notify.backup.flatMap(resolve),
                fault: notify.fault.flatMap(resolve), stop: notify.stop.flatMap(resolve),
                deleted: notify.deleted.flatMap(resolve), any: notify.any.flatMap(resolve),
                lowerPriorityHeard: notify.lowerPriorityHeard.flatMap(resolve)),
            sendsMail: sendsMail)
    }

    /// The commands for a state, in the order in which they run.
    func commands(for state: NotifiedState) -> [ResolvedCommand] {
        let own: ResolvedCommand? =
            switch state {
            case .master: commands.master
            case .backup: commands.backup
            case .fault: commands.fault
            case .stop: commands.stop
            case .deleted: commands.deleted
            case .lowerPriorityHeard: commands.lowerPriorityHeard
            case .masterPriority, .backupPriority: nil
            }
        return [own].compactMap { $0 }
    }
}

extension Configuration {
    /// Group of each virtual router; -1 for those in none.
    func groupOfVirtualRouter() -> [Int] {
        var result = [Int](repeating: -1, count: plan.virtualRouters.count)
        for (index, group) in plan.groups.enumerated() {
            for member in group.members where result.indices.contains(member) {
                result[member] = index
            }
        }
        return result
    }

    fileprivate func handoverEntries() -> HandoverList {
        let groups = groupOfVirtualRouter()
        var entries = HandoverList()
        for (index, instance) in instances.enumerated() where index < groups.count {
            let parameters = plan.virtualRouters[index]
            entries.append(
                HandoverEntry(
                    name: instance.name, interface: instance.interface,
                    sendsThrough: instance.sendsThrough ?? instance.vrf,
                    virtualLinks: instance.allVirtualInterfaces.map { $0.name },
                    configuredSource: instance.source, group: groups[index],
                    parameters: parameters, addresses: instance.declared(parameters.isOwner),
                    routes: instance.routes.map { $0.route },
                    rules: instance.rules.map { $0.rule },
                    promotesSecondaries: instance.promotesSecondaries))
        }
        return entries
    }
}

extension Instance {
    /// Every address this instance may ever add, and where.
    func declared(_ isOwner: Bool) -> [DeclaredAddress] {
        desiredAddresses(isOwner: isOwner).map { DeclaredAddress($0) }
    }
}

extension Configuration {
    fileprivate var standing: Leftovers {
        var result = Leftovers()
        result.addresses = statics.holdings.compactMap { $0.address }.map { DeclaredAddress($0) }
        result.routes = statics.routes.map { $0.route }
        result.rules = statics.rules.map { $0.rule }
        for instance in instances {
            result.links += instance.allVirtualInterfaces.map { $0.name }
        }
        return result
    }
}

extension DeclaredAddress {
    fileprivate init(_ desired: DesiredAddress) {
        self.init(
            prefix: desired.spec.prefix, interface: desired.interface, isOwners: desired.adopts)
    }
}
