import Net

/// What the engine publishes in memory that it shares with the keeper, as 64-bit words: a header,
/// then a slot for each virtual router. What a taken-over engine writes here is foreign to the
/// keeper: it is checked, and can only ever point at what the administrator declared.
enum SlotLayout {
    /// Slots there are: keepalived's 255 VRIDs on sixteen interfaces.
    static let capacity = 4096
    static let headerWords = 8
    static let slotWords = 8
    static let words = headerWords + capacity * slotWords

    /// Header words.
    static let generation = 0
    /// CLOCK_MONOTONIC nanoseconds of the engine's next deadline; Int64.max: none.
    static let deadline = 1
    /// Nanoseconds of the longest netlink call so far.
    static let longestWait = 2
    /// Nanoseconds of the shortest Master_Down_Interval among what is mastered; 0: none.
    static let shortestMasterDown = 3
    /// Turns of the engine's loop so far.
    static let turns = 4

    /// Words of a slot.
    static let sequence = 0
    static let flags = 1
    static let since = 2
    static let sourceHigh = 3
    static let sourceLow = 4
    /// Of authentication: the last sequence number or stamp (`Freshness.last`); a word of its own.
    static let number = 5
    /// CLOCK_BOOTTIME nanoseconds of Master_Down_Timer; 0: it does not run.
    static let masterDown = 6
    /// Index of the interface whose promote_secondaries is 1 by us; 0: none.
    static let promoted = 7
    /// A successor that does not resume goes on from these all the same.
    static let lasting = [number, promoted]

    static func slot(_ index: Int, _ word: Int) -> Int {
        headerWords + index * slotWords + word
    }
}

/// The state of one virtual router as the slots show it.
struct PublishedState: Hashable {
    var isMaster: Bool
    /// CLOCK_BOOTTIME.
    var since: Instant
    var source: IPAddress?
    /// Silence or a resignation gave it back after a hand-over: nobody else can hold it.
    var cameBack = false
    /// An owner found an address that was there before it.
    var hasAdopted = false

    private static let masterFlag: UInt64 = 1
    private static let ipv4Flag: UInt64 = 2
    private static let ipv6Flag: UInt64 = 4
    private static let silenceFlag: UInt64 = 8
    private static let adoptedFlag: UInt64 = 16

    /// The three words that follow the flags, and the flags.
    var words: (flags: UInt64, since: UInt64, high: UInt64, low: UInt64) {
        let master =
            (isMaster ? PublishedState.masterFlag : 0)
            | (cameBack ? PublishedState.silenceFlag : 0)
            | (hasAdopted ? PublishedState.adoptedFlag : 0)
        let since = UInt64(bitPattern: since.nanoseconds)
        switch source {
        case .v4(let address):
            return (master | PublishedState.ipv4Flag, since, 0, UInt64(address.value))
        case .v6(let address):
            return (master | PublishedState.ipv6Flag, since, address.high, address.low)
        case nil: return (master, since, 0, 0)
        }
    }

    init(isMaster: Bool, since: Instant, source: IPAddress?) {
        self.isMaster = isMaster
        self.since = since
        self.source = source
    }

    init(flags: UInt64, since: UInt64, high: UInt64, low: UInt64) {
        isMaster = flags & PublishedState.masterFlag != 0
        cameBack = flags & PublishedState.silenceFlag != 0
        hasAdopted = flags & PublishedState.adoptedFlag != 0
        self.since = Instant(nanoseconds: Int64(bitPattern: since))
        if flags & PublishedState.ipv4Flag != 0 {
            source = .v4(IPv4Address(UInt32(truncatingIfNeeded: low)))
        } else if flags & PublishedState.ipv6Flag != 0 {
            source = .v6(IPv6Address(high: high, low: low))
        }
    }
}
