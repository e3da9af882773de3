package import Net

// Routes and rules as keepalived's dumps have them: its order, its words, numbers where it has
// numbers. What the log says of them is shorter (Net/RouteText.swift).

extension Route {
    /// - Parameters:
    ///   - isTracked: `no_track` stands also where no interface is named, since it is interfaces
    ///     that make an instance fail.
    ///   - weightedHops: the hops that name their weight; nil: there is no `nexthop`.
    package func dumpText(isTracked: Bool, weightedHops: Set<Int>? = nil) -> ByteString {
        var text = kind == .unicast ? operation.word : "add \(kind.word)"
        text += " \(destination.dumpText)"
        if let source { text += " from \(source.dumpText)" }
        if trafficClass != 0 { text += " tos \(trafficClass)" }
        let single = hops.count == 1 && weightedHops == nil ? hops.first : nil
        if let single { text += single.encapsulationText }
        if let preferredSource { text += " src \(preferredSource)" }
        if let single { text += single.wayText }
        if let vrf {
            text += " vrf \(vrf)"
        } else if table != Route.mainTable {
            text += " table \(table)"
        }
        if isTracked || proto != Route.keepalivedProtocol { text += " proto \(proto)" }
        text += attributeText(single)
        if single == nil {
            for (position, hop) in hops.enumerated() {
                text += hop.nextHopText(weightedHops?.contains(position) ?? (hop.weight != 1))
            }
        }
        if !isTracked || single?.interface == nil { text += " no_track" }
        return ByteString(text)
    }

    private func attributeText(_ single: Hop?) -> String {
        var text = ""
        if let scope { text += " scope \(scope)" }
        if let metric { text += " metric \(metric)" }
        if let single, single.isOnLink { text += " onlink" }
        if let realms = realms ?? single?.realms {
            text += realmText(realms, "realms")
        }
        if let expires { text += " expires \(expires)sec" }
        if let congestionControl { text += " congctl \(congestionControl)" }
        for kind in MetricKind.dumpOrder {
            for metric in metrics where metric.kind == kind { text += metric.dumpText }
        }
        if let propagatesTimeToLive {
            text += " ttl-propagate \(propagatesTimeToLive ? "enabled" : "disabled")"
        }
        switch preference {
        case 0?: text += " pref medium"
        case 1?: text += " pref high"
        case 3?: text += " pref low"
        default: break
        }
        return text
    }
}

extension Route.Operation {
    fileprivate var word: String {
        switch self {
        case .add: "add"
        case .append: "append"
        case .prepend: "prepend"
        }
    }
}

extension Route.Hop {
    fileprivate var wayText: String {
        var text = ""
        if let gateway {
            text += " via \(gateway.family == .ipv4 ? "inet" : "inet6") \(gateway)"
        }
        if let interface { text += " dev \(interface)" }
        return text
    }

    fileprivate func nextHopText(_ hasWeight: Bool) -> String {
        var text = " nexthop" + encapsulationText + wayText
        if hasWeight { text += " weight \(weight)" }
        if isOnLink { text += " onlink" }
        return text + (realms.map { realmText($0, "realm") } ?? "")
    }

    fileprivate var encapsulationText: String {
        switch encapsulation {
        case nil: return ""
        case .mpls(let labels, let ttl)?:
            var text = ""
            for (position, label) in labels.enumerated() {
                text += text.isEmpty ? " encap mpls " : "/"
                // The label as it stands in the packet: above traffic class, end of stack and TTL.
                let isLast = position == labels.count - 1
                text += String(label << 12 | (isLast ? 0x100 : 0), radix: 16)
            }
            return text + (ttl.map { " ttl \($0)" } ?? "")
        case .ip(let tunnel)?: return tunnel.dumpText
        case .ila(let locator)?: return " encap ila \(locator.byteSwapped)"
        }
    }
}

extension Route.Tunnel {
    fileprivate var dumpText: String {
        let isVersion4 = family == .ipv4
        var text = isVersion4 ? " encap ip" : " encap ip6"
        if let identifier { text += " id \(identifier)" }
        if let destination { text += " dst \(destination)" }
        if let source { text += " src \(source)" }
        if let trafficClass { text += isVersion4 ? " tos \(trafficClass)" : " tc \(trafficClass)" }
        if let timeToLive { text += isVersion4 ? " ttl \(timeToLive)" : " hoplimit \(timeToLive)" }
        if let flags { text += " flags 0x" + String(flags, radix: 16) }
        return text
    }
}

extension Route.MetricKind {
    fileprivate static let dumpOrder: [Route.MetricKind] = [
        .rtt, .rttvar, .rto_min, .features, .mtu, .window, .ssthresh, .cwnd, .advmss, .reordering,
        .hoplimit, .initcwnd, .initrwnd, .quickack, .fastopen_no_cookie,
    ]

    fileprivate var word: String {
        switch self {
        case .mtu: "mtu"
        case .window: "window"
        case .rtt: "rtt"
        case .rttvar: "rttvar"
        case .ssthresh: "ssthresh"
        case .cwnd: "cwnd"
        case .advmss: "advmss"
        case .reordering: "reordering"
        case .hoplimit: "hoplimit"
        case .initcwnd: "initcwnd"
        case .features: "features"
        case .rto_min: "rto_min"
        case .initrwnd: "initrwnd"
        case .quickack: "quickack"
        case .fastopen_no_cookie: "fastopen_no_cookie"
        }
    }
}

extension Route.Metric {
    fileprivate var dumpText: String {
        let value =
            switch kind {
            case .rtt: timeText(self.value / 8)
            case .rttvar: timeText(self.value / 4)
            case .rto_min: timeText(self.value)
            case .features: "ecn"
            case .mtu, .window, .ssthresh, .cwnd, .advmss, .reordering, .hoplimit, .initcwnd,
                .initrwnd, .quickack, .fastopen_no_cookie:
                String(self.value)
            }
        return " " + kind.word + (isLocked ? " lock " : " ") + value
    }
}

/// "250ms", "2s", "1.5s".
private func timeText(_ milliseconds: UInt32) -> String {
    if milliseconds < 1_000 { return "\(milliseconds)ms" }
    return shortestSeconds(.milliseconds(Int64(milliseconds))) + "s"
}

/// Source and destination realm; one alone is the destination's.
private func realmText(_ realms: UInt32, _ word: String) -> String {
    let source = realms >> 16
    return source == 0 ? " realm \(realms)" : " \(word) \(source)/\(realms & 0xffff)"
}

extension Rule {
    /// - Parameters:
    ///   - namesAllSources: `from all` was written, and stands there as a prefix.
    ///   - namesAllDestinations: likewise `to all`.
    package func dumpText(
        isTracked: Bool, namesAllSources: Bool = false, namesAllDestinations: Bool = false
    ) -> ByteString {
        let all = family == .ipv4 ? "0.0.0.0/0" : "::/0"
        var text = isInverted ? "not " : ""
        text += "from \(source.map { $0.dumpText } ?? (namesAllSources ? all : "all"))"
        if let destination {
            text += " to \(destination.dumpText)"
        } else if namesAllDestinations {
            text += " to \(all)"
        }
        text += " priority \(preference) tos 0x" + String(trafficClass, radix: 16)
        if let mark {
            text += " fwmark 0x" + String(mark, radix: 16)
            if let markMask { text += "/0x" + String(markMask, radix: 16) }
        }
        if let inputInterface { text += " iif \(inputInterface)" }
        if let outputInterface { text += " oif \(outputInterface)" }
        if let suppressedLength { text += " suppress_prefixlen \(suppressedLength)" }
        if let suppressedGroup { text += " suppress_ifgroup \(suppressedGroup)" }
        if let tunnel { text += " tunnel-id \(tunnel)" }
        if let users { text += " uidrange \(users.first)-\(users.last)" }
        if case .masterDevice = action { text += " l3mdev" }
        if isTracked || proto != Route.keepalivedProtocol { text += " protocol \(proto)" }
        if let transport { text += " ipproto \(transport)" }
        if let sourcePorts { text += " sport \(sourcePorts.first)-\(sourcePorts.last)" }
        if let ports = destinationPorts { text += " dport \(ports.first)-\(ports.last)" }
        if let realms { text += " realms \(realms >> 16)/\(realms & 0xffff)" }
        text += action.dumpText
        return ByteString(isTracked ? text : text + " no_track")
    }
}

extension Rule.Action {
    fileprivate var dumpText: String {
        switch self {
        case .lookup(let table): " lookup \(table)"
        case .masterDevice: " lookup 0"
        case .goto(let preference): " goto \(preference)"
        case .nothing: " type nop"
        case .blackhole: " type blackhole"
        case .unreachable: " type unreachable"
        case .prohibit: " type prohibit"
        }
    }
}

extension Prefix {
    /// A host without its length.
    fileprivate var dumpText: String {
        length == address.family.addressBits ? "\(address)" : "\(self)"
    }
}
