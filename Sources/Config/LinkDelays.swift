package import Net
import VRRP

/// A line of interface_up_down_delays: for so long a state of the link has to last before it counts.
package struct LinkDelay: Hashable, Sendable {
    package var interface: ByteString
    package var down: Interval
    package var up: Interval
}

extension Interpreter {
    /// Lines `INTERFACE DOWN [UP]`, in seconds.
    mutating func linkDelays(_ statement: Statement) {
        findings.block = "interface_up_down_delays"
        for line in statement.body { linkDelay(line) }
        findings.block = ""
    }

    private mutating func linkDelay(_ line: Statement) {
        guard hasShape(line, .words(1...2)), let name = line.keyword,
            interfaceName(name) != nil,
            let down = delay(line.values.first, of: name)
        else { return }
        var result = LinkDelay(interface: name.text, down: down, up: down)
        if let word = line.values.dropFirst().first {
            guard let up = delay(word, of: name) else { return }
            result.up = up
        }
        if globals.values.linkDelays.contains(where: { $0.interface == name.text }) {
            findings.error("repeated", "\(name.text) has its delays already: ignored", name)
        } else {
            globals.values.linkDelays.append(result)
        }
    }

    private mutating func delay(_ word: Word?, of name: Word) -> Interval? {
        guard let word else { return nil }
        if let value = seconds(word.text), value >= .zero, value <= .seconds(255) { return value }
        findings.error(
            "bad-number",
            "\(word.text) is no delay for \(name.text): the line is ignored", word,
            hint: "INTERFACE DOWN [UP], in seconds from 0 to 255")
        return nil
    }

    /// While a backup's link is down it hears nothing: what it does not know yet must not make it
    /// master, so that a down delay ends one interval before its Master_Down_Timer.
    mutating func limitLinkDelays(_ configuration: inout Configuration) {
        for position in configuration.globals.linkDelays.indices {
            let delay = configuration.globals.linkDelays[position]
            var longest = delay.down
            for (instance, parameters) in zip(
                configuration.instances, configuration.plan.virtualRouters)
            where instance.interface == delay.interface {
                let intervals = max(parameters.downTimerAdvertisements - 1, 1)
                longest = min(longest, parameters.advertisementInterval * Int64(intervals))
            }
            guard longest < delay.down else { continue }
            configuration.globals.linkDelays[position].down = longest
            findings.block = "interface_up_down_delays"
            findings.note(
                "long-delay",
                "\(delay.interface) down counts after \(secondsText(longest)) s, not "
                    + "\(secondsText(delay.down)) s: a backup would become master before",
                nil)
        }
        findings.block = ""
    }

    /// A virtual interface has it anyhow, and then it is there that the addresses are.
    mutating func promotesSecondaries(_ draft: InstanceDraft) -> Bool {
        guard let word = draft.promotesSecondaries else { return false }
        guard draft.virtualInterface != nil else { return true }
        findings.warning(
            "deprecated", "promote_secondaries is always set on a virtual interface", word)
        return false
    }

    /// linkbeat_interfaces and linkbeat_use_polling.
    mutating func linkbeat(_ word: Word) { findings.note("linkbeat", noLinkbeat(word), word) }

    /// In an instance keepalived counts it as an error.
    mutating func linkbeatOfInstance(_ word: Word) {
        findings.warning("deprecated", noLinkbeat(word), word)
    }

    private func noLinkbeat(_ word: Word) -> String {
        "\(word.text) is not needed: the kernel itself tells when a carrier goes or comes"
    }
}
