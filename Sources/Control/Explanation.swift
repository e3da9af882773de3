package import Net
import VRRP

/// Why one virtual router is what it is, and what would change that. Of another router only that is
/// said which its advertisements told.
package struct Explanation {
    package let instance: InstanceReport
    /// After a hand-over nobody is preempted for that long.
    let preemptionPause: Interval?
    let startupDelayLeft: Interval?

    package init(_ instance: InstanceReport, _ engine: EngineReport) {
        self.instance = instance
        preemptionPause = engine.preemptionPause
        startupDelayLeft = engine.startupDelayLeft
    }

    /// Why it is in its state, in one sentence without a beginning.
    package var cause: ByteString {
        switch instance.state {
        case .master:
            return ByteString(
                "we advertise priority \(instance.effectivePriority) every "
                    + "\(shortestSeconds(instance.interval)) s, and heard nobody better")
        case .backup: return backupCause
        case .fault:
            return instance.faults.isEmpty ? instance.reason : joined(instance.faults)
        case .initialize:
            if let startupDelayLeft {
                return ByteString("the startup delay runs for \(ageText(startupDelayLeft)) more")
            }
            if instance.awaited.isEmpty { return "it is not started" }
            return "it waits for the first result of " + joined(instance.awaited)
        }
    }

    private var backupCause: ByteString {
        if instance.isWaitingForGroup {
            return "no master is heard, and other members of its sync group are not ready"
        }
        guard let master = instance.master else { return "no master is heard so far" }
        let own = instance.effectivePriority
        let start = "\(master) advertises priority \(instance.masterPriority)"
        if instance.masterPriority > own { return ByteString("\(start), ours is \(own)") }
        if instance.masterPriority == own {
            return ByteString("\(start), which is ours too: who is master stays it")
        }
        return ByteString("\(start), ours is \(own), \(patience)")
    }

    /// Why a master of lower priority is left alone.
    private var patience: String {
        if !instance.preempts { return "but nopreempt is set" }
        if let left = instance.preemptDelayLeft {
            return "but preempt_delay runs for \(ageText(left)) more"
        }
        if let preemptionPause {
            return "but after a hand-over nobody is preempted for \(ageText(preemptionPause)) more"
        }
        return "and we preempt it as soon as Master_Down_Timer fires"
    }

    // MARK: What if

    /// Something that may happen, and what would follow.
    package struct Forecast: Hashable {
        package var event: ByteString
        package var outcome: ByteString
    }

    package var forecasts: [Forecast] {
        var forecasts: [Forecast] = []
        switch instance.state {
        case .backup: if let forecast = resignation { forecasts.append(forecast) }
        case .fault:
            forecasts.append(
                Forecast(
                    event: instance.faults.count > 1 ? "all of that is mended" : "that is mended",
                    outcome: instance.returnsAsMaster
                        ? "MASTER at once"
                        : ByteString(
                            "BACKUP, and MASTER after "
                                + "\(shortestSeconds(instance.masterDownInterval)) s without a "
                                + "better master")))
        case .master, .initialize: break
        }
        for share in instance.shares where share.isLacking {
            forecasts.append(
                Forecast(event: share.recoveryText, outcome: outcome(ofRecovery: share)))
        }
        return forecasts
    }

    private var resignation: Forecast? {
        guard let master = instance.master else { return nil }
        return Forecast(
            event: ByteString("\(master) leaves with priority 0"),
            outcome: ByteString("we take over after \(shortestSeconds(instance.skewTime)) s"))
    }

    private func outcome(ofRecovery share: InstanceReport.Share) -> ByteString {
        var total = instance.totalPriority
        if case .points(let points) = share.effect { total -= points }
        if case .points(let points) = share.effectIfWorking { total += points }
        let priority = instance.isOwner ? 255 : UInt8(clamping: min(max(total, 1), 254))
        switch instance.state {
        case .master: return ByteString("priority \(priority), and we stay MASTER")
        case .initialize: return ByteString("priority \(priority)")
        case .fault:
            if instance.faults.count > 1 { return "other faults remain" }
            if instance.returnsAsMaster { return "MASTER at once" }
            return ByteString("BACKUP with priority \(priority)")
        case .backup: return ByteString(outcome(ofPriority: priority))
        }
    }

    private func outcome(ofPriority priority: UInt8) -> String {
        guard let master = instance.master else { return "priority \(priority)" }
        let theirs = instance.masterPriority
        if priority < theirs { return "priority \(priority) < \(theirs): we stay BACKUP" }
        if priority == theirs {
            return "priority \(priority) = \(theirs): equal never preempts, we stay BACKUP"
        }
        let start = "priority \(priority) > \(theirs): "
        if !instance.preempts { return start + "nopreempt is set, we stay BACKUP" }
        if let preemptionPause {
            return start + "after a hand-over nobody is preempted for \(ageText(preemptionPause))"
        }
        let within = shortestSeconds(instance.masterDownInterval(withPriority: priority))
        if instance.preemptDelay > .zero {
            let delay = shortestSeconds(instance.preemptDelay)
            return start
                + "we preempt \(master) after preempt_delay \(delay) s and \(within) s at most"
        }
        return start + "we preempt \(master) within \(within) s"
    }

    // MARK: Would it work

    /// Whether it could do a master's work now, and why.
    package var ability: (isAble: Bool, reason: ByteString) {
        if let obstacle { return (false, obstacle) }
        var reason = "link \(instance.interface.isEmpty ? "not needed" : "up")"
        if instance.state == .master {
            reason += ", \(instance.held) of \(instance.addresses.count) addresses held"
        }
        let working = instance.shares.count
        if working > 0 { reason += ", nothing that is tracked fails" }
        return (true, ByteString(reason))
    }

    private var obstacle: ByteString? {
        switch instance.state {
        case .fault: return cause
        case .initialize: return cause
        case .backup, .master: break
        }
        if instance.link != .up && !instance.interface.isEmpty {
            return "the interface is " + (instance.link == .down ? "down" : "missing")
        }
        if instance.source == nil { return "there is no address to send from" }
        if instance.state == .master, instance.held < instance.addresses.count {
            let missing = instance.addresses.count - instance.held
            return ByteString("\(missing) of \(instance.addresses.count) addresses are missing")
        }
        let lacking = instance.shares.filter { $0.isLacking }.map { $0.failureText }
        return lacking.isEmpty ? nil : joined(lacking)
    }

    private func joined(_ texts: [ByteString]) -> ByteString {
        var result: ByteString = ""
        for text in texts { result = result.isEmpty ? text : result + "; " + text }
        return result
    }
}

extension InstanceReport {
    /// Skew_Time of RFC 3768 section 6.1 counts in seconds, that of RFC 5798 in intervals.
    fileprivate func masterDownInterval(withPriority priority: UInt8) -> Interval {
        let base: Interval = version == .v2 ? .seconds(1) : masterInterval
        return masterInterval * Int64(downCount) + base * Int64(256 - Int(priority)) / 256
    }
}

extension InstanceReport.Share {
    /// "script nginx works again"
    fileprivate var recoveryText: ByteString {
        switch state {
        case .value: name + " holds 0"
        case .unknown, .assumed, .working, .failed: name + " works again"
        }
    }
}
