package import Net
import VRRP

extension Snapshot {
    /// The instance that `explain` is about.
    private var explanation: Explanation? {
        guard let engine, let instance = engine.instances.first else { return nil }
        return Explanation(instance, engine)
    }

    /// What `martletctl explain` prints.
    ///
    /// - Parameter name: of the instance; without an engine nobody else knows it.
    package func explainText(of name: ByteString) -> [UInt8] {
        var text = TextWriter()
        guard let explanation else {
            text.append(name)
            text.line("", ": nothing is known of its state")
            for remark in remarks { text.line("  node         ", remark.text) }
            text.append(history: history, self)
            return text.bytes
        }
        let instance = explanation.instance
        text.append(instance.name)
        text.line(" is \(instance.state.word): ", explanation.cause)
        text.line("  since        ", since(instance))
        text.line("  interface    ", instance.interfaceText)
        text.line("  priority     ", instance.sumText)
        text.line("  last advert  ", instance.advertisementText)
        text.append(forecasts: explanation.forecasts)
        let ability = explanation.ability
        text.line(
            "  as master    ", (ability.isAble ? "works: " : "would not work: ") + ability.reason)
        text.append(addressesOf: instance)
        text.line("  packets      ", instance.countersText)
        for remark in instance.packetRemarks { text.line("  note         ", remark.text) }
        for remark in remarks { text.line("  node         ", remark.text) }
        text.append(history: history, self)
        return text.bytes
    }

    private func since(_ instance: InstanceReport) -> ByteString {
        let time = localTime(age: instance.age)
        if instance.reason.isEmpty { return time }
        return time + ByteString(", \(ageText(instance.age)) ago: ") + instance.reason
    }

    fileprivate func localTime(age: Interval) -> ByteString {
        localTime((keeper.now - age.nanoseconds / 1_000) / 1_000_000)
    }

    /// What `martletctl explain --json` prints: one object.
    package func explainJSON() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("schema", 1)
            if let explanation { json.members(of: explanation, engine?.groups ?? []) }
            json.key("history")
            json.array { json in for one in history { json.append(one, at: keeper.now) } }
            json.key("node")
            json.object { $0.members(of: self) }
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }
}

extension JSONWriter {
    fileprivate mutating func members(of explanation: Explanation, _ groups: [GroupStatus]) {
        member("cause", explanation.cause)
        let ability = explanation.ability
        key("as_master")
        object { json in
            json.member("works", ability.isAble)
            json.member("reason", ability.reason)
        }
        key("forecasts")
        array { json in
            for forecast in explanation.forecasts {
                json.object { json in
                    json.member("if", forecast.event)
                    json.member("then", forecast.outcome)
                }
            }
        }
        key("instance")
        object { $0.members(of: explanation.instance, groups: groups) }
    }

    fileprivate mutating func append(_ transition: PastTransition, at now: Int64) {
        object { json in
            let time = now - transition.age.nanoseconds / 1_000
            json.member("time", literal: decimalSeconds(microseconds: time))
            json.member("age", literal: jsonSeconds(transition.age))
            if let from = transition.from { json.member("from", from.name) }
            json.member("to", transition.to.name)
            json.member("reason", transition.reason)
        }
    }
}

extension StateWord {
    fileprivate var name: ByteString {
        switch self {
        case .master: "master"
        case .backup: "backup"
        case .fault: "fault"
        case .stop: "stop"
        case .deleted: "deleted"
        }
    }
}

extension TextWriter {
    fileprivate mutating func append(forecasts: [Explanation.Forecast]) {
        for (position, forecast) in forecasts.enumerated() {
            append(position == 0 ? "  what if      " : "               ")
            append(forecast.event)
            line(": ", forecast.outcome)
        }
    }

    fileprivate mutating func append(addressesOf instance: InstanceReport) {
        for (position, address) in instance.addresses.enumerated() {
            append(position == 0 ? "  addresses    " : "               ")
            append("\(address.prefix) dev ")
            append(address.interface)
            line((address.isExcluded ? ", excluded" : "") + (address.isHeld ? ", held" : ""))
        }
    }

    fileprivate mutating func append(history: [PastTransition], _ snapshot: Snapshot) {
        for (position, one) in history.enumerated() {
            append(position == 0 ? "  history      " : "               ")
            append(snapshot.localTime(age: one.age))
            line("  \(one.from.map { $0.text + " -> " } ?? "")\(one.to.text)  ", one.reason)
        }
    }
}

extension InstanceReport {
    fileprivate var interfaceText: ByteString {
        var text = interface.isEmpty ? "none" : interface + ByteString(" \(linkWord)")
        if let virtualLink { text = text + ", sends from " + virtualLink }
        text = text + ByteString(", VRID \(vrid), VRRPv\(version.rawValue)")
        if let source { text = text + ByteString(", from \(source)") }
        return text
    }

    private var linkWord: String {
        switch link {
        case .missing: "missing"
        case .down: "down"
        case .up: "up"
        }
    }

    /// "80 = 100 configured - 20 script nginx (failing for 2 min: exit status 1)"
    fileprivate var sumText: ByteString {
        var text = ByteString("\(effectivePriority) = \(priority) configured")
        for share in shares { text = text + share.termText }
        if totalPriority != Int(effectivePriority) {
            text = text + ByteString(" (the sum is \(totalPriority); 1 to 254 can be sent)")
        }
        return text
    }

    fileprivate var advertisementText: ByteString {
        if let sent {
            let ours = "sent \(ageText(sent)) ago"
            return ByteString(next.map { "\(ours), the next in \(ageText($0))" } ?? ours)
        }
        guard state == .backup else { return "none is waited for" }
        var text = heard.map { "\(ageText($0)) ago" } ?? "none so far"
        guard let takeOver else { return ByteString(text) }
        text += "; without another we take over in \(ageText(takeOver))"
        return ByteString(
            text + " (\(downCount) x \(shortestSeconds(masterInterval)) s + skew "
                + "\(shortestSeconds(skewTime)) s = \(shortestSeconds(masterDownInterval)) s)")
    }

    fileprivate var countersText: ByteString {
        let core = counters.core
        var text =
            "\(core.advertisementsSent) sent, \(core.advertisementsReceived) received"
            + "; with priority 0 \(core.priorityZeroSent) and \(core.priorityZeroReceived)"
        for reason in Discard.allCases where counters.discarded(reason) > 0 {
            text += "; \(counters.discarded(reason)) discarded: \(reason.text)"
        }
        return ByteString(text)
    }
}

extension InstanceReport.Share {
    /// " - 20 script nginx (failing for 2 min: exit status 1)"
    fileprivate var termText: ByteString {
        var start = ""
        switch effect {
        case .points(let points): start = points < 0 ? " - \(points.magnitude) " : " + \(points) "
        case .fault: start = ", FAULT by "
        case .wait: start = ", waits for "
        }
        var detail = ByteString(word)
        if let age { detail = detail + ByteString(" for \(ageText(age))") }
        if state == .failed, !outcome.isEmpty { detail = detail + ": " + outcome }
        return ByteString(start) + name + " (" + detail + ")"
    }
}
