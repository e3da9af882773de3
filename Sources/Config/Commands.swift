package import Net

/// A command as configured: words after quoting, and whose user runs it.
package struct Command: Hashable, Sendable {
    /// The program and its arguments; never empty.
    package var words: [ByteString]
    /// Nil: the default script user.
    package var user: ByteString?
    /// Nil: the user's own group.
    package var group: ByteString?

    package init(words: [ByteString], user: ByteString? = nil, group: ByteString? = nil) {
        self.words = words
        self.user = user
        self.group = group
    }
}

/// The notify_… commands of an instance or a group.
package struct NotifyCommands: Sparse, Sendable {
    package var master: Command?
    package var backup: Command?
    package var fault: Command?
    package var stop: Command?
    package var deleted: Command?
    /// notify: hears of every state, with four words appended.
    package var any: Command?
    /// notify_master_rx_lower_pri.
    package var lowerPriorityHeard: Command?
    /// notify_deleted is given: who is removed by a reload is DELETED, not in FAULT.
    package var tellsDeleted = false
    /// notify_priority_changes: FIFOs hear of a priority that changed.
    package var tellsPriorities = false

    package init() {}
}

/// notify_fifo, vrrp_notify_fifo and their scripts.
package struct NotifyFIFO: Hashable, Sendable {
    package var path: ByteString
    package var user: ByteString?
    package var group: ByteString?
    /// Started by the daemon, with the path as its last argument.
    package var script: Command?

    package init(path: ByteString) { self.path = path }
}
