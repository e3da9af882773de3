import Net
import VRRP

// JSON of the control socket. `schema` counts changes after which a reader of before would go
// wrong; what is new does not count.

extension Snapshot {
    /// What `martletctl status --json` prints: one object.
    package func statusJSON() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("schema", 1)
            json.member("health", ByteString(health.word))
            json.key("node")
            json.object { $0.members(of: self) }
            json.key("groups")
            json.array { json in
                for group in engine?.groups ?? [] { json.append(group) }
            }
            json.key("instances")
            json.array { json in
                for instance in engine?.instances ?? [] {
                    json.object { $0.members(of: instance, groups: engine?.groups ?? []) }
                }
            }
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }
}

extension JSONWriter {
    mutating func members(of snapshot: Snapshot) {
        let keeper = snapshot.keeper
        member("name", snapshot.name)
        member("version", keeper.version)
        member("time", literal: decimalSeconds(microseconds: keeper.now))
        member("uptime", literal: jsonSeconds(keeper.uptime))
        member("engine", keeper.engine.name)
        key("configuration")
        object { json in
            json.member("file", keeper.file)
            json.member("accepted_age", literal: jsonSeconds(keeper.configurationAge))
            json.member("older_than_file", keeper.isOlderThanFile)
            if let age = keeper.changeAge {
                json.member("changed_age", literal: jsonSeconds(age))
            }
            guard let refusal = keeper.refusal else { return }
            json.member("refused_age", literal: jsonSeconds(refusal.age))
            json.member("refused_reason", refusal.reason)
        }
        key("real_time")
        object { $0.members(of: keeper.realTime) }
        key("memory_locked")
        object { $0.members(of: keeper.locking) }
        member("engine_deaths", keeper.deaths)
        if let death = keeper.lastDeath {
            member("last_death_age", literal: jsonSeconds(death.age))
            member("last_death", death.how)
        }
        member("handovers", keeper.handovers)
        member("preemption_pause", seconds: snapshot.engine?.preemptionPause)
        member("startup_delay_left", seconds: snapshot.engine?.startupDelayLeft)
        members(of: snapshot.remarks)
    }

    private mutating func members(of realTime: KeeperReport.RealTime) {
        switch realTime {
        case .notAsked: member("state", "not-asked")
        case .inForce(let priority):
            member("state", "in-force")
            member("policy", "rr")
            member("priority", priority)
        case .refused(let why):
            member("state", "refused")
            member("reason", why)
        }
    }

    private mutating func members(of locking: KeeperReport.Locking) {
        switch locking {
        case .notAsked: member("state", "not-asked")
        case .locked(let bytes):
            member("state", "in-force")
            member("bytes", bytes)
        case .refused: member("state", "refused")
        case .unknown: member("state", "unknown")
        }
    }

    mutating func append(_ group: GroupStatus) {
        object { json in
            json.member("name", group.name)
            json.member("state", group.state.name)
            json.key("members")
            json.array { json in for name in group.members { json.value(name) } }
        }
    }

    mutating func members(of instance: InstanceReport, groups: [GroupStatus]) {
        member("name", instance.name)
        if let group = instance.group, groups.indices.contains(group) {
            member("group", groups[group].name)
        }
        member("interface", instance.interface)
        if let link = instance.virtualLink { member("virtual_interface", link) }
        member("link", instance.link.name)
        member("vrid", instance.vrid)
        member("version", instance.version.rawValue)
        member("family", instance.family == .ipv4 ? "ipv4" : "ipv6")
        member("state", instance.state.name)
        member("state_age", literal: jsonSeconds(instance.age))
        member("reason", instance.reason)
        member("health", ByteString(instance.health.word))
        members(of: instance.remarks)
        members(priorityOf: instance)
        members(masterOf: instance)
        key("addresses")
        array { json in for address in instance.addresses { json.append(address) } }
        member("could_pin_hop_limit", instance.couldPinHopLimit)
        key("counters")
        object { $0.members(of: instance.counters) }
    }

    private mutating func members(of remarks: [Remark]) {
        key("notes")
        array { json in
            for remark in remarks {
                json.object { json in
                    json.member("health", ByteString(remark.health.word))
                    json.member("text", remark.text)
                }
            }
        }
    }

    private mutating func members(priorityOf instance: InstanceReport) {
        member("base_priority", instance.priority)
        member("effective_priority", instance.effectivePriority)
        key("tracked")
        array { json in
            for share in instance.shares {
                json.object { json in
                    json.member("name", share.name)
                    json.member("state", share.state.name)
                    if case .value(let number) = share.state { json.member("value", number) }
                    json.members(of: share.effect)
                    json.member("state_age", seconds: share.age)
                    if !share.outcome.isEmpty { json.member("outcome", share.outcome) }
                }
            }
        }
        member("preempt", instance.preempts)
        member("preempt_delay", literal: jsonSeconds(instance.preemptDelay))
        member("preempt_delay_left", seconds: instance.preemptDelayLeft)
    }

    private mutating func members(of effect: TrackedEffect) {
        switch effect {
        case .points(let points):
            member("effect", "priority")
            member("points", points)
        case .fault: member("effect", "fault")
        case .wait: member("effect", "wait")
        }
    }

    private mutating func members(masterOf instance: InstanceReport) {
        member("source", instance.source)
        let isSelf = instance.state == .master
        key("master")
        if isSelf || instance.master != nil {
            object { json in
                json.member("self", isSelf)
                json.member("address", isSelf ? instance.source : instance.master)
                json.member(
                    "priority", isSelf ? instance.effectivePriority : instance.masterPriority)
            }
        } else {
            value(literal: "null")
        }
        member("heard_age", seconds: instance.heard)
        member("sent_age", seconds: instance.sent)
        member("interval", literal: jsonSeconds(instance.interval))
        member("master_interval", literal: jsonSeconds(instance.masterInterval))
        member("skew_time", literal: jsonSeconds(instance.skewTime))
        member("master_down_interval", literal: jsonSeconds(instance.masterDownInterval))
        member("takes_over_in", seconds: instance.takeOver)
    }

    private mutating func append(_ address: InstanceReport.Address) {
        object { json in
            json.member("address", ByteString("\(address.prefix.address)"))
            json.member("prefix_length", address.prefix.length)
            json.member("interface", address.interface)
            json.member("advertised", !address.isExcluded)
            json.member("held", address.isHeld)
        }
    }

    private mutating func members(of counters: InstanceCounters) {
        member("advertisements_sent", counters.core.advertisementsSent)
        member("advertisements_received", counters.core.advertisementsReceived)
        member("became_master", counters.core.becameMaster)
        member("released_master", counters.core.releasedMaster)
        member("priority_zero_sent", counters.core.priorityZeroSent)
        member("priority_zero_received", counters.core.priorityZeroReceived)
        key("discarded")
        object { json in
            for reason in Discard.allCases where counters.discarded(reason) > 0 {
                json.member(reason.name, counters.discarded(reason))
            }
        }
    }

    private mutating func member(_ name: String, seconds: Interval?) {
        if let seconds { member(name, literal: jsonSeconds(seconds)) }
    }

    private mutating func member(_ name: String, _ address: IPAddress?) {
        if let address { member(name, ByteString("\(address)")) }
    }
}

extension KeeperReport.Engine {
    fileprivate var name: ByteString {
        switch self {
        case .running: "running"
        case .waitsForStartupScript: "waits-for-startup-script"
        case .restarts: "restarts"
        case .silent: "silent"
        case .stopping: "stopping"
        }
    }
}

extension StateName {
    fileprivate var name: ByteString {
        switch self {
        case .initialize: "init"
        case .backup: "backup"
        case .master: "master"
        case .fault: "fault"
        }
    }
}

extension InterfaceStatus {
    fileprivate var name: ByteString {
        switch self {
        case .missing: "missing"
        case .down: "down"
        case .up: "up"
        }
    }
}

extension TrackedState {
    fileprivate var name: ByteString {
        switch self {
        case .unknown: "unknown"
        case .assumed: "assumed"
        case .working: "working"
        case .failed: "failed"
        case .value: "value"
        }
    }
}

extension Discard {
    /// As the counter is called.
    var name: String {
        switch self {
        case .packetTooShort: "packet_too_short"
        case .ttl: "ttl"
        case .version: "version"
        case .type: "type"
        case .packetLength: "packet_length"
        case .checksum: "checksum"
        case .checksumWithoutPseudoHeader: "checksum_without_pseudo_header"
        case .vrid: "vrid"
        case .authenticationType: "authentication_type"
        case .authenticationFormat: "authentication_format"
        case .authenticationMissing: "authentication_missing"
        case .unknownKey: "unknown_key"
        case .authenticationMismatch: "authentication_mismatch"
        case .stale: "stale"
        case .replayed: "replayed"
        case .advertisementInterval: "advertisement_interval"
        case .destination: "destination"
        case .source: "source"
        case .unknownPeer: "unknown_peer"
        case .addressList: "address_list"
        case .ownerIgnores: "owner_ignores"
        }
    }
}
