import Net
import Testing
import VRRP

// RFC 3768 section 6.4 as a table: in this state, on this event, exactly these effects in this
// order, and the next timer then. One virtual router of priority 100 with address 192.0.2.2.

/// A line of the table.
struct Row: CustomTestStringConvertible {
    let testDescription: String
    var from: StateName
    var change: @Sendable (inout VirtualRouterParameters) -> Void = { _ in }
    let event: Event
    var at = 10.0
    let effects: [Effect]
    let to: StateName
    /// Seconds; nil: no timer runs.
    let deadline: Double?
}

extension Bench {
    /// In the state wanted at 10 s. A backup heard priority 150 from 192.0.2.9 at 9 s, so its timer
    /// is due at 12.609375 s; a master is one since 9.5 s and advertises next at 10.5 s.
    static func inState(
        _ state: StateName, _ change: (inout VirtualRouterParameters) -> Void
    ) -> Bench {
        var bench = Bench(change)
        switch state {
        case .initialize: break
        case .backup:
            bench.start(at: 8)
            bench.hear(150, from: 9, at: 9)
        case .master:
            bench.start(at: 5.890625)
            bench.timers(at: 9.5)
        case .fault:
            bench.start(at: 8)
            bench.tell(.interface(virtualRouter: 0, .down), at: 9)
        }
        return bench
    }
}

private func heard(_ priority: UInt8, from host: UInt8, received: Double = 10) -> Event {
    let claim: Advertisement.Claim = priority == 0 ? .resigns : .priority(priority)
    let advertisement = Advertisement(
        source: Bench.host(host), claim: claim, interval: .seconds(1))
    return .advertisement(virtualRouter: 0, advertisement, received: instant(received))
}

private func transition(
    _ from: StateName, _ to: StateName, _ reason: TransitionReason
) -> Effect {
    .transition(virtualRouter: 0, from: from, to: to, reason: reason)
}

private func note(_ note: Note) -> Effect { .note(virtualRouter: 0, note) }

private let advertises = Effect.sendAdvertisement(virtualRouter: 0, priority: 100)
private let resigns = Effect.sendAdvertisement(virtualRouter: 0, priority: 0)
private let adds = Effect.addAddresses(virtualRouter: 0)
private let removes = Effect.removeAddresses(virtualRouter: 0)
private let announces = Effect.announce(virtualRouter: 0, count: 5)
private let linkDown = Event.interface(virtualRouter: 0, .down)
private let linkUp = Event.interface(virtualRouter: 0, .up)
private let host9 = Bench.host(9)

private let initializeRows = [
    Row(
        testDescription: "start: a full Master_Down_Interval as backup, whatever `state` says",
        from: .initialize, change: { $0.startsAsMaster = true }, event: .start,
        effects: [transition(.initialize, .backup, .started)], to: .backup, deadline: 13.609375),
    Row(
        testDescription: "start of an owner: master at once", from: .initialize,
        change: { ($0.priority, $0.startsAsMaster) = (255, true) }, event: .start,
        effects: [
            .sendAdvertisement(virtualRouter: 0, priority: 255), adds, announces,
            transition(.initialize, .master, .startedAsOwner),
        ], to: .master, deadline: 11),
    Row(
        testDescription: "start of an owner with `state BACKUP`: as everyone, skew 1/256 s",
        from: .initialize, change: { $0.priority = 255 }, event: .start,
        effects: [transition(.initialize, .backup, .started)], to: .backup, deadline: 13.00390625),
    Row(
        testDescription: "before the start an advertisement is ignored", from: .initialize,
        event: heard(0, from: 9), effects: [], to: .initialize, deadline: nil),
    Row(
        testDescription: "before the start a link that fails is only noted", from: .initialize,
        event: linkDown, effects: [], to: .initialize, deadline: nil),
    Row(
        testDescription: "a stop before the start does nothing", from: .initialize, event: .stop,
        effects: [], to: .initialize, deadline: nil),
]

private let backupRows = [
    Row(
        testDescription: "a timer that is not due does nothing", from: .backup,
        event: .timers(.current), effects: [], to: .backup, deadline: 12.609375),
    Row(
        testDescription: "silence: advertise, add, announce, tell", from: .backup,
        event: .timers(.current), at: 12.609375,
        effects: [
            advertises, adds, announces,
            transition(.backup, .master, .silence(lastMaster: host9)),
        ], to: .master, deadline: 13.609375),
    Row(
        testDescription: "one nanosecond early is not silence", from: .backup,
        event: .timers(.current), at: 12.609374999, effects: [], to: .backup,
        deadline: 12.609375),
    Row(
        testDescription: "silence is no silence while packets wait to be read", from: .backup,
        event: .timers(.behind(readUpTo: instant(12.609375))), at: 12.7, effects: [],
        to: .backup, deadline: 12.609375),
    Row(
        testDescription: "silence once what arrived before the deadline was read, flood or not",
        from: .backup, event: .timers(.behind(readUpTo: instant(12.609376))), at: 12.609375,
        effects: [
            advertises, adds, announces,
            transition(.backup, .master, .silence(lastMaster: host9)),
        ], to: .master, deadline: 13.609375),
    Row(
        testDescription: "silence is no silence when packets were lost: in full again",
        from: .backup, event: .lost(virtualRouters: [0]), at: 12.7, effects: [], to: .backup,
        deadline: 16.309375),
    Row(
        testDescription: "lossy before the timer is due restarts it too", from: .backup,
        event: .lost(virtualRouters: [0]), effects: [], to: .backup, deadline: 13.609375),
    Row(
        testDescription: "late by half a Master_Down_Interval still counts", from: .backup,
        event: .timers(.current), at: 14.4140625,
        effects: [
            advertises, adds, announces,
            transition(.backup, .master, .silence(lastMaster: host9)),
        ], to: .master, deadline: 15.4140625),
    Row(
        testDescription: "late by more: we slept, and listen in full again", from: .backup,
        event: .timers(.current), at: 15.609375,
        effects: [note(.timerLate(by: .seconds(3)))], to: .backup, deadline: 19.21875),
    Row(
        testDescription: "priority 0: the timer is set to Skew_Time", from: .backup,
        event: heard(0, from: 9), effects: [], to: .backup, deadline: 10.609375),
    Row(
        testDescription: "a higher priority restarts the timer, from the packet's arrival",
        from: .backup, event: heard(101, from: 9, received: 9.75), effects: [], to: .backup,
        deadline: 13.359375),
    Row(
        testDescription: "an equal priority restarts the timer, whoever has the higher address",
        from: .backup, event: heard(100, from: 1), effects: [], to: .backup, deadline: 13.609375),
    Row(
        testDescription: "a lower priority is discarded, the timer untouched", from: .backup,
        event: heard(99, from: 9),
        effects: [note(.lowerPriorityHeard(99, from: host9))], to: .backup, deadline: 12.609375),
    Row(
        testDescription: "nopreempt: a lower priority restarts the timer", from: .backup,
        change: { $0.preempts = false }, event: heard(99, from: 9), effects: [], to: .backup,
        deadline: 13.609375),
    Row(
        testDescription: "preempt_delay: the first lower priority starts it, and is accepted",
        from: .backup, change: { $0.preemptDelay = .seconds(4) }, event: heard(99, from: 9),
        effects: [note(.preemptDelayStarted(until: instant(14)))], to: .backup,
        deadline: 13.609375),
    Row(
        testDescription: "a link that fails is a fault; a backup sends no priority 0",
        from: .backup, event: linkDown,
        effects: [transition(.backup, .fault, .fault(.interfaceDown))], to: .fault, deadline: nil),
    Row(
        testDescription: "dont_track_primary: a link that fails is none", from: .backup,
        change: { $0.tracksInterface = false }, event: linkDown, effects: [], to: .backup,
        deadline: 12.609375),
    Row(
        testDescription: "dont_track_primary: an interface that is gone is one all the same",
        from: .backup, change: { $0.tracksInterface = false },
        event: .interface(virtualRouter: 0, .missing),
        effects: [transition(.backup, .fault, .fault(.interfaceMissing))], to: .fault,
        deadline: nil),
    Row(
        testDescription: "no address to send from is a fault", from: .backup,
        event: .source(virtualRouter: 0, nil),
        effects: [transition(.backup, .fault, .fault(.noSourceAddress))], to: .fault,
        deadline: nil),
    Row(
        testDescription: "what is known already changes nothing", from: .backup, event: linkUp,
        effects: [], to: .backup, deadline: 12.609375),
    Row(
        testDescription: "another source address changes nothing", from: .backup,
        event: .source(virtualRouter: 0, Bench.host(7)), effects: [], to: .backup,
        deadline: 12.609375),
    Row(
        testDescription: "a backup's stop sends no priority 0 and removes nothing", from: .backup,
        event: .stop, effects: [transition(.backup, .initialize, .stopped)], to: .initialize,
        deadline: nil),
    Row(
        testDescription: "a second start changes nothing", from: .backup, event: .start,
        effects: [], to: .backup, deadline: 12.609375),
]

private let masterRows = [
    Row(
        testDescription: "Adver_Timer: advertise, and again an interval after it was due",
        from: .master, event: .timers(.current), at: 10.625, effects: [advertises], to: .master,
        deadline: 11.5),
    Row(
        testDescription: "Adver_Timer fires also while packets wait to be read", from: .master,
        event: .timers(.behind(readUpTo: instant(10))), at: 10.5, effects: [advertises],
        to: .master, deadline: 11.5),
    Row(
        testDescription: "late by one interval and a bit: one advertisement, not two",
        from: .master, event: .timers(.current), at: 11.75, effects: [advertises], to: .master,
        deadline: 12.5),
    Row(
        testDescription: "late by more than half an interval: the next beat but one",
        from: .master, event: .timers(.current), at: 11.25, effects: [advertises], to: .master,
        deadline: 12.5),
    Row(
        testDescription: "late by more than half a Master_Down_Interval: announce again too",
        from: .master, event: .timers(.current), at: 13.5, effects: [advertises, announces],
        to: .master, deadline: 14.5),
    Row(
        testDescription: "priority 0 from another: advertise at once, stay", from: .master,
        event: heard(0, from: 9), effects: [advertises], to: .master, deadline: 11),
    Row(
        testDescription: "a lower priority: advertise at once, announce, stay", from: .master,
        event: heard(99, from: 9),
        effects: [advertises, announces, note(.lowerPriorityHeard(99, from: host9))],
        to: .master, deadline: 11),
    Row(
        testDescription: "equal priority and lower address: as a lower priority", from: .master,
        event: heard(100, from: 1),
        effects: [advertises, announces, note(.lowerPriorityHeard(100, from: Bench.host(1)))],
        to: .master, deadline: 11),
    Row(
        testDescription: "lower_prio_no_advert: announce only, and Adver_Timer goes on",
        from: .master, change: { $0.answersLowerPriority = false }, event: heard(99, from: 9),
        effects: [announces, note(.lowerPriorityHeard(99, from: host9))], to: .master,
        deadline: 10.5),
    Row(
        testDescription: "garp_lower_prio_repeat 0: no announcement", from: .master,
        change: { $0.announcements.lowerPriorityCount = 0 }, event: heard(99, from: 9),
        effects: [advertises, note(.lowerPriorityHeard(99, from: host9))], to: .master,
        deadline: 11),
    Row(
        testDescription: "a higher priority: let go, without priority 0", from: .master,
        event: heard(101, from: 1, received: 9.75),
        effects: [
            removes, transition(.master, .backup, .higherPriority(101, from: Bench.host(1))),
        ], to: .backup, deadline: 13.359375),
    Row(
        testDescription: "equal priority and higher address: let go", from: .master,
        event: heard(100, from: 9),
        effects: [removes, transition(.master, .backup, .higherAddress(host9))], to: .backup,
        deadline: 13.609375),
    Row(
        testDescription: "higher_prio_send_advert: once more, then let go", from: .master,
        change: { $0.sendsBeforeSteppingDown = true }, event: heard(101, from: 9),
        effects: [
            advertises, removes, transition(.master, .backup, .higherPriority(101, from: host9)),
        ], to: .backup, deadline: 13.609375),
    Row(
        testDescription: "equal priority and our own address: a remark only", from: .master,
        event: heard(100, from: 2), effects: [note(.sameAddressHeard(Bench.host(2)))],
        to: .master, deadline: 10.5),
    Row(
        testDescription: "nopreempt does not keep a master from stepping down", from: .master,
        change: { $0.preempts = false }, event: heard(101, from: 9),
        effects: [removes, transition(.master, .backup, .higherPriority(101, from: host9))],
        to: .backup, deadline: 13.609375),
    Row(
        testDescription: "a fault: priority 0 before the addresses go", from: .master,
        event: linkDown,
        effects: [resigns, removes, transition(.master, .fault, .fault(.interfaceDown))],
        to: .fault, deadline: nil),
    Row(
        testDescription: "stop: priority 0 before the addresses go", from: .master, event: .stop,
        effects: [resigns, removes, transition(.master, .initialize, .stopped)],
        to: .initialize, deadline: nil),
    Row(
        testDescription: "an owner yields to an owner of higher address", from: .master,
        change: { $0.priority = 255 }, event: heard(255, from: 9),
        effects: [removes, transition(.master, .backup, .higherAddress(host9))], to: .backup,
        deadline: 13.00390625),
]

private let faultRows = [
    Row(
        testDescription: "an advertisement is ignored", from: .fault, event: heard(101, from: 9),
        effects: [], to: .fault, deadline: nil),
    Row(
        testDescription: "a timer is ignored", from: .fault, event: .timers(.current),
        effects: [], to: .fault, deadline: nil),
    Row(
        testDescription: "the link is back: backup, for a full Master_Down_Interval",
        from: .fault, event: linkUp, effects: [transition(.fault, .backup, .faultCleared)],
        to: .backup, deadline: 13.609375),
    Row(
        testDescription: "the link of an owner is back: master at once", from: .fault,
        change: { ($0.priority, $0.startsAsMaster) = (255, true) }, event: linkUp,
        effects: [
            .sendAdvertisement(virtualRouter: 0, priority: 255), adds, announces,
            transition(.fault, .master, .faultCleared),
        ], to: .master, deadline: 11),
    Row(
        testDescription: "a second fault is silent", from: .fault,
        event: .source(virtualRouter: 0, nil), effects: [], to: .fault, deadline: nil),
    Row(
        testDescription: "stop: no priority 0, but the stop is told", from: .fault, event: .stop,
        effects: [transition(.fault, .initialize, .stopped)], to: .initialize, deadline: nil),
]

@Test(arguments: initializeRows + backupRows + masterRows + faultRows)
func transitionTable(_ row: Row) {
    var bench = Bench.inState(row.from, row.change)
    if bench.state() != row.from && row.from != .master { Issue.record("wrong beginning") }
    #expect(bench.tell(row.event, at: row.at) == row.effects)
    #expect(bench.state() == row.to)
    #expect(bench.deadline == row.deadline)
}
