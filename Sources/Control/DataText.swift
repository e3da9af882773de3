import Net
import VRRP

extension NodeStatus {
    /// The file that SIGUSR1 writes, with keepalived's labels. Passwords are not in it.
    package func dataText() -> [UInt8] {
        var text = TextWriter()
        text.line("------< Global definitions >------")
        text.line(" Router ID = ", routerID.isEmpty ? "[unknown]" : routerID)
        text.append(section: "Static Routes", staticRoutes)
        text.append(section: "Static Rules", staticRules)
        text.line("------< VRRP Topology >------")
        for instance in instances { text.append(dataOf: instance) }
        if !groups.isEmpty {
            text.line("------< VRRP Sync groups >------")
            for group in groups { text.append(dataOf: group) }
        }
        if !scripts.isEmpty {
            text.line("------< VRRP Scripts >------")
            for script in scripts { text.append(dataOf: script) }
        }
        return text.bytes
    }
}

extension TextWriter {
    fileprivate mutating func append(dataOf group: GroupStatus) {
        append(" VRRP Sync Group = ")
        append(group.name)
        line(", ", group.state.word)
        line("   VRRP member instances :")
        for member in group.members { line("     ", member) }
    }

    fileprivate mutating func append(dataOf instance: InstanceStatus) {
        let parameters = instance.parameters
        line(" VRRP Instance = ", parameters.name)
        line("   VRRP Version = ", parameters.version.rawValue)
        if let group = instance.group { line("   Sync group = ", group) }
        line("   State = ", instance.state.word)
        line("   Reason = ", instance.reason)
        for fault in instance.faults { line("   Fault = ", fault) }
        line("   Last transition = ", decimalSeconds(microseconds: instance.lastTransition))
        line(
            "   Master down timer = ",
            "\(instance.masterDownInterval.nanoseconds / 1_000) usecs")
        line("   Interface = ", instance.interfaceText)
        if let source = instance.source {
            let origin = instance.sourceIsConfigured ? " (from configuration)" : ""
            line("   Using src_ip = ", source.description + origin)
        }
        if let master = instance.master {
            line("   Master router = ", master.description)
            line("   Master priority = ", instance.masterPriority)
        }
        append(transportOf: parameters)
        append(announcementsOf: parameters)
        line("   Virtual Router ID = ", parameters.vrid)
        line("   Priority = ", parameters.priority)
        line("   Effective priority = ", instance.effectivePriority)
        line("   Total priority = ", instance.totalPriority)
        let interval = parameters.advertisementInterval
        line(
            "   Advert interval = ",
            parameters.version == .v2
                ? shortestSeconds(interval) + " sec"
                : "\(interval.nanoseconds / 1_000_000) milli-sec")
        line("   Accept = ", instance.acceptsTraffic ? "enabled" : "disabled")
        line("   Preempt = ", parameters.preempts ? "enabled" : "disabled")
        if parameters.preemptDelay > .zero {
            line("   Preempt delay = ", shortestSeconds(parameters.preemptDelay) + " secs")
        }
        line(
            "   Promote_secondaries = ", instance.promotesSecondaries ? "enabled" : "disabled")
        if parameters.version == .v2, parameters.authentication == .none {
            line("   Authentication type = none")
        }
        append(authenticationOf: parameters)
        if instance.couldPinHopLimit {
            line("   Unicast TTL = 255 from every peer: min_ttl 255 could pin it")
        }
        append(addresses: instance.addresses, label: "Virtual IP")
        append(addresses: instance.excludedAddresses, label: "Virtual IP Excluded")
        append(list: "   Virtual Routes :", instance.routes)
        append(list: "   Virtual Rules :", instance.rules)
        line("   Using smtp notification = ", instance.sendsMail ? "yes" : "no")
    }

    /// No secret, and nothing that tells its length.
    private mutating func append(authenticationOf parameters: VirtualRouterParameters) {
        switch parameters.authentication {
        case .none: break
        case .password: line("   Authentication type = SIMPLE_PASSWORD")
        case .header: line("   Authentication type = IPSEC_AH")
        }
        if parameters.authentication != .none { line("   Password = ********") }
        guard let trailer = parameters.trailer else { return }
        line("   Authentication type = HMAC_SHA256")
        line("   Active key = ", trailer.activeKey)
        for key in trailer.keys { line("   Key \(key.id) = ********") }
        line("   HMAC mode = ", trailer.mode.word)
        if let window = trailer.window {
            line("   Time window = ", shortestSeconds(window) + " secs")
        }
    }

    private mutating func append(transportOf parameters: VirtualRouterParameters) {
        switch parameters.transport {
        case .multicast(let group): line("   Multicast address ", group.description)
        case .unicast(let peers):
            line("   Unicast Peer :")
            for peer in peers { line("     ", peer.description + " min_ttl 0 max_ttl 255") }
        }
    }

    private mutating func append(announcementsOf parameters: VirtualRouterParameters) {
        let announcements = parameters.announcements
        line("   Gratuitous ARP delay = ", shortestSeconds(announcements.delay))
        line("   Gratuitous ARP repeat = ", announcements.count)
        line("   Gratuitous ARP refresh = ", shortestSeconds(announcements.refresh))
        line("   Gratuitous ARP refresh repeat = ", announcements.refreshCount)
        line(
            "   Gratuitous ARP lower priority delay = ",
            shortestSeconds(announcements.lowerPriorityDelay))
        line("   Gratuitous ARP lower priority repeat = ", announcements.lowerPriorityCount)
        line("   Down timer adverts = ", parameters.downTimerAdvertisements)
    }

    fileprivate mutating func append(section: String, _ lines: [ByteString]) {
        append(list: "------< \(section) >------", lines)
    }

    /// Nothing where nothing is listed.
    private mutating func append(list label: String, _ lines: [ByteString]) {
        if lines.isEmpty { return }
        line(label)
        for text in lines { line("     ", text) }
    }

    private mutating func append(addresses: [InstanceStatus.Address], label: String) {
        guard !addresses.isEmpty else { return }
        line("   \(label) (\(addresses.count)):")
        for address in addresses { line("     ", address.text()) }
    }
}

extension InstanceStatus {
    /// "vrrp.51, vmac on eth0, xmit base i/f"
    fileprivate var interfaceText: ByteString {
        guard let link = virtualLink else { return interface }
        let kind: ByteString = link.isIPVLAN ? ", ipvlan on " : ", vmac on "
        return link.name + kind + interface + (link.isSentFrom ? "" : ", xmit base i/f")
    }
}

extension TrailerAuthentication.Mode {
    /// The keyword's value.
    package var word: String {
        switch self {
        case .enforce: "enforce"
        case .permissive: "permissive"
        case .receiveOnly: "receive-only"
        case .keyless: "no usable key: last resort"
        }
    }
}
