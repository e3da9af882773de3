import Net

extension SubjectEntry {
    /// The commands for a notification in the order in which they run: the state's own as it was
    /// configured, then `notify` with keepalived's four words appended.
    func commands(for notification: Notification) -> [ResolvedCommand] {
        var result = commands(for: notification.state)
        if notification.state.isToldToNotify, var general = commands.any {
            general.words += words(for: notification)
            result.append(general)
        }
        return result
    }

    private func words(for notification: Notification) -> [ByteString] {
        [
            notification.isGroup ? "GROUP" : "INSTANCE", name,
            ByteString(notification.state.word), ByteString(String(notification.priority)),
        ]
    }

    /// The line for FIFOs: `INSTANCE "VI_1" MASTER 102`.
    func line(for notification: Notification) -> [UInt8] {
        line(isGroup: notification.isGroup, notification.state, notification.priority)
    }

    func line(isGroup: Bool, _ state: NotifiedState, _ priority: UInt8) -> [UInt8] {
        var line = [UInt8](isGroup ? "GROUP \"".utf8 : "INSTANCE \"".utf8)
        line += name.bytes
        line += "\" \(state.word) \(priority)\n".utf8
        return line
    }

    /// What a command finds in its environment.
    func environment(for notification: Notification, sequence: UInt64) -> [ByteString] {
        [
            variable("MARTLET_INSTANCE", name),
            variable("MARTLET_STATE", ByteString(notification.state.word)),
            variable("MARTLET_PREVIOUS", ByteString(notification.previous?.word ?? "INIT")),
            variable("MARTLET_REASON", notification.reason),
            variable("MARTLET_SEQUENCE", ByteString(String(sequence))),
            variable("MARTLET_PRIORITY", ByteString(String(notification.priority))),
        ]
    }

    private func variable(_ name: String, _ value: ByteString) -> ByteString {
        ByteString([UInt8](name.utf8) + [UInt8(ascii: "=")] + value.bytes)
    }
}

extension NotifiedState {
    /// Remarks go to their own command and to FIFOs only.
    fileprivate var isToldToNotify: Bool {
        switch self {
        case .master, .backup, .fault, .stop, .deleted: true
        case .lowerPriorityHeard, .masterPriority, .backupPriority: false
        }
    }
}
