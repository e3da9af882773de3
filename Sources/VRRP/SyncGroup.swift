import Net

// vrrp_sync_group as a state machine whose inputs are its members. A virtual router without a
// group is a group of one without a name, so that there is one set of rules for both.

/// Whether a virtual router can take part.
enum Readiness: Hashable {
    case ready
    /// Not started, or waiting for the first result of a script: out of service, silently.
    case awaiting
    case faulty(FaultReason)
}

/// Positions in the plan's virtual routers, ascending. Most groups are a virtual router of its own,
/// which needs no list.
struct Members: RandomAccessCollection {
    /// The group's number and its members but for the first; empty for a virtual router of its own.
    private let list: [Int32]
    private let first: Int32

    /// - Parameter members: at least one, and only one where there is no number.
    init(_ members: [Int], number: Int?) {
        first = Int32(clamping: members.first ?? 0)
        list =
            number.map { [Int32(clamping: $0)] + members.dropFirst().map { Int32(clamping: $0) } }
            ?? []
    }

    /// Position in the plan's groups; nil for a virtual router of its own.
    var number: Int? { list.first.map { Int($0) } }

    var startIndex: Int { 0 }
    var endIndex: Int { Swift.max(1, list.count) }
    subscript(position: Int) -> Int { Int(position == 0 ? first : list[position]) }
}

/// Members, and how many of them keep the group from working.
struct SyncGroup {
    let members: Members
    private(set) var faulty: Int32 = 0
    private(set) var awaiting: Int32
    var state: StateName

    /// Position in the plan's groups; nil for a virtual router of its own.
    var number: Int? { members.number }

    /// Every member is taken to be `.awaiting` until counted otherwise.
    init(members: [Int], number: Int?, state: StateName) {
        self.members = Members(members, number: number)
        self.state = state
        awaiting = Int32(clamping: members.count)
    }

    /// A member's readiness changed. Returns whether that changes the group's.
    mutating func count(_ new: Readiness, insteadOf old: Readiness) -> Bool {
        let wasFaulty = faulty > 0
        let wasAwaiting = awaiting > 0
        add(-1, to: old)
        add(1, to: new)
        return wasFaulty != (faulty > 0) || wasAwaiting != (awaiting > 0)
    }

    private mutating func add(_ number: Int32, to readiness: Readiness) {
        switch readiness {
        case .ready: break
        case .awaiting: awaiting += number
        case .faulty: faulty += number
        }
    }
}

/// What a group has to do, decided before anything is done.
enum Verdict {
    case stay
    /// A member is in fault: so are all.
    case fault
    /// Those in INITIALIZE or FAULT start, as backups.
    case enter
    /// All members are owners that start as masters.
    case enterAsOwners
    /// Newcomers follow masters.
    case join
    /// Every member's Master_Down_Timer has expired.
    case takeOver
    /// Some are masters and some are not.
    case release

    var isEnter: Bool {
        if case .enter = self { true } else { false }
    }
}

/// How many members are in which state.
struct Tally {
    var total = 0
    var initialize = 0
    var backup = 0
    /// Of the backups: those whose Master_Down_Timer has expired.
    var expired = 0
    var master = 0
    var fault = 0
    var ownersThatStartAsMaster = 0

    mutating func add(_ virtualRouter: borrowing VirtualRouter) {
        total += 1
        if virtualRouter.parameters.isOwner && virtualRouter.parameters.startsAsMaster {
            ownersThatStartAsMaster += 1
        }
        switch virtualRouter.state {
        case .initialize: initialize += 1
        case .backup(let backup):
            self.backup += 1
            if backup.masterDownDeadline == nil { expired += 1 }
        case .master: master += 1
        case .fault: fault += 1
        }
    }

    /// The state of the group as people see it.
    var state: StateName {
        if fault > 0 { return .fault }
        if backup > 0 { return .backup }
        return master > 0 && master == total ? .master : .initialize
    }

    func verdict(faulty: Int32, awaiting: Int32) -> Verdict {
        if faulty > 0 { return fault == total ? .stay : .fault }
        if awaiting > 0 { return .stay }
        if initialize + fault > 0 {
            if initialize + fault == total && ownersThatStartAsMaster == total {
                return .enterAsOwners
            }
            return master > 0 && initialize + master == total ? .join : .enter
        }
        if expired == total { return .takeOver }
        return master > 0 && master < total ? .release : .stay
    }
}
