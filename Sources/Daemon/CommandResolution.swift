import Config
import Linux
import Net

/// Finds a command's program and its user, and decides whether it may run.
struct CommandResolution {
    let globals: Globals
    let searchPath: ByteString
    /// What was found wrong, for the log.
    private(set) var problems: [Problem] = []
    /// A command runs although enable_script_security is not set.
    private(set) var runsInsecurely = false

    struct Problem: Hashable {
        var command: ByteString
        var text: String
        var isSecurity: Bool
        /// It runs all the same: enable_script_security is not set.
        var runs = false

        /// For the log and for `-t`.
        var summary: ByteString {
            let verdict = runs ? " runs, but " : " will not run: "
            return ByteString("script ") + command + ByteString(verdict + text)
        }
    }

    init(_ globals: Globals) {
        self.globals = globals
        searchPath =
            Arguments.environment("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
    }

    /// Nil where it cannot or must not run.
    mutating func resolve(_ command: Command) -> ResolvedCommand? {
        var command = command
        let shell = shellWords(openingAFile: command.words)
        if let shell { command.words = shell }
        guard let name = command.words.first else { return nil }
        guard let account = account(of: command) else {
            let isNamed = command.user != nil || globals.scriptUser != nil
            return refuse(
                name,
                isNamed
                    ? "its user or group does not exist"
                    : "enable_script_security needs a script_user (or a user keepalived_script)",
                isSecurity: !isNamed)
        }
        if !name.bytes.contains(UInt8(ascii: "/")), account.user != 0 {
            return refuse(
                name, "names are looked up in PATH for root only: write its whole path",
                isSecurity: false)
        }
        guard let program = find(name) else {
            return refuse(name, "no such program", isSecurity: false)
        }
        guard Accounts.mayExecute(program, account) else {
            return refuse(
                name, "user \(account.user), as whom it would run, may not execute it",
                isSecurity: false)
        }
        if let weakness = weakness(of: program, account) {
            if globals.scriptSecurity { return refuse(name, weakness, isSecurity: true) }
            let problem = Problem(command: name, text: weakness, isSecurity: true, runs: true)
            // Once, where many instances have the same script.
            if !problems.contains(problem) { problems.append(problem) }
        }
        if !globals.scriptSecurity, shell == nil { runsInsecurely = true }
        var words = command.words
        words[0] = direct(program)
        return ResolvedCommand(words: words, user: account.user, group: account.group)
    }

    /// The script_user of global_defs does not exist.
    var lacksScriptUser: Bool {
        guard let user = globals.scriptUser else { return false }
        return account(user, globals.scriptGroup) == nil
    }

    private mutating func refuse(
        _ name: ByteString, _ text: String, isSecurity: Bool
    ) -> ResolvedCommand? {
        problems.append(Problem(command: name, text: text, isSecurity: isSecurity))
        return nil
    }

    /// Whose a FIFO is: as configured, else that of scripts, else ours.
    func owner(of fifo: NotifyFIFO) -> Account {
        if let user = fifo.user, let account = account(user, fifo.group) { return account }
        if let user = globals.scriptUser, let account = account(user, globals.scriptGroup) {
            return account
        }
        return Accounts.account("keepalived_script") ?? Account(user: 0, group: 0)
    }

    /// The command's user, else script_user, else keepalived_script, else our own.
    private func account(of command: Command) -> Account? {
        if let user = command.user { return account(user, command.group) }
        if let user = globals.scriptUser { return account(user, globals.scriptGroup) }
        if let account = Accounts.account("keepalived_script") { return account }
        return globals.scriptSecurity ? nil : Account(user: 0, group: 0)
    }

    private func account(_ user: ByteString, _ group: ByteString?) -> Account? {
        guard var account = Accounts.account(user) else { return nil }
        guard let group else { return account }
        guard let number = Accounts.group(group) else { return nil }
        account.group = number
        return account
    }

    /// A bare name is searched in PATH; anything else is a path.
    private func find(_ name: ByteString) -> ByteString? {
        if name.bytes.contains(UInt8(ascii: "/")) { return isProgram(name) ? name : nil }
        for directory in searchPath.bytes.split(separator: UInt8(ascii: ":")) {
            let path = ByteString([UInt8](directory) + [UInt8(ascii: "/")] + name.bytes)
            if isProgram(path) { return path }
        }
        return nil
    }

    /// A path that goes up and down again as it is without detours: so it is shown, as keepalived
    /// shows it. Its last part stays, since a program may ask by which of its names it was called.
    private func direct(_ path: ByteString) -> ByteString {
        let parts = path.bytes.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isDetour = parts.dropFirst().contains {
            $0.isEmpty || $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8)
        }
        guard isDetour, let name = parts.last, !name.isEmpty,
            let directory = Files.realPath(ByteString(path.bytes.dropLast(name.count)))
        else { return path }
        let start = directory == "/" ? [] : directory.bytes
        return ByteString(start + [UInt8(ascii: "/")] + name)
    }

    private func isProgram(_ path: ByteString) -> Bool {
        do throws(SystemError) {
            let status = try Files.targetStatus(path)
            return status.kind == .file && status.permissions & 0o111 != 0
        } catch {
            return false
        }
    }

    /// What would let somebody else put another program in its place; asked only where it runs as
    /// root, or becomes it.
    private func weakness(of program: ByteString, _ account: Account) -> String? {
        do throws(SystemError) {
            let steps = try PathWalk.steps(to: program)
            let becomesAnother = steps.last.map { $0.status.permissions & 0o6000 != 0 } ?? false
            guard account.user == 0 || account.group == 0 || becomesAnother else { return nil }
            for step in steps {
                if let weakness = step.weakness { return weakness }
            }
            return nil
        } catch {
            return "it cannot be looked at: \(SystemError.text(error.code))"
        }
    }
}

/// keepalived gives what begins with `</` to a shell: a check whether that file can be opened (and
/// what else stands there is a program that reads it). Nil for all other commands.
func shellWords(openingAFile words: [ByteString]) -> [ByteString]? {
    guard let first = words.first, first.bytes.starts(with: [UInt8]("</".utf8)) else { return nil }
    var line: [UInt8] = [UInt8(ascii: "<")]
    line += quotedForShell(first.bytes.dropFirst())
    for word in words.dropFirst() { line += [32] + quotedForShell(word.bytes[...]) }
    // The last word only tells it from a shell that was configured.
    return ["/bin/sh", "-c", ByteString(line), "sh"]
}

private func quotedForShell(_ word: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = [UInt8(ascii: "'")]
    for byte in word {
        result += byte == UInt8(ascii: "'") ? [UInt8]("'\\''".utf8) : [byte]
    }
    return result + [UInt8(ascii: "'")]
}

extension PathStep {
    /// Which component somebody else can exchange, and the command that mends it.
    var weakness: String? {
        if status.user != 0 {
            return "\(path) belongs to user \(status.user): chown root \(quoted)"
        }
        if status.kind == .link { return nil }
        let isSticky = status.kind == .directory && status.permissions & 0o1000 != 0
        if status.permissions & 0o002 != 0, !isSticky {
            return "others may write \(path): chmod o-w \(quoted)"
        }
        if status.permissions & 0o020 != 0, status.group != 0, !isSticky {
            return "group \(status.group) may write \(path): chmod g-w \(quoted)"
        }
        return nil
    }

    private var quoted: String { "'\(path)'" }
}
