import Linux
import Net

/// What the keeper gives an engine to live on.
struct EngineStart {
    var options: Options
    var table: KeeperTable
    let archive: ArchiveParcel
    var channel: Channel
    var slots: SharedMemory
    /// Go on being master of what the slots show as mastered, and with its waits.
    var resumes: Bool
    /// When the predecessor died; nil: there was none.
    var diedAt: Instant?
    /// After a hand-over: no preemption before that.
    var preemptsFrom: Instant?
    /// What the state file of a killed daemon names.
    var leftovers: Leftovers
    /// A predecessor's, which the keeper held.
    var firewall: KeptFirewall?
    /// What scripts, files and processes said last.
    var known: [KeeperMessage]
    var keeper: Int32
}
