package import Net
import VRRP

/// Writes JSON one value behind the other; what is written where is the caller's care.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init() {}

    package mutating func object(_ body: (inout JSONWriter) -> Void) { nest("{", "}", body) }
    package mutating func array(_ body: (inout JSONWriter) -> Void) { nest("[", "]", body) }

    package mutating func key(_ name: String) {
        separate()
        quote(ByteString(name))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func value(_ text: ByteString) {
        separate()
        quote(text)
        needsComma = true
    }

    /// A number, true, false or null, as it is.
    package mutating func value(literal: String) {
        separate()
        bytes += literal.utf8
        needsComma = true
    }

    package mutating func member(_ name: String, _ text: ByteString) {
        key(name)
        value(text)
    }

    package mutating func member(_ name: String, _ number: some BinaryInteger) {
        key(name)
        value(literal: String(number))
    }

    package mutating func member(_ name: String, _ flag: Bool) {
        key(name)
        value(literal: flag ? "true" : "false")
    }

    package mutating func member(_ name: String, literal: String) {
        key(name)
        value(literal: literal)
    }

    private mutating func nest(
        _ open: String, _ close: String, _ body: (inout JSONWriter) -> Void
    ) {
        separate()
        bytes += open.utf8
        needsComma = false
        body(&self)
        bytes += close.utf8
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
    }

    /// Invalid UTF-8 becomes U+FFFD: JSON has no way to carry it.
    private mutating func quote(_ text: ByteString) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.description.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
                bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes += (byte < 16 ? "\\u000" : "\\u00").utf8
                bytes += digits.utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension NodeStatus {
    /// The file that signal 36 writes: keepalived's first JSON format, an array of
    /// {"data": …, "stats": …}. auth_data is left out: it would be the password.
    package func jsonText() -> [UInt8] {
        var json = JSONWriter()
        json.array { json in
            for instance in instances {
                json.object { json in
                    json.key("data")
                    json.object { $0.members(dataOf: instance) }
                    json.key("stats")
                    json.object { $0.members(statisticsOf: instance.counters) }
                }
            }
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }
}

extension InstanceStatus {
    /// It promotes secondary addresses unasked.
    fileprivate var isVMAC: Bool { virtualLink.map { !$0.isIPVLAN } ?? false }

    /// Members of a group wait for each other, whatever their `state` says.
    fileprivate var wantedState: StateName {
        switch state {
        case .fault: .fault
        case .master: .master
        case .initialize, .backup:
            parameters.startsAsMaster && group == nil && !hasGivenWay ? .master : .backup
        }
    }
}

extension JSONWriter {
    fileprivate mutating func members(dataOf instance: InstanceStatus) {
        let parameters = instance.parameters
        member("iname", parameters.name)
        member("dont_track_primary", parameters.tracksInterface ? 0 : 1)
        member("skip_check_adv_addr", parameters.skipsKnownList ? 1 : 0)
        member("strict_mode", instance.isStrict ? 1 : 0)
        member("vmac_ifname", instance.virtualLink?.name ?? "")
        member("ifp_ifname", instance.virtualLink?.name ?? instance.interface)
        member("master_priority", instance.masterPriority)
        member(
            "last_transition", literal: decimalSeconds(microseconds: instance.lastTransition))
        members(announcementsOf: parameters)
        member("vrid", parameters.vrid)
        member("base_priority", parameters.priority)
        member("effective_priority", instance.effectivePriority)
        member("vipset", instance.state == .master)
        member("promote_secondaries", instance.promotesSecondaries && !instance.isVMAC)
        member("adver_int", literal: shortestSeconds(parameters.advertisementInterval))
        member("master_adver_int", literal: shortestSeconds(instance.masterInterval))
        member("accept", instance.acceptsTraffic ? 1 : 0)
        member("nopreempt", !parameters.preempts)
        member("preempt_delay", literal: shortestSeconds(parameters.preemptDelay))
        member("state", instance.state.rawValue)
        member("wantstate", instance.wantedState.rawValue)
        member("version", parameters.version.rawValue)
        member("smtp_alert", instance.sendsMail)
        member("notify_deleted", false)
        key("vips")
        array { for address in instance.addresses { $0.value(address.text()) } }
        if !instance.excludedAddresses.isEmpty {
            key("evips")
            array { for address in instance.excludedAddresses { $0.value(address.text()) } }
        }
        members("vroutes", instance.routes)
        members("vrules", instance.rules)
        member("auth_type", parameters.authentication.type)
        if parameters.authentication != .none { member("auth_data", "********") }
        members(commandsOf: instance)
    }

    /// As keepalived: only what is there.
    private mutating func members(commandsOf instance: InstanceStatus) {
        let commands = instance.commands
        let texts: [(String, ByteString)] = [
            ("script_master", commands.master), ("script_backup", commands.backup),
            ("script_fault", commands.fault), ("script_stop", commands.stop),
            ("script_deleted", commands.deleted), ("script", commands.any),
            ("script_master_rx_lower_pri", commands.lowerPriorityHeard),
        ]
        for (name, text) in texts where !text.isEmpty { member(name, text) }
        members("track_script", instance.trackedScripts)
        members("track_ifp", instance.trackedInterfaces)
    }

    private mutating func members(_ name: String, _ list: [ByteString]) {
        if list.isEmpty { return }
        key(name)
        array { for text in list { $0.value(text) } }
    }

    private mutating func members(announcementsOf parameters: VirtualRouterParameters) {
        let announcements = parameters.announcements
        member("garp_delay", announcements.delay.nanoseconds / 1_000_000_000)
        member("garp_refresh", announcements.refresh.nanoseconds / 1_000_000_000)
        member("garp_rep", announcements.count)
        member("garp_refresh_rep", announcements.refreshCount)
        member(
            "garp_lower_prio_delay",
            announcements.lowerPriorityDelay.nanoseconds / 1_000_000_000)
        member("garp_lower_prio_rep", announcements.lowerPriorityCount)
        member("lower_prio_no_advert", parameters.answersLowerPriority ? 0 : 1)
        member("higher_prio_send_advert", parameters.sendsBeforeSteppingDown ? 1 : 0)
    }

    fileprivate mutating func members(statisticsOf counters: InstanceCounters) {
        member("advert_rcvd", counters.core.advertisementsReceived)
        member("advert_sent", counters.core.advertisementsSent)
        member("become_master", counters.core.becameMaster)
        member("release_master", counters.core.releasedMaster)
        member("packet_len_err", counters.discarded(.packetTooShort, .packetLength))
        member("advert_interval_err", counters.discarded(.advertisementInterval))
        member("ip_ttl_err", counters.discarded(.ttl))
        member("invalid_type_rcvd", counters.discarded(.type))
        member("addr_list_err", counters.discarded(.addressList))
        member("invalid_authtype", counters.discarded(.authenticationType))
        member("authtype_mismatch", 0)
        member("auth_failure", counters.discarded(.authenticationMismatch))
        member("pri_zero_rcvd", counters.core.priorityZeroReceived)
        member("pri_zero_sent", counters.core.priorityZeroSent)
    }
}
