import Net
import VRRP

extension NodeStatus {
    /// The file that SIGUSR2 writes, with keepalived's names; what keepalived has no name for
    /// follows under "Discarded".
    package func statisticsText() -> [UInt8] {
        var text = TextWriter()
        for instance in instances { text.append(statisticsOf: instance) }
        return text.bytes
    }
}

extension TextWriter {
    fileprivate mutating func append(statisticsOf instance: InstanceStatus) {
        let counters = instance.counters
        line("VRRP Instance: ", instance.parameters.name)
        line("  Advertisements:")
        line("    Received: ", counters.core.advertisementsReceived)
        line("    Sent: ", counters.core.advertisementsSent)
        line("  Became master: ", counters.core.becameMaster)
        line("  Released master: ", counters.core.releasedMaster)
        line("  Packet Errors:")
        line("    Length: ", counters.discarded(.packetTooShort, .packetLength))
        line("    TTL: ", counters.discarded(.ttl))
        line("    Invalid Type: ", counters.discarded(.type))
        line("    Advertisement Interval: ", counters.discarded(.advertisementInterval))
        line("    Address List: ", counters.discarded(.addressList))
        line("  Authentication Errors:")
        line("    Invalid Type: ", counters.discarded(.authenticationType))
        line("    Type Mismatch: ", UInt64(0))
        line("    Failure: ", counters.discarded(.authenticationMismatch))
        line(
            "    Malformed: ",
            counters.discarded(.authenticationFormat, .authenticationMissing, .unknownKey))
        line("    Replayed: ", counters.discarded(.replayed, .stale))
        line("  Priority Zero:")
        line("    Received: ", counters.core.priorityZeroReceived)
        line("    Sent: ", counters.core.priorityZeroSent)
        line("  Discarded:")
        line("    Version Err: ", counters.discarded(.version))
        line("    Checksum Err: ", counters.discarded(.checksum))
        line(
            "    Checksum Without Pseudo-Header Err: ",
            counters.discarded(.checksumWithoutPseudoHeader))
        line("    VRID Err: ", counters.discarded(.vrid))
        line("    Destination Err: ", counters.discarded(.destination))
        line("    Unknown Peer Err: ", counters.discarded(.unknownPeer))
        line("    Source Err: ", counters.discarded(.source))
        line("    Ignored By Owner: ", counters.discarded(.ownerIgnores))
    }
}
