package import Net

/// What a mail tells of an instance or group, in keepalived's words, so that filters and people
/// who read them for years find what they know.
package enum MailedState: UInt8, Hashable, Sendable {
    case master
    case backup
    case fault
    case stop
    case deleted

    fileprivate var subject: String {
        switch self {
        case .master: "Entering MASTER state"
        case .backup: "Entering BACKUP state"
        case .fault: "Entering FAULT state"
        case .stop: "Stopping"
        case .deleted: "Deleted"
        }
    }

    fileprivate func body(isGroup: Bool) -> String {
        switch self {
        case .master where isGroup: "=> All VRRP group instances are now in MASTER state <="
        case .backup where isGroup: "=> All VRRP group instances are now in BACKUP state <="
        case .fault where isGroup: "=> All VRRP group instances are now in FAULT state <="
        case .master: "=> VRRP Instance is now owning VRRP VIPs <="
        case .backup, .fault: "=> VRRP Instance is no longer owning VRRP VIPs <="
        case .stop: isGroup ? "=> VRRP Group stopping <=" : "=> VRRP Instance stopping <="
        case .deleted: "=> VRRP Deleted at reload <="
        }
    }
}

/// One mail: what happened to whom, and when. Small, since the daemon keeps it until it is sent.
package struct Letter: Hashable, Sendable {
    package var isGroup: Bool
    package var name: ByteString
    package var state: MailedState
    /// Of the event, in seconds since 1970.
    package var time: Int64
    /// Who still has to get it, by their addresses; nil: everyone.
    package var recipients: [ByteString]?

    package init(isGroup: Bool, name: ByteString, state: MailedState, time: Int64) {
        self.isGroup = isGroup
        self.name = name
        self.state = state
        self.time = time
    }

    /// "[web1] VRRP Instance VI_1 - Entering MASTER state"
    package func subject(routerID: ByteString) -> ByteString {
        var text = [UInt8]("[".utf8) + routerID.bytes
        text += [UInt8]((isGroup ? "] VRRP Group " : "] VRRP Instance ").utf8) + name.bytes
        text += [UInt8](" - \(state.subject)".utf8)
        return ByteString(text)
    }

    /// The whole message (RFC 5322), lines ended by CR LF.
    package func message(from sender: ByteString, _ settings: MailSettings) -> [UInt8] {
        var text: [UInt8] = []
        func line(_ name: String, _ value: ByteString) {
            text += [UInt8](name.utf8) + value.bytes + [13, 10]
        }
        line("Date: ", ByteString(mailDate(time)))
        line("From: ", headerText(sender))
        line("Subject: ", headerText(subject(routerID: settings.routerID)))
        line("X-Mailer: ", "Keepalived (martlet)")
        line("To: ", joined(settings.recipients.map { headerText($0) }, by: ",\r\n "))
        line("Message-ID: ", ByteString("<\(time).\(fingerprint)@") + settings.host + ">")
        line("MIME-Version: ", "1.0")
        line("Content-Type: ", "text/plain; charset=utf-8")
        line("", "")
        line("", ByteString(state.body(isGroup: isGroup)))
        return text
    }

    /// Tells letters of one second apart (FNV-1a).
    private var fingerprint: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in [isGroup ? 1 : 0, state.rawValue] + name.bytes {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return hash
    }
}

private func joined(_ parts: [ByteString], by separator: String) -> ByteString {
    var bytes: [UInt8] = []
    for (position, part) in parts.enumerated() {
        if position > 0 { bytes += [UInt8](separator.utf8) }
        bytes += part.bytes
    }
    return ByteString(bytes)
}
