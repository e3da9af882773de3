import Config
import Control
import Linux
import Net
import VRRP

// What packets give rise to in the log: once in full, then summed up.
extension Engine {
    /// Counts a packet that was not accepted; nothing else happens to it.
    func discarded(_ reason: Discard, _ packet: IncomingPacket, _ index: Int) {
        ports[index].count(reason)
        let now = Clock.boot()
        let topic = QuietLog.Topic(
            virtualRouter: index, kind: Int(reason.rawValue), source: packet.source)
        guard quietLog.isWorthALine(topic, at: now) else { return }
        let name = ports[index].parameters.name
        switch reason {
        case .addressList:
            log.write(.critical, about: name, foreignClusterText(packet.source, index))
            raiseAlarm(index, at: now)
        case .ownerIgnores:
            log.write(.critical, about: name, secondOwnerText(packet.source))
        case .packetTooShort, .ttl, .version, .type, .packetLength, .checksum,
            .checksumWithoutPseudoHeader, .vrid, .authenticationType, .authenticationMismatch,
            .authenticationFormat, .authenticationMissing, .unknownKey, .stale, .replayed,
            .advertisementInterval, .destination, .source, .unknownPeer:
            log.write(.warning, about: name, "discarded 1 from \(packet.source): \(reason.text)")
        }
    }

    private func foreignClusterText(_ source: IPAddress, _ index: Int) -> String {
        let vrid = ports[index].parameters.vrid
        let hasVirtualMAC = configuration.instances[index].virtualInterface != nil
        return "ALARM: \(source) uses virtual_router_id \(vrid) for other addresses: "
            + Discard.addressList.text + "; one of the two needs another number"
            + (hasVirtualMAC ? ", since both have the same virtual MAC" : "")
    }

    private func secondOwnerText(_ source: IPAddress) -> String {
        "ALARM: \(source) advertises addresses of which this node is the owner (priority 255): "
            + "\(Discard.ownerIgnores.text); two machines may answer for one address"
    }

    /// log_unknown_vrids, or during a survey.
    func unknownVRID(_ packet: IncomingPacket, _ payload: Span<UInt8>, _ lane: Lane) {
        guard configuration.globals.logsUnknownVRIDs,
            let vrid = peekVRID(payload, isAuthenticated: lane.key.isAuthenticated)
        else { return }
        let topic = QuietLog.Topic(
            virtualRouter: -1, kind: QuietLog.unknownVRID + Int(vrid), source: packet.source)
        guard quietLog.isWorthALine(topic, at: Clock.boot()) else { return }
        let name = interfaces.link(index: lane.key.interfaceIndex)?.name ?? ""
        log.write(
            .info, "\(packet.source) on \(name) advertises VRID \(vrid), which is not configured")
    }

    /// A remark that every packet may give rise to. Returns whether it was written.
    func writeQuietly(
        _ note: Note, _ kind: Int, _ source: IPAddress, _ index: Int, _ level: LogLevel
    ) {
        let topic = QuietLog.Topic(virtualRouter: index, kind: kind, source: source)
        guard quietLog.isWorthALine(topic, at: Clock.boot()) else { return }
        log.write(level, about: ports[index].parameters.name, note.text(names))
    }

    /// Once a minute, while there is something to tell.
    func writeSummaries(at now: Instant) {
        guard let (told, untold) = quietLog.summaries(at: now) else { return }
        for summary in told {
            let topic = summary.topic
            let name =
                ports.indices.contains(topic.virtualRouter)
                ? ports[topic.virtualRouter].parameters.name : ""
            log.write(
                .warning, about: name,
                "\(summary.count) more from \(topic.source) within a minute: \(topic.text)")
        }
        if untold > 0 {
            log.write(.warning, "\(untold) more packets of other kinds and senders in that minute")
        }
    }
}

extension QuietLog {
    /// Kinds of topics: discards have their own numbers, remarks follow.
    static let lowerPriority = 100
    static let sameAddress = 101
    static let addressList = 102
    static let interval = 103
    static let unknownVRID = 1000
}

extension QuietLog.Topic {
    fileprivate var text: String {
        if kind == QuietLog.lowerPriority { return "lower priority" }
        if kind == QuietLog.sameAddress { return "our own address and priority" }
        if kind == QuietLog.addressList { return "another list of addresses" }
        if kind == QuietLog.interval { return "another interval" }
        if kind >= QuietLog.unknownVRID { return "VRID \(kind - QuietLog.unknownVRID)" }
        return Discard(rawValue: UInt8(truncatingIfNeeded: kind))?.text ?? "unknown"
    }
}
