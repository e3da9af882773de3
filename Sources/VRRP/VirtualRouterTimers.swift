import Net

// What a virtual router does when its timers fire. The state carries them; a timer of another
// state cannot fire, an early or repeated call does nothing.

/// What a timer means for the whole sync group.
enum Expiry {
    case none
    /// Master_Down_Timer fired.
    case silence
    /// timer_expired_backup.
    case stalled(Interval)
}

extension VirtualRouter {
    /// Fires what is due.
    mutating func fire(
        at now: Instant, _ hearing: Hearing, into effects: inout [Effect]
    ) -> Expiry {
        switch state {
        case .initialize, .fault: return .none
        case .backup(let backup):
            let isSilence = fireMasterDownTimer(backup, at: now, hearing, into: &effects)
            return isSilence ? .silence : .none
        case .master(let master):
            if let stall = stall(of: master, at: now) { return .stalled(stall) }
            let master = fireAdverTimer(master, at: now, into: &effects)
            switch hearing {
            case .current: fireAnnouncements(master, at: now, into: &effects)
            case .behind: break
            }
            return .none
        }
    }

    /// Silence counts only if what arrived before the deadline was read, and if we were there to listen: by
    /// more than half a Master_Down_Interval too late, it is the first sign of our own stall.
    private mutating func fireMasterDownTimer(
        _ old: Backup, at now: Instant, _ hearing: Hearing, into effects: inout [Effect]
    ) -> Bool {
        guard let deadline = old.masterDownDeadline, deadline <= now else { return false }
        switch hearing {
        case .behind(let readUpTo): guard readUpTo > deadline else { return false }
        case .current: break
        }
        var backup = old
        let delay = now - deadline
        let isLate = delay > masterDownInterval / 2
        backup.masterDownDeadline = isLate ? now + masterDownInterval : nil
        if isLate {
            backup.quietSince = now
            note(.timerLate(by: delay), into: &effects)
        }
        state = .backup(backup)
        return !isLate
    }

    /// A crash does not make the silence before it unheard, nor a slow master's interval unlearned.
    /// Never later than with the longest that can be, and never in the past: that would look like a
    /// stall.
    mutating func wait(until deadline: Instant, at now: Instant) {
        guard case .backup(var backup) = state, backup.masterDownDeadline != nil else { return }
        let longest = now + masterDownInterval(longestMasterAdverInterval)
        backup.masterDownDeadline = min(longest, max(deadline, now))
        state = .backup(backup)
    }

    private var longestMasterAdverInterval: Interval {
        switch parameters.version {
        case .v2: parameters.advertisementInterval
        case .v3: max(.centiseconds(4_095), parameters.advertisementInterval)
        }
    }

    /// Packets were lost: Master_Down_Timer starts again in full. Not beyond four
    /// Master_Down_Intervals without an accepted advertisement, or a flood could keep the
    /// addresses away for ever.
    mutating func restartAfterLoss(at now: Instant) {
        guard case .backup(var backup) = state, let deadline = backup.masterDownDeadline else {
            return
        }
        let limit = backup.quietSince + masterDownInterval * 4
        backup.masterDownDeadline = max(deadline, min(now + masterDownInterval, limit))
        backup.lossLearned = now
        state = .backup(backup)
    }

    /// A master that comes back from a stall tells the neighbours again that it is one.
    private mutating func fireAdverTimer(
        _ old: Master, at now: Instant, into effects: inout [Effect]
    ) -> Master {
        guard old.adverDeadline <= now else { return old }
        var master = old
        if now - old.adverDeadline > masterDownInterval / 2 { master.secondAnnouncement = now }
        master.adverDeadline = old.adverDeadline.nextBeat(
            every: parameters.advertisementInterval, after: now)
        advertise(&master, at: now, into: &effects)
        return master
    }

    private mutating func fireAnnouncements(
        _ old: Master, at now: Instant, into effects: inout [Effect]
    ) {
        let plan = parameters.announcements
        var master = old
        if let due = master.secondAnnouncement, due <= now {
            master.secondAnnouncement = nil
            effects.append(.announce(virtualRouter: index, count: plan.count))
        }
        if let due = master.lowerPriorityAnnouncement, due <= now {
            master.lowerPriorityAnnouncement = nil
            effects.append(.announce(virtualRouter: index, count: plan.lowerPriorityCount))
        }
        if let due = master.outlived, due <= now {
            master.outlived = nil
            effects.append(.announce(virtualRouter: index, count: plan.count))
        }
        if let due = master.refresh, due <= now {
            master.refresh = due.nextBeat(every: plan.refresh, after: now)
            effects.append(.announce(virtualRouter: index, count: plan.refreshCount))
        }
        state = .master(master)
    }
}
