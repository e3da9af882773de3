import Net

// What a virtual router does with a correct advertisement (RFC 3768 section 6.4.2 and 6.4.3, RFC
// 9568 section 6.4).

/// What remains to be done by the router, because it concerns the whole sync group.
enum Reaction {
    case none
    /// A master of lower priority was heard and answered.
    case answered
    /// A better master was heard.
    case yields(TransitionReason)
}

extension VirtualRouter {
    mutating func receive(
        _ advertisement: Advertisement, received: Instant, at now: Instant,
        into effects: inout [Effect]
    ) -> Reaction {
        switch (state, advertisement.claim) {
        case (.initialize, .resigns), (.initialize, .priority),
            (.fault, .resigns), (.fault, .priority):
            return .none
        case (.backup(let backup), .resigns):
            count(advertisement)
            state = .backup(resigned(backup, by: advertisement.source, at: received))
            return .none
        case (.backup(let backup), .priority(let priority)):
            count(advertisement)
            remark(on: advertisement, into: &effects)
            hear(advertisement, priority, received, backup, into: &effects)
            return .none
        case (.master(let master), .resigns):
            count(advertisement)
            advertise(master, inAnswerTo: received, at: now, into: &effects)
            return .none
        case (.master(let master), .priority(let priority)):
            count(advertisement)
            remark(on: advertisement, into: &effects)
            return contest(
                advertisement, priority, received, master, at: now, into: &effects)
        }
    }

    private mutating func count(_ advertisement: Advertisement) {
        counters.advertisementsReceived += 1
        if advertisement.claim == .resigns { counters.priorityZeroReceived &+= 1 }
    }

    // MARK: BACKUP. The way out is Master_Down_Timer alone.

    /// Priority 0: the timer is set to Skew_Time.
    private func resigned(_ backup: Backup, by address: IPAddress, at received: Instant) -> Backup {
        var backup = backup
        backup.masterDownDeadline = received + skewTime
        backup.cause = .resigned(address)
        return backup
    }

    private mutating func hear(
        _ advertisement: Advertisement, _ priority: UInt8, _ received: Instant, _ old: Backup,
        into effects: inout [Effect]
    ) {
        var backup = old
        if !mayPreempt(received) || priority >= effectivePriority {
            backup.preemptDelayEnd = nil
            accept(advertisement, priority, received, &backup)
        } else if delaysPreemption(received, &backup, into: &effects) {
            accept(advertisement, priority, received, &backup)
        } else {
            backup.cause = .lowerPriority(advertisement.source)
            note(.lowerPriorityHeard(priority, from: advertisement.source), into: &effects)
        }
        state = .backup(backup)
    }

    private func mayPreempt(_ now: Instant) -> Bool {
        guard parameters.preempts else { return false }
        guard let preemptsFrom else { return true }
        return now >= preemptsFrom
    }

    /// preempt_delay begins with the first advertisement of lower priority.
    private func delaysPreemption(
        _ received: Instant, _ backup: inout Backup, into effects: inout [Effect]
    ) -> Bool {
        guard parameters.preemptDelay > .zero else { return false }
        if let end = backup.preemptDelayEnd { return received < end }
        let end = received + parameters.preemptDelay
        backup.preemptDelayEnd = end
        note(.preemptDelayStarted(until: end), into: &effects)
        return true
    }

    private func accept(
        _ advertisement: Advertisement, _ priority: UInt8, _ received: Instant,
        _ backup: inout Backup
    ) {
        backup.masterAdverInterval = learned(from: advertisement)
        let heardUntil = max(received, backup.lossLearned ?? received)
        backup.masterDownDeadline = heardUntil + masterDownInterval(backup.masterAdverInterval)
        backup.quietSince = received
        backup.master = Peer(address: advertisement.source, priority: priority)
        backup.cause = .silence
    }

    /// v3 takes over the sender's interval; the least that the field can hold is 10 ms.
    private func learned(from advertisement: Advertisement) -> Interval {
        switch parameters.version {
        case .v2: parameters.advertisementInterval
        case .v3: max(advertisement.interval, .centiseconds(1))
        }
    }

    // MARK: MASTER. The ways out are a better master, a fault and the stop.

    private enum Contest {
        case won
        case lost(TransitionReason)
        /// Our own address and priority: a loop, or a copy of this machine.
        case mirror

        var isWon: Bool {
            switch self {
            case .won: true
            case .lost, .mirror: false
            }
        }
    }

    private func contest(_ rival: IPAddress, _ priority: UInt8) -> Contest {
        let own = effectivePriority
        if priority > own { return .lost(.higherPriority(priority, from: rival)) }
        guard priority == own, let source else { return .won }
        if rival == source { return .mirror }
        return rival > source ? .lost(.higherAddress(rival)) : .won
    }

    private mutating func contest(
        _ advertisement: Advertisement, _ priority: UInt8, _ received: Instant, _ master: Master,
        at now: Instant, into effects: inout [Effect]
    ) -> Reaction {
        let rival = advertisement.source
        if let stall = stall(of: master, at: now) { return .yields(.stalled(stall)) }
        if yieldsOwnership(to: advertisement, priority, received, into: &effects) {
            return .yields(.higherPriority(priority, from: rival))
        }
        guard case .master(let master) = state else { return .none }
        switch contest(rival, priority) {
        case .lost(let reason): return .yields(reason)
        case .mirror:
            note(.sameAddressHeard(rival), into: &effects)
            return .none
        case .won:
            if parameters.answersLowerPriority {
                advertise(master, inAnswerTo: received, at: now, into: &effects)
            }
            guard isUnanswered(received, master.announcedAgainstRival) else { return .none }
            announceAgainstRival(received, at: now, into: &effects)
            awaitSilence(of: advertisement, received)
            note(.lowerPriorityHeard(priority, from: rival), into: &effects)
            return .answered
        }
    }

    private func isUnanswered(_ received: Instant, _ answer: Instant?) -> Bool {
        guard let answer else { return true }
        return received > answer
    }

    /// An advertisement out of turn restarts Adver_Timer.
    private mutating func advertise(
        _ old: Master, inAnswerTo received: Instant, at now: Instant, into effects: inout [Effect]
    ) {
        guard isUnanswered(received, old.advertisedOutOfTurn) else { return }
        var master = old
        master.adverDeadline = now + parameters.advertisementInterval
        master.advertisedOutOfTurn = now
        advertise(&master, at: now, into: &effects)
    }

    /// One advertisement of a master.
    mutating func advertise(
        _ master: inout Master, at now: Instant, into effects: inout [Effect]
    ) {
        master.lastSent = now
        // Not changed where it is: that alone would need memory, and hardly ever is there any.
        if var contest = master.ownerContest {
            contest.advertised(every: parameters.advertisementInterval, at: now)
            master.ownerContest = contest
        }
        state = .master(master)
        send(priority: effectivePriority, into: &effects)
    }

    /// Who talked to the neighbours as master may have been believed until its very end: once it
    /// was silent for the second burst against it and a Master_Down_Interval, they are told again.
    private mutating func awaitSilence(of advertisement: Advertisement, _ received: Instant) {
        let plan = parameters.announcements
        guard case .master(var master) = state, plan.lowerPriorityCount > 0 else { return }
        let silence = masterDownInterval(learned(from: advertisement))
        master.outlived = received + plan.lowerPriorityDelay + silence
        state = .master(master)
    }

    /// Whether another owner has had its time to give way and did not.
    private mutating func yieldsOwnership(
        to advertisement: Advertisement, _ priority: UInt8, _ received: Instant,
        into effects: inout [Effect]
    ) -> Bool {
        guard parameters.isOwner, priority == 255, case .master(var master) = state,
            contest(advertisement.source, priority).isWon
        else { return false }
        var contest = OwnerContest(rival: advertisement.source, lastHeard: received)
        if let running = master.ownerContest, running.rival == contest.rival,
            received - running.lastHeard < masterDownInterval(learned(from: advertisement))
        {
            contest = running
        }
        contest.heard(every: learned(from: advertisement), at: received)
        master.ownerContest = contest
        state = .master(master)
        guard let verdict = contest.verdict, received >= verdict else { return false }
        hasYieldedOwnership = true
        note(.ownershipYielded(to: advertisement.source), into: &effects)
        return true
    }

    /// garp_lower_prio_repeat and garp_lower_prio_delay: neighbours may have learnt the rival.
    mutating func announceAgainstRival(
        _ received: Instant, at now: Instant, into effects: inout [Effect]
    ) {
        let plan = parameters.announcements
        guard case .master(var master) = state,
            isUnanswered(received, master.announcedAgainstRival)
        else { return }
        master.announcedAgainstRival = now
        if plan.lowerPriorityCount > 0 {
            if plan.lowerPriorityDelay > .zero {
                master.lowerPriorityAnnouncement = now + plan.lowerPriorityDelay
            }
            effects.append(.announce(virtualRouter: index, count: plan.lowerPriorityCount))
        }
        state = .master(master)
    }

    /// The backup that follows a better master; its timer counts from the packet's arrival.
    func backup(after advertisement: Advertisement, _ received: Instant) -> Backup {
        var backup = freshBackup(at: received)
        if case .priority(let priority) = advertisement.claim {
            accept(advertisement, priority, received, &backup)
        }
        return backup
    }

    /// What is worth a remark, once until it changes: a flood of packets is no flood of remarks.
    private mutating func remark(on advertisement: Advertisement, into effects: inout [Effect]) {
        let source = advertisement.source
        if parameters.version == .v3 && advertisement.interval != notedInterval {
            notedInterval = advertisement.interval
            if notedInterval != parameters.advertisementInterval {
                note(.intervalDiffers(notedInterval, from: source), into: &effects)
            }
        }
        let differing = advertisement.listDiffers ? source : nil
        if let differing, differing != notedList {
            note(.addressListDiffers(from: differing), into: &effects)
        }
        notedList = differing
    }
}

extension VirtualRouter.OwnerContest {
    fileprivate mutating func advertised(every interval: Interval, at now: Instant) {
        guard advertisementsLeft > 0 else { return }
        advertisementsLeft -= 1
        if advertisementsLeft == 0 { verdict = now + max(interval, rivalInterval) * 6 / 5 }
    }

    /// The slower of the two intervals counts.
    fileprivate mutating func heard(every interval: Interval, at received: Instant) {
        lastHeard = received
        rivalInterval = interval
    }
}
