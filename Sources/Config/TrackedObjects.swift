package import Net
package import VRRP

/// vrrp_script.
package struct CheckScript: Hashable, Sendable {
    package var name: ByteString
    package var action: CheckAction
    package var interval: Interval
    package var timeout: Interval
    /// The timeout was given; else it is the interval.
    package var hasTimeout = false
    package var rise: Int
    package var fall: Int
    package var weight: Weight
    package var startsFailed: Bool

    package init(name: ByteString, command: Command) {
        self.init(name: name, action: .command(command))
    }

    package init(name: ByteString, action: CheckAction) {
        self.name = name
        self.action = action
        interval = .seconds(1)
        timeout = .seconds(1)
        rise = 1
        fall = 1
        weight = Weight(0)
        startsFailed = false
    }

    /// Nil: a command.
    package var builtIn: BuiltInCheck? {
        if case .builtIn(let check) = action { return check }
        return nil
    }

    /// Nil: a built-in check.
    package var command: Command? {
        if case .command(let command) = action { return command }
        return nil
    }
}

/// vrrp_track_file.
package struct TrackFile: Hashable, Sendable {
    package var name: ByteString
    package var path: ByteString
    /// init_file: the number to write at start where the file is missing, or always.
    package var initialValue: Int?
    package var overwrites: Bool

    package init(name: ByteString, path: ByteString) {
        self.name = name
        self.path = path
        overwrites = false
    }
}

/// What of a process has to be equal (full_command, param_match).
package enum ProcessMatching: UInt8, Hashable, Sendable {
    /// Its name.
    case name = 1
    /// Its whole command line.
    case command = 2
    /// The command line, of which the last parameter may go on (param_match initial).
    case initial = 3
    /// The first words of the command line (param_match partial).
    case partial = 4
}

/// vrrp_track_process.
package struct TrackProcess: Hashable, Sendable {
    package var name: ByteString
    /// The command name, then its parameters.
    package var command: [ByteString]
    package var matching: ProcessMatching
    package var quorum: Int
    /// Nil: no upper bound.
    package var quorumMaximum: Int?
    package var forkDelay: Interval
    package var terminateDelay: Interval

    package init(name: ByteString, command: [ByteString]) {
        self.name = name
        self.command = command
        matching = .name
        quorum = 1
        forkDelay = .zero
        terminateDelay = .zero
    }
}

/// What stands behind a position of `RouterPlan.trackedObjects`.
package enum TrackedObject: Hashable, Sendable {
    case interface(ByteString)
    /// An interface that addresses, routes or rules are on; one that never existed is no failure.
    case device(ByteString)
    /// The static items of a track_group.
    case staticGroup(ByteString)
    /// Position in `Configuration.scripts`.
    case script(Int)
    /// Position in `Configuration.files`.
    case file(Int)
    /// Position in `Configuration.processes`.
    case process(Int)
    /// A BFD session: this daemon has none, so that it is down for ever.
    case bfd(ByteString)
}
