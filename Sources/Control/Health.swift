package import Net
import VRRP

/// How well things are: the exit status of `martletctl status`.
package enum Health: Int32, Hashable, Comparable, Sendable {
    case well = 0
    case degraded = 1
    /// Or a conflict.
    case fault = 2

    package static func < (left: Health, right: Health) -> Bool { left.rawValue < right.rawValue }

    package var word: String {
        switch self {
        case .well: "ok"
        case .degraded: "degraded"
        case .fault: "fault"
        }
    }
}

/// Something worth a remark, and how bad it is.
package struct Remark: Hashable, Sendable {
    package var health: Health
    package var text: ByteString

    package init(_ health: Health, _ text: ByteString) {
        self.health = health
        self.text = text
    }

    init(_ health: Health, _ text: String) { self.init(health, ByteString(text)) }
}

extension InstanceReport {
    /// All there is to remark, the worst first.
    package var remarks: [Remark] {
        var remarks = packetRemarks + stateRemarks
        for share in shares where share.isLacking && state != .fault {
            remarks.append(Remark(.degraded, share.failureText))
        }
        remarks += waitRemarks
        // In their order where they are equally bad.
        return remarks.filter { $0.health == .fault } + remarks.filter { $0.health == .degraded }
            + remarks.filter { $0.health == .well }
    }

    package var health: Health { remarks.first?.health ?? .well }

    /// Of what others send.
    var packetRemarks: [Remark] {
        var remarks: [Remark] = []
        for rejection in rejections { remarks.append(rejection.remark(vrid)) }
        if let differingList {
            remarks.append(
                Remark(.degraded, "the address list of \(differingList) differs from ours"))
        }
        if couldPinHopLimit {
            remarks.append(
                Remark(.well, "every peer arrives with TTL 255: min_ttl 255 could pin it"))
        }
        return remarks
    }

    private var stateRemarks: [Remark] {
        switch state {
        case .fault:
            return faults.isEmpty
                ? [Remark(.fault, reason)] : faults.map { Remark(.fault, $0) }
        case .initialize:
            if awaited.isEmpty { return [Remark(.degraded, "not started")] }
            return awaited.map {
                Remark(.degraded, "waits for the first result of " + $0)
            }
        case .master:
            let missing = addresses.count - held
            guard missing > 0 else { return [] }
            return [Remark(.degraded, "\(missing) of \(addresses.count) addresses missing")]
        case .backup:
            if master == nil { return [Remark(.degraded, "no master heard yet")] }
            return []
        }
    }

    private var waitRemarks: [Remark] {
        guard state == .backup else { return [] }
        if isWaitingForGroup { return [Remark(.well, "waits for its sync group")] }
        guard master != nil, masterPriority < effectivePriority else { return [] }
        if !preempts {
            return [Remark(.well, "nopreempt: stays BACKUP below priority \(masterPriority)")]
        }
        guard let preemptDelayLeft else { return [] }
        return [Remark(.well, "preempt_delay: \(ageText(preemptDelayLeft)) left")]
    }
}

extension InstanceReport.Rejection {
    func remark(_ vrid: UInt8) -> Remark {
        switch reason {
        case .discarded(.addressList):
            Remark(.fault, "foreign cluster: \(source) uses VRID \(vrid) for other addresses")
        case .discarded(.ownerIgnores):
            Remark(.fault, "two owners: \(source) advertises addresses of this owner")
        case .ourOwn:
            Remark(.fault, "\(source) advertises with our own address and priority")
        case .discarded(let discard):
            Remark(.degraded, "discards packets of \(source): \(discard.text)")
        }
    }
}

extension InstanceReport.Share {
    /// It costs priority, or the service, as it is.
    package var isLacking: Bool {
        switch (effect, effectIfWorking) {
        case (.points(let points), .points(let ifWorking)): points < ifWorking && state != .unknown
        case (.fault, .points), (.fault, .wait): true
        case (.fault, .fault), (.points, .fault), (.points, .wait), (.wait, .points),
            (.wait, .fault), (.wait, .wait):
            false
        }
    }

    /// "script nginx failing for 2 min"
    var failureText: ByteString {
        var text = name + ByteString(" \(word)")
        if let age { text = text + ByteString(" for \(ageText(age))") }
        return text
    }

    package var word: String {
        switch state {
        case .unknown: "without a result"
        case .assumed: "taken to work"
        case .working: "works"
        case .failed: "failing"
        case .value(let number): "holds \(number)"
        }
    }
}

extension Snapshot {
    /// Of the node as a whole, the worst first.
    package var remarks: [Remark] {
        var remarks: [Remark] = []
        switch keeper.engine {
        case .running: break
        case .waitsForStartupScript: remarks.append(Remark(.degraded, "startup_script runs"))
        case .restarts(let wait?):
            remarks.append(Remark(.fault, "the engine died; a new one starts in \(ageText(wait))"))
        case .restarts(nil): remarks.append(Remark(.fault, "the engine died; a new one starts"))
        case .silent: remarks.append(Remark(.fault, "the engine does not answer"))
        case .stopping: remarks.append(Remark(.degraded, "stopping"))
        }
        if let refusal = keeper.refusal {
            remarks.append(
                Remark(
                    .degraded,
                    ByteString("reload refused \(ageText(refusal.age)) ago: ") + refusal.reason))
        }
        if let pause = engine?.preemptionPause {
            remarks.append(
                Remark(
                    .degraded, "after a hand-over nobody is preempted for \(ageText(pause))"))
        }
        if case .refused(let why) = keeper.realTime {
            remarks.append(Remark(.degraded, ByteString("vrrp_rt_priority not in force: ") + why))
        }
        if keeper.locking == .refused {
            remarks.append(Remark(.degraded, "vrrp_no_swap: no memory is locked"))
        }
        if let left = engine?.startupDelayLeft {
            remarks.append(Remark(.degraded, "startup delay: \(ageText(left)) left"))
        }
        if let death = keeper.lastDeath {
            let times = keeper.deaths == 1 ? "once" : "\(keeper.deaths) times"
            remarks.append(
                Remark(
                    .well,
                    ByteString("the engine died \(times), last \(ageText(death.age)) ago: ")
                        + death.how))
        }
        if let age = keeper.changeAge {
            remarks.append(
                Remark(.well, "its file was changed \(ageText(age)) ago and not read since"))
        }
        if keeper.isReloading { remarks.append(Remark(.well, "reads a new configuration")) }
        return remarks.filter { $0.health == .fault } + remarks.filter { $0.health == .degraded }
            + remarks.filter { $0.health == .well }
    }

    package var health: Health {
        var worst = remarks.first?.health ?? .well
        for instance in engine?.instances ?? [] { worst = max(worst, instance.health) }
        return worst
    }
}
