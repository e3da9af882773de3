package import Net
import VRRP

extension Snapshot {
    /// What `martletctl status` prints.
    package func statusText() -> [UInt8] {
        var text = TextWriter()
        text.line(nodeLine)
        for remark in remarks { text.line("     ", remark.text) }
        if let engine, !engine.instances.isEmpty { text.append(table(engine)) }
        return text.bytes
    }

    private var nodeLine: String {
        var parts = ["NODE \(name)", "martletd \(keeper.version)", "up \(ageText(keeper.uptime))"]
        parts.append(
            keeper.isOlderThanFile
                ? "configuration older than its file"
                : "configuration accepted \(ageText(keeper.configurationAge)) ago")
        parts.append(keeper.realTime.text)
        parts.append(keeper.locking.text)
        return parts.joined(separator: "  ")
    }

    package var name: ByteString {
        if let id = engine?.routerID, !id.isEmpty { return id }
        return keeper.host
    }

    /// Members stand below their group, the others behind.
    private func table(_ engine: EngineReport) -> TextTable {
        var table = TextTable(
            engine.groups.isEmpty ? "INSTANCE" : "GROUP/INSTANCE", "IF", "VRID", "STATE", "SINCE",
            "PRIO", "MASTER", "LAST ADVERT", "ADDRESSES", "NOTE")
        let membersOf = [Int?: [InstanceReport]](grouping: engine.instances) { $0.group }
        for (position, group) in engine.groups.enumerated() {
            guard let members = membersOf[position] else { continue }
            table.append(group.row(members))
            for member in members { table.append(member.row(indent: "  ")) }
        }
        for instance in membersOf[nil] ?? [] {
            table.append(instance.row(indent: ""))
        }
        return table
    }
}

extension KeeperReport.RealTime {
    fileprivate var text: String {
        switch self {
        case .notAsked: "not real-time"
        case .inForce(let priority): "real-time rr/\(priority)"
        case .refused: "real-time refused"
        }
    }
}

extension KeeperReport.Locking {
    fileprivate var text: String {
        switch self {
        case .notAsked: "memory not locked"
        case .locked: "memory locked"
        case .refused: "memory locking refused"
        case .unknown: "memory locking unknown"
        }
    }
}

extension GroupStatus {
    fileprivate func row(_ members: [InstanceReport]) -> [ByteString] {
        var total = 0
        var held = 0
        for member in members {
            total += member.addresses.count
            held += member.held
        }
        return [
            name, "-", "-", ByteString(state.word), "-", "-", "-", "-",
            ByteString("\(held)/\(total)"), "",
        ]
    }
}

extension InstanceReport {
    fileprivate func row(indent: ByteString) -> [ByteString] {
        [
            indent + name, virtualLink ?? (interface.isEmpty ? "-" : interface),
            ByteString("\(vrid)"), ByteString(state.word), ByteString(ageText(age)),
            ByteString(priorityText), ByteString(masterText), ByteString(advertisementText),
            ByteString("\(held)/\(addresses.count)"), remarks.first?.text ?? "",
        ]
    }

    /// "150", or "80 (100-20)" where tracked objects change it.
    var priorityText: String {
        guard effectivePriority != priority else { return "\(priority)" }
        let difference = totalPriority - Int(priority)
        if difference == 0 { return "\(effectivePriority) (\(priority))" }
        return "\(effectivePriority) (\(priority)\(difference < 0 ? "-" : "+")"
            + "\(difference.magnitude))"
    }

    private var masterText: String {
        if state == .master { return "self" }
        guard let master else { return "-" }
        return "\(master) p\(masterPriority)"
    }

    private var advertisementText: String {
        if let sent { return "sent \(ageText(sent))" }
        guard state == .backup else { return "-" }
        guard let heard else { return "none of \(secondsText(masterDownInterval))" }
        return "\(ageText(heard)) of \(secondsText(masterDownInterval))"
    }
}
