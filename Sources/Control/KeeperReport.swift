package import Net
import VRRP

/// What the keeper knows of the daemon as a whole at one moment, with ages in place of times.
package struct KeeperReport: Hashable, Sendable {
    package enum Engine: Hashable, Sendable {
        case running
        /// Until startup_script has ended.
        case waitsForStartupScript
        /// It is gone; nil: the next one is due at once.
        case restarts(in: Interval?)
        /// It runs and does not answer.
        case silent
        case stopping
    }

    /// A reload that was refused: the running configuration is older than its file.
    package struct Refusal: Hashable, Sendable {
        package var age: Interval
        package var reason: ByteString

        package init(age: Interval, reason: ByteString) {
            self.age = age
            self.reason = reason
        }
    }

    package struct Death: Hashable, Sendable {
        package var age: Interval
        /// "signal 9"
        package var how: ByteString

        package init(age: Interval, how: ByteString) {
            self.age = age
            self.how = how
        }
    }

    package enum RealTime: Hashable, Sendable {
        /// vrrp_rt_priority is not set.
        case notAsked
        /// SCHED_RR, with its priority.
        case inForce(Int)
        /// Why not.
        case refused(ByteString)
    }

    package enum Locking: Hashable, Sendable {
        /// vrrp_no_swap is not set.
        case notAsked
        /// So many bytes.
        case locked(Int)
        case refused
        /// Nobody can say.
        case unknown
    }

    package var version: ByteString
    package var host: ByteString = ""
    package var uptime = Interval.zero
    /// Wall clock, in microseconds since 1970.
    package var now: Int64 = 0
    package var file: ByteString = ""
    /// Since the running configuration came into force.
    package var configurationAge = Interval.zero
    package var refusal: Refusal?
    /// Since the file was changed, where that was after it was read last.
    package var changeAge: Interval?
    package var isOlderThanFile: Bool { refusal != nil || changeAge != nil }
    package var isReloading = false
    package var engine = Engine.running
    /// Engines that died.
    package var deaths = 0
    package var lastDeath: Death?
    package var handovers = 0
    package var realTime = RealTime.notAsked
    package var locking = Locking.notAsked

    package init(version: ByteString) { self.version = version }
}

/// One change of state as the keeper remembers it.
package struct PastTransition: Hashable, Sendable {
    package var age: Interval
    /// Nil: none before.
    package var from: StateWord?
    package var to: StateWord
    package var reason: ByteString

    package init(age: Interval, from: StateWord?, to: StateWord, reason: ByteString) {
        self.age = age
        self.from = from
        self.to = to
        self.reason = reason
    }
}

/// A state as the world is told of it.
package enum StateWord: UInt8, Hashable, Sendable {
    case master = 1
    case backup = 2
    case fault = 3
    case stop = 4
    case deleted = 5

    package var text: String {
        switch self {
        case .master: "MASTER"
        case .backup: "BACKUP"
        case .fault: "FAULT"
        case .stop: "STOP"
        case .deleted: "DELETED"
        }
    }
}

/// All that `status` and `explain` are made of.
package struct Snapshot: Sendable {
    package var keeper: KeeperReport
    /// Nil where there is no engine to ask, or it does not answer.
    package var engine: EngineReport?
    /// Of the instance that is explained, the latest first.
    package var history: [PastTransition] = []
    /// "2026-11-25 10:42:08" of seconds since 1970.
    package var localTime: @Sendable (Int64) -> ByteString

    package init(
        keeper: KeeperReport, engine: EngineReport?,
        localTime: @escaping @Sendable (Int64) -> ByteString
    ) {
        self.keeper = keeper
        self.engine = engine
        self.localTime = localTime
    }
}

extension Snapshot {
    /// An engine that took another one's place knows its own time only: the keeper knows since when
    /// the world has been told the same state.
    ///
    /// - Parameter last: the last transition of each instance.
    package mutating func recall(_ last: [ByteString: PastTransition]) {
        for position in engine?.instances.indices ?? 0..<0 {
            engine?.instances[position].forgetAges(before: keeper.lastDeath)
            engine?.instances[position].limitAge(to: keeper.uptime)
            guard let instance = engine?.instances[position], let past = last[instance.name],
                past.to.isSame(as: instance.state), past.age > instance.age
            else { continue }
            engine?.instances[position].age = past.age
            engine?.instances[position].reason = past.reason
        }
    }
}

extension InstanceReport {
    /// One that was never started has no time of its own.
    fileprivate mutating func limitAge(to uptime: Interval) { age = min(age, uptime) }

    /// What was there when the engine started may have been so for longer.
    fileprivate mutating func forgetAges(before death: KeeperReport.Death?) {
        guard let death else { return }
        for position in shares.indices {
            guard let age = shares[position].age, age + .seconds(2) > death.age else { continue }
            shares[position].age = nil
        }
    }
}

extension StateWord {
    fileprivate func isSame(as state: StateName) -> Bool {
        switch self {
        case .master: state == .master
        case .backup: state == .backup
        case .fault: state == .fault
        case .stop, .deleted: state == .initialize
        }
    }
}
