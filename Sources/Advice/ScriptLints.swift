import Config
import Net
import VRRP

extension Node {
    func lintScripts(_ collector: inout Collector) {
        for script in configuration.scripts { lintTimeout(script, &collector) }
        lintUsers(&collector)
    }

    private func lintTimeout(_ script: CheckScript, _ collector: inout Collector) {
        let patience = script.interval * Int64(script.fall)
        guard script.timeout > patience, patience > .zero else { return }
        let title = "vrrp_script " + script.name
        collector.add(
            .slowTimeout,
            "a check that hangs is noticed after \(secondsText(script.timeout)) s, one that fails "
                + "after \(secondsText(patience)) s (interval \(secondsText(script.interval)) x "
                + "fall \(script.fall))",
            at: places.place("timeout", in: title),
            and: places.line("interval", in: title)?.location,
            block: title, word: "timeout", hint: "write timeout \(secondsText(patience)) or less")
    }

    /// Once for each place that decides whose user it is.
    private func lintUsers(_ collector: inout Collector) {
        let globals = configuration.globals
        let hint = "give scripts a user of their own: script_user NAME in global_defs"
        if let user = globals.scriptUser, isRoot(user), !commands.allSatisfy({ $0.user != nil }) {
            collector.add(
                .rootScript, "script_user \(user): scripts run as root",
                at: places.place("script_user", in: "global_defs"), block: "global_defs",
                word: "script_user", hint: hint)
        }
        for command in commands {
            guard let name = command.words.first else { continue }
            if let user = command.user {
                guard isRoot(user) else { continue }
                collector.add(
                    .rootScript, "\(name) runs as root", at: places.firstWord(startingWith: name),
                    block: "", word: name, hint: "name another user behind it, or none")
            } else if globals.scriptUser == nil, !globals.scriptSecurity, hasScriptUser != true {
                collector.add(
                    .rootScript,
                    hasScriptUser == false
                        ? "no script_user is named: scripts run as root"
                        : "no script_user is named: scripts run as root where there is no user "
                            + "keepalived_script",
                    at: places.firstWord(startingWith: name), block: "", word: name, hint: hint)
                return
            }
        }
    }

    private func isRoot(_ user: ByteString) -> Bool { user == "root" || user == "0" }

    private var commands: [Command] {
        var result = configuration.scripts.compactMap { $0.command }
        let notifies =
            configuration.instances.map { $0.notify } + configuration.groups.map { $0.notify }
        for notify in notifies {
            let all = [
                notify.master, notify.backup, notify.fault, notify.stop, notify.deleted, notify.any,
                notify.lowerPriorityHeard,
            ]
            result += all.compactMap { $0 }
        }
        return result
    }

    // MARK: Placeholders

    /// Text that was to be filled in. Commands are left alone: a shell's < and $ are at home there.
    func lintPlaceholders(_ collector: inout Collector) {
        for title in places.titles where !title.isOfBalancer {
            for line in places.lines(of: title) {
                guard let keyword = line.words.first, !keyword.text.isOfCommand else { continue }
                for word in line.words where !word.isQuoted && word.text.isPlaceholder {
                    let isSecret = keyword.text == "auth_pass" || keyword.text == "smtp_password"
                    collector.add(
                        .placeholder,
                        isSecret
                            ? "the value of \(keyword.text) looks like a placeholder"
                            : "\(word.text) looks like a placeholder",
                        at: word.location, block: title, word: isSecret ? "" : word.text,
                        hint: "fill in the real value")
                }
            }
        }
    }
}

extension ByteString {
    fileprivate var isOfBalancer: Bool { bytes.starts(with: "virtual_server".utf8) }

    fileprivate var isOfCommand: Bool {
        bytes.starts(with: "script".utf8) || bytes.starts(with: "notify".utf8)
            || self == "startup_script" || self == "shutdown_script" || self == "process"
    }

    /// `<VIP>`, `$VIP`, `__VIP__`, `%VIP%`, `x.x.x.x`, CHANGEME, YOUR_…
    fileprivate var isPlaceholder: Bool {
        guard let first = bytes.first, let last = bytes.last, count > 3 else { return false }
        let open = UInt8(ascii: "<")
        let close = UInt8(ascii: ">")
        if first == open, bytes.contains(close) { return true }
        if first == UInt8(ascii: "$"), isCapital(bytes[1]) || bytes[1] == UInt8(ascii: "{") {
            return true
        }
        if first == last, first == UInt8(ascii: "%") { return true }
        if bytes.starts(with: "__".utf8), bytes.suffix(2).elementsEqual("__".utf8) { return true }
        let small = bytes.map { isCapital($0) ? $0 + 0x20 : $0 }
        for beginning in ["changeme", "change_me", "your_", "your-", "xxx", "x.x."]
        where small.starts(with: beginning.utf8) {
            return true
        }
        return small.suffix(4).elementsEqual(".x.x".utf8) || small.elementsEqual("todo".utf8)
    }

    private func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte) }
}
