import Config
import Net
import VRRP

/// A command that was found, checked and given its user: what fork and exec need.
struct ResolvedCommand: Hashable {
    /// The program's path, then the arguments.
    var words: [ByteString]
    var user: UInt32
    var group: UInt32

    /// A file that a shell opens, as it was configured: `</dev/tcp/192.0.2.1/80`; nil for all else.
    var shellLine: ByteString? {
        guard words.count == 4, words[1] == "-c", words[3] == "sh" else { return nil }
        let quote = UInt8(ascii: "'")
        let parts = words[2].bytes.split(
            separator: quote, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual([UInt8(ascii: "<")]) else { return nil }
        return ByteString(parts[0] + parts[1] + parts[2])
    }
}

/// A vrrp_script as the keeper runs it. Positions are those of `Configuration.scripts`.
struct ScriptEntry: Hashable {
    var name: ByteString
    /// Nil without a built-in check: it cannot or must not be run; nothing tracks it then.
    var command: ResolvedCommand?
    var check: BuiltInCheck?
    var interval: Interval
    var timeout: Interval
}

/// A vrrp_track_process as the keeper watches it. Positions are those of `Configuration.processes`.
struct ProcessEntry: Hashable {
    var name: ByteString
    /// The command name, then its parameters.
    var words: [ByteString]
    var matching: ProcessMatching
    var quorum: Int
    /// Nil: no upper bound.
    var quorumMaximum: Int?
    var forkDelay: Interval
    var terminateDelay: Interval
}

/// A vrrp_track_file as the keeper watches it. Positions are those of `Configuration.files`.
struct FileEntry: Hashable {
    var name: ByteString
    var path: ByteString
    /// init_file.
    var initialValue: Int?
    var overwrites: Bool
}

/// An instance or a group, as far as the world is told of its states.
struct SubjectEntry: Hashable {
    var name: ByteString
    @Rare var commands: SubjectCommands = SubjectCommands()
    var sendsMail: Bool
}

/// The notify_… commands; most subjects have none.
struct SubjectCommands: Sparse {
    var master: ResolvedCommand?
    var backup: ResolvedCommand?
    var fault: ResolvedCommand?
    var stop: ResolvedCommand?
    var deleted: ResolvedCommand?
    var any: ResolvedCommand?
    var lowerPriorityHeard: ResolvedCommand?
}

struct FIFOEntry: Hashable {
    var path: ByteString
    var user: UInt32
    var group: UInt32
    var script: ResolvedCommand?
}

/// What a hand-over needs to know of one virtual router. Nothing is sent or removed but this: what
/// the administrator declared.
struct HandoverEntry: Hashable {
    var name: ByteString
    var interface: ByteString
    /// The virtual link that advertisements leave by; nil: the interface itself.
    var sendsThrough: ByteString? = nil
    /// Links that go with the addresses.
    var virtualLinks: [ByteString] = []
    var configuredSource: IPAddress?
    /// Groups are resigned whole before any address goes; -1: none.
    var group: Int
    /// The priority-0 advertisement for the configured parameters, to be finished with a source.
    var parameters: VirtualRouterParameters
    var addresses: [DeclaredAddress]
    /// virtual_routes and virtual_rules.
    var routes: [Route] = []
    var rules: [Rule] = []
    var promotesSecondaries = false
}

/// An address that the configuration declares virtual.
struct DeclaredAddress: Hashable {
    var prefix: Prefix
    var interface: ByteString
    /// Declared by an owner: what was there before us stays.
    var isOwners: Bool
}

/// Everything the keeper keeps of a configuration: bounded, and parsed by someone else.
struct KeeperTable: Hashable {
    var generation: UInt32 = 0
    var scripts: [ScriptEntry] = []
    var files: [FileEntry] = []
    var processes: [ProcessEntry] = []
    var instances = SubjectList()
    var groups = SubjectList()
    var fifos: [FIFOEntry] = []
    /// fifo_write_vrrp_states_on_reload.
    var repeatsStatesOnReload = false
    var notifyTimeout: Interval?
    var startup: ResolvedCommand?
    var startupTimeout = Interval.seconds(10)
    var shutdown: ResolvedCommand?
    var shutdownTimeout = Interval.seconds(10)
    /// Coded behind all else of the bundle.
    var virtualRouters = HandoverList()
    /// Nil: nothing is mailed.
    var mail: MailTable?
    var process = ProcessSettings()
    /// Where an instance has no_accept: the table that a crash may leave behind.
    var firewallTable: ByteString?
    var disablesLocalIGMP = false
    /// What is there whatever the instances do: static items, and links of our own.
    var standing = Leftovers()

    /// What keeper and engine have in memory all the time.
    var withoutHandovers: KeeperTable {
        var table = self
        table.virtualRouters = HandoverList()
        return table
    }
}
