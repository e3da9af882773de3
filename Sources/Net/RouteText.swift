// Routes and rules in words, for the log and for dumps: in the order of keepalived's.

extension Route: CustomStringConvertible {
    package var description: String {
        var text = kind == .unicast ? "" : kind.word + " "
        text += destination.routeText
        if let source { text += " from \(source.routeText)" }
        if let preferredSource { text += " src \(preferredSource)" }
        if hops.count == 1, let hop = hops.first { text += hop.text }
        if table != Route.mainTable { text += " table \(table)" }
        text += proto == 0 ? "" : " proto \(proto)"
        if let scope { text += " scope \(scope)" }
        if let metric { text += " metric \(metric)" }
        if hops.count > 1 { for hop in hops { text += " nexthop" + hop.text + hop.share } }
        return text
    }
}

extension Route.Hop {
    fileprivate var text: String {
        var text = ""
        if let gateway { text += " via \(gateway)" }
        if let interface { text += " dev \(interface)" }
        if isOnLink { text += " onlink" }
        return text
    }

    fileprivate var share: String { " weight \(weight)" }
}

extension Rule: CustomStringConvertible {
    package var description: String {
        var text = isInverted ? "not " : ""
        text += "from \(source.map { $0.routeText } ?? "all")"
        if let destination { text += " to \(destination.routeText)" }
        text += " priority \(preference)"
        if trafficClass != 0 { text += " tos \(trafficClass)" }
        if let mark { text += " fwmark \(mark)" }
        if let inputInterface { text += " iif \(inputInterface)" }
        if let outputInterface { text += " oif \(outputInterface)" }
        return text + action.text
    }
}

extension Rule.Action {
    fileprivate var text: String {
        switch self {
        case .lookup(let table): " lookup \(table)"
        case .goto(let preference): " goto \(preference)"
        case .nothing: " nop"
        case .blackhole: " blackhole"
        case .unreachable: " unreachable"
        case .prohibit: " prohibit"
        case .masterDevice: " l3mdev"
        }
    }
}

extension Prefix {
    /// A host without its length; everything is `default`.
    fileprivate var routeText: String {
        if length == 0 { return "default" }
        return length == address.family.addressBits ? "\(address)" : "\(self)"
    }
}
