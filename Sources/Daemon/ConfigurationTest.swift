import Config
import Linux
import Net
import VRRP

/// `-t`: says what is wrong with a configuration; exit statuses as keepalived has them.
func testConfiguration(_ options: Options, log: ByteString?) -> Int32 {
    let outcome: ConfigurationReading.Outcome
    do throws(SystemError) {
        outcome = try ConfigurationReading(options: options).read()
    } catch {
        Console.error("\(options.file): \(SystemError.text(error.code))\n")
        // keepalived's: a missing file is no error of the file.
        return error.code == 2 ? 0 : ExitCode.failure
    }
    var findings = outcome.result.diagnostics
    findings += located(
        machineFindings(outcome.result.configuration)
    ) { outcome.archive.places(options) }
    findings.sort { isBefore($0.location, $1.location) }
    var text: [UInt8] = []
    let usesColour = log == nil && Console.isTerminal && Arguments.environment("NO_COLOR") == nil
    var renderer = FindingRenderer(outcome.result.files, usesColour: usesColour)
    for finding in findings { text += renderer.render(finding) }
    write(text, to: log)
    return exitClass(findings)
}

private func write(_ text: [UInt8], to log: ByteString?) {
    guard let log else { return Console.error(text) }
    do throws(SystemError) {
        try Files.replace(log, with: text, mode: 0o644)
    } catch {
        Console.error("\(log): \(SystemError.text(error.code))\n")
        Console.error(text)
    }
}

/// 2 where nothing would start, else 6 for a matter of security, else 5 for an error, else 0.
private func exitClass(_ findings: [Diagnostic]) -> Int32 {
    if findings.contains(where: { $0.preventsStart }) { return ExitCode.configuration }
    var result: Int32 = 0
    for finding in findings {
        switch finding.severity {
        case .note: break
        case .warning: if finding.isErrorOfKeepalived { result = max(result, 5) }
        case .error: result = max(result, 5)
        case .security: result = max(result, 6)
        }
    }
    return result
}

/// What the text alone does not decide: whether interfaces are there, and scripts may run.
func machineFindings(_ configuration: Configuration) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    findings += missingInterfaces(configuration)
    findings += missingScriptUser(configuration.globals)
    var resolution = CommandResolution(configuration.globals)
    for script in configuration.scripts { _ = script.command.flatMap { resolution.resolve($0) } }
    let scriptProblems = resolution.problems.count
    for command in configuration.notifyCommands { _ = resolution.resolve(command) }
    for command in configuration.globals.commands { _ = resolution.resolve(command) }
    if resolution.lacksScriptUser {
        findings.append(
            Diagnostic(
                .error, "unknown-user", "script_user: there is no such user or group", at: nil,
                word: configuration.globals.scriptUser ?? ""))
    }
    if resolution.runsInsecurely {
        findings.append(
            Diagnostic(
                .security, "script-security",
                "scripts run, but enable_script_security is not set", at: nil,
                word: configuration.firstCommand ?? "",
                hint: "add enable_script_security and script_user to global_defs"))
    }
    if !resolution.runsInsecurely { findings += balancerSecurity(configuration) }
    for (index, problem) in resolution.problems.enumerated() {
        let severity: Severity = index < scriptProblems ? .error : .warning
        findings.append(
            Diagnostic(
                problem.isSecurity ? .security : severity,
                problem.runs ? "script-path" : "script-disabled", problem.summary,
                at: nil, word: problem.command, hint: problem.remedy))
    }
    return findings
}

/// Check scripts of LVS blocks run in keepalived only; what it says of them is said here too.
private func balancerSecurity(_ configuration: Configuration) -> [Diagnostic] {
    var resolution = CommandResolution(configuration.globals)
    for command in configuration.balancerCommands { _ = resolution.resolve(command) }
    guard resolution.runsInsecurely else { return [] }
    return [
        Diagnostic(
            .security, "script-security",
            "keepalived would run scripts of LVS blocks, but enable_script_security is not set",
            at: nil, word: configuration.balancerCommands.first?.words.first ?? "",
            hint: "add enable_script_security and script_user to global_defs")
    ]
}

/// In the order of the text; what has no place comes last.
func isBefore(_ left: SourceLocation?, _ right: SourceLocation?) -> Bool {
    guard let left else { return false }
    guard let right else { return true }
    return (left.file, left.line, left.column) < (right.file, right.line, right.column)
}

/// Findings that know no place get that of their word; the text is read again only for them.
func located(_ findings: [Diagnostic], _ read: () -> Places) -> [Diagnostic] {
    guard findings.contains(where: { $0.location == nil }) else { return findings }
    let places = read()
    var result = findings
    for number in result.indices where result[number].location == nil {
        result[number].location = places.firstWord(startingWith: result[number].word)
    }
    return result
}

extension CommandResolution.Problem {
    fileprivate var remedy: ByteString? {
        if text == "no such program" { return "write the path of a program that may be executed" }
        return nil
    }
}

extension Configuration {
    fileprivate var firstCommand: ByteString? {
        for script in scripts {
            if let command = script.command { return command.words.first }
        }
        return notifyCommands.first?.words.first ?? globals.commands.first?.words.first
    }

    /// Of instances and groups.
    fileprivate var notifyCommands: [Command] {
        var result: [Command] = []
        for index in instances.indices where instances[index].notify != NotifyCommands() {
            result += instances[index].notify.all
        }
        for group in groups { result += group.notify.all }
        return result
    }
}

extension Globals {
    fileprivate var commands: [Command] {
        [startupScript, shutdownScript].compactMap { $0 } + fifos.compactMap { $0.script }
    }
}

extension NotifyCommands {
    fileprivate var all: [Command] {
        [master, backup, fault, stop, deleted, any, lowerPriorityHeard].compactMap { $0 }
    }
}

private func missingScriptUser(_ globals: Globals) -> [Diagnostic] {
    guard let user = globals.scriptUser else { return [] }
    var missing: ByteString? = Accounts.account(user) == nil ? "user " + user : nil
    if missing == nil, let group = globals.scriptGroup, Accounts.group(group) == nil {
        missing = "group " + group
    }
    guard let missing else { return [] }
    return [
        Diagnostic(
            .error, "missing-user", "script_user: there is no " + missing, at: nil, word: missing,
            hint: "make it, or name another: no script will run")
    ]
}

/// The instances' own ones, and those that they track.
private func missingInterfaces(_ configuration: Configuration) -> [Diagnostic] {
    guard !configuration.globals.dynamicInterfaces else { return [] }
    var names: Set<ByteString> = []
    do throws(SystemError) {
        let requests = try NetlinkRequests(clock: Clock.boot)
        for link in try requests.links() { names.insert(link.name) }
    } catch {
        return []
    }
    var own: Set<ByteString> = []
    for instance in configuration.instances {
        for link in instance.allVirtualInterfaces { own.insert(link.name) }
    }
    var findings: [Diagnostic] = []
    for index in configuration.instances.indices {
        func look(for name: ByteString) {
            if name.isEmpty || names.contains(name) || own.contains(name) { return }
            findings.append(missingInterface(name, configuration.instances[index], names))
        }
        look(for: configuration.instances[index].interface)
        for name in configuration.trackedInterfaces(of: index) { look(for: name) }
    }
    return findings
}

private func missingInterface(
    _ name: ByteString, _ instance: Instance, _ known: Set<ByteString>
) -> Diagnostic {
    Diagnostic(
        .error, "missing-interface", "(" + instance.name + ") there is no interface " + name,
        at: name == instance.interface ? instance.location : nil, word: name,
        hint: "there are: "
            + ByteString(known.map { $0.description }.sorted().joined(separator: ", ")))
}

extension Configuration {
    fileprivate func trackedInterfaces(of index: Int) -> [ByteString] {
        guard plan.virtualRouters.indices.contains(index) else { return [] }
        var names: [ByteString] = []
        for entry in plan.virtualRouters[index].tracking
        where trackedObjects.indices.contains(entry.object) {
            if case .interface(let name) = trackedObjects[entry.object], !names.contains(name) {
                names.append(name)
            }
        }
        names.removeAll { $0 == instances[index].interface }
        return names
    }
}
