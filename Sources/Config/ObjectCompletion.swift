import Net
import VRRP

/// How track_… blocks name an object.
struct ObjectName: Hashable {
    var kind: TrackDraft.Kind
    var name: ByteString
}

/// Where it stands in the plan, and the weight that it has of its own.
struct ObjectEntry {
    var position: Int
    var weight: Weight
}

// Tracked objects: those that somebody tracks, in the order of their first mention.
extension Interpreter {
    mutating func completeObjects(
        _ configuration: inout Configuration
    ) -> [ObjectName: ObjectEntry] {
        var objects: [ObjectName: ObjectEntry] = [:]
        var tracked: [TrackDraft] = []
        for index in instances.indices { tracked += instances[index].tracking }
        for group in groups { tracked += group.tracking }
        for draft in tracked where draft.isDefined {
            trackedNames.insert(ObjectName(kind: draft.kind, name: draft.name.text))
        }
        addScripts(&configuration, &objects)
        addFiles(&configuration, &objects)
        addProcesses(&configuration, &objects)
        for session in completeBFD() {
            let name = ObjectName(kind: .bfd, name: session.name.text)
            guard trackedNames.contains(name) else { continue }
            add(
                .bfd(session.name.text), .link, name, session.weight, &configuration, &objects)
        }
        for draft in tracked where draft.kind == .interface {
            let name = ObjectName(kind: .interface, name: draft.name.text)
            guard objects[name] == nil else { continue }
            add(.interface(draft.name.text), .link, name, Weight(0), &configuration, &objects)
        }
        return objects
    }

    private func add(
        _ object: TrackedObject, _ plan: TrackedObjectPlan, _ name: ObjectName, _ weight: Weight,
        _ configuration: inout Configuration, _ objects: inout [ObjectName: ObjectEntry]
    ) {
        objects[name] = ObjectEntry(
            position: configuration.trackedObjects.count, weight: weight)
        configuration.trackedObjects.append(object)
        configuration.plan.trackedObjects.append(plan)
    }

    private mutating func addScripts(
        _ configuration: inout Configuration, _ objects: inout [ObjectName: ObjectEntry]
    ) {
        for draft in scripts {
            findings.block = ByteString("vrrp_script \(draft.name.text)")
            guard let action = action(of: draft) else { continue }
            if !isTracked(.script, draft.name) { continue }
            var script = CheckScript(name: draft.name.text, action: action)
            script.interval = draft.interval
            script.timeout = draft.timeout ?? draft.interval
            script.hasTimeout = draft.timeout != nil
            script.rise = draft.rise
            script.fall = draft.fall
            script.weight = draft.weight
            script.startsFailed = draft.startsFailed
            let plan = TrackedObjectPlan.script(
                rise: draft.rise, fall: draft.fall, startsFailed: draft.startsFailed)
            let name = ObjectName(kind: .script, name: draft.name.text)
            add(
                .script(configuration.scripts.count), plan, name, draft.weight, &configuration,
                &objects)
            configuration.scripts.append(script)
        }
    }

    private mutating func action(of draft: ScriptDraft) -> CheckAction? {
        if let check = draft.check {
            if draft.command != nil {
                findings.warning(
                    "check-and-script", "\(draft.name.text) has check and script: check is used",
                    draft.name)
            }
            return .builtIn(check)
        }
        guard var command = draft.command else {
            if !draft.hasBadCheck {
                findings.error("no-script", "\(draft.name.text) has no script", draft.name)
            }
            return nil
        }
        command.user = draft.user
        command.group = draft.group
        return .command(command)
    }

    private mutating func isTracked(_ kind: TrackDraft.Kind, _ name: Word) -> Bool {
        if trackedNames.contains(ObjectName(kind: kind, name: name.text)) { return true }
        findings.warning(
            "unused", "nobody tracks \(name.text): it is left out", name,
            hint: "name it in a track_ block of an instance or a group, or remove it")
        return false
    }

    private mutating func addFiles(
        _ configuration: inout Configuration, _ objects: inout [ObjectName: ObjectEntry]
    ) {
        for draft in files {
            findings.block = ByteString("vrrp_track_file \(draft.name.text)")
            guard let path = draft.path else {
                findings.error("no-file", "\(draft.name.text) has no file", draft.name)
                continue
            }
            var file = TrackFile(name: draft.name.text, path: path)
            file.initialValue = draft.initialValue
            file.overwrites = draft.overwrites
            let name = ObjectName(kind: .file, name: draft.name.text)
            add(
                .file(configuration.files.count), .file, name, draft.weight, &configuration,
                &objects)
            configuration.files.append(file)
        }
    }

    private mutating func addProcesses(
        _ configuration: inout Configuration, _ objects: inout [ObjectName: ObjectEntry]
    ) {
        for draft in processes {
            findings.block = ByteString("vrrp_track_process \(draft.name.text)")
            guard !draft.command.isEmpty else {
                findings.error("no-process", "\(draft.name.text) has no process", draft.name)
                continue
            }
            if !isTracked(.process, draft.name) { continue }
            let name = ObjectName(kind: .process, name: draft.name.text)
            add(
                .process(configuration.processes.count), .process, name, draft.weight,
                &configuration, &objects)
            configuration.processes.append(process(draft))
        }
    }

    private func process(_ draft: ProcessDraft) -> TrackProcess {
        var process = TrackProcess(name: draft.name.text, command: draft.command)
        let minds = draft.fullCommand || draft.command.count > 1
        process.matching = draft.parameterMatch ?? (minds ? .command : .name)
        process.quorum = draft.quorum
        process.quorumMaximum = draft.quorumMaximum
        process.forkDelay = draft.forkDelay
        process.terminateDelay = draft.terminateDelay
        return process
    }

    /// What a block tracks; an instance does not track its own interface twice.
    mutating func tracking(
        _ drafts: [TrackDraft], _ objects: [ObjectName: ObjectEntry], own: ByteString?
    ) -> [TrackingEntry] {
        var result: [TrackingEntry] = []
        for draft in drafts {
            if draft.kind == .interface && draft.name.text == own {
                findings.warning(
                    "own-interface",
                    "\(draft.name.text) is the instance's own interface: it is "
                        + "tracked anyway", draft.name,
                    hint: "remove this line")
                continue
            }
            guard draft.isDefined,
                let entry = objects[ObjectName(kind: draft.kind, name: draft.name.text)]
            else {
                if !reportLateDefinition(draft) { reportUnknown(draft) }
                continue
            }
            let weight = draft.weight ?? entry.weight
            if draft.kind == .bfd && !mayTrackBFD(draft.name, weight) { continue }
            result.append(TrackingEntry(object: entry.position, weight: weight))
        }
        return result
    }

    /// What a tracked name would need; nil: nothing in a file makes an interface.
    private func definition(_ draft: TrackDraft) -> String? {
        switch draft.kind {
        case .interface: nil
        case .script: "write a block vrrp_script \(draft.name.text), or remove this line"
        case .file: "write a block track_file \(draft.name.text), or remove this line"
        case .process: "write a block vrrp_track_process \(draft.name.text), or remove this line"
        case .bfd: "write a block bfd_instance \(draft.name.text), or remove this line"
        }
    }

    private mutating func reportUnknown(_ draft: TrackDraft) {
        let names = names(draft.kind).map { $0.description }
        findings.error(
            "unknown-object", "nothing called \(draft.name.text) is defined", draft.name,
            hint: nearest(draft.name.text, among: names).map { "did you mean \($0)?" }
                ?? definition(draft))
    }
}
