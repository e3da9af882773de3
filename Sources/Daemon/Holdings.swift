package import Linux
package import Net

/// What the kernel tells addresses apart by; interfaces by name, since one that is deleted and made
/// anew comes back under another number.
package struct AddressKey: Hashable, Sendable {
    package var interface: ByteString
    package var prefix: Prefix

    package init(interface: ByteString, prefix: Prefix) {
        self.interface = interface
        self.prefix = prefix
    }
}

/// What the kernel tells routes apart by.
package struct RouteKey: Hashable, Sendable {
    package struct Way: Hashable, Sendable {
        package var gateway: IPAddress?
        package var interface: ByteString?
    }

    package var destination: Prefix
    package var source: Prefix?
    package var table: UInt32
    package var vrf: ByteString?
    package var trafficClass: UInt8
    package var metric: UInt32?
    package var kind: Route.Kind
    package var ways: [Way]

    package init(_ route: Route) {
        destination = route.destination
        source = route.source
        table = route.table
        vrf = route.vrf
        trafficClass = route.trafficClass
        metric = route.metric
        kind = route.kind
        ways = route.hops.map { Way(gateway: $0.gateway, interface: $0.interface) }
    }
}

/// Almost all are addresses, so that only those stand in the table itself; the others would make
/// each of its places seven times as large.
package enum HoldingKey: Hashable, Sendable, CustomStringConvertible {
    case address(AddressKey)
    indirect case route(RouteKey)
    /// The kernel compares all of a rule.
    indirect case rule(Rule)

    package var description: String {
        switch self {
        case .address(let key): return "\(key.prefix) on \(key.interface)"
        case .route(let key):
            var text = "route \(key.destination)"
            for way in key.ways {
                if let gateway = way.gateway { text += " via \(gateway)" }
                if let interface = way.interface { text += " dev \(interface)" }
            }
            if let vrf = key.vrf { return text + " vrf \(vrf)" }
            return key.table == Route.mainTable ? text : text + " table \(key.table)"
        case .rule(let rule): return "rule \(rule)"
        }
    }

    /// Later ones need earlier ones: a route its source address, a rule its table's routes.
    var rank: Int {
        switch self {
        case .address: 0
        case .route: 1
        case .rule: 2
        }
    }
}

/// An address that somebody wants, as configured.
package struct DesiredAddress: Hashable, Sendable {
    package var interface: ByteString
    /// Its interface index is filled in when it is added.
    package var spec: AddressSpec
    /// False under no_track: what somebody removes is not brought back.
    package var isTracked: Bool
    /// Of an address owner: one that is there before us is left at the end.
    package var adopts: Bool

    package init(
        interface: ByteString, spec: AddressSpec, isTracked: Bool = true, adopts: Bool = false
    ) {
        self.interface = interface
        self.spec = spec
        self.isTracked = isTracked
        self.adopts = adopts
    }

    package var key: AddressKey { AddressKey(interface: interface, prefix: spec.prefix) }
}

/// What somebody wants to be in the kernel. Behind a reference: it is stored and handed on far more
/// often than looked into, and a table that holds it is half empty.
package indirect enum Holding: Hashable, Sendable {
    case address(DesiredAddress)
    case route(Route, isTracked: Bool)
    case rule(Rule, isTracked: Bool)

    package var key: HoldingKey {
        switch self {
        case .address(let address): .address(address.key)
        case .route(let route, _): .route(RouteKey(route))
        case .rule(let rule, _): .rule(rule)
        }
    }

    var isTracked: Bool {
        switch self {
        case .address(let address): address.isTracked
        case .route(_, let isTracked), .rule(_, let isTracked): isTracked
        }
    }

    var adopts: Bool {
        guard case .address(let address) = self else { return false }
        return address.adopts
    }

    /// Interfaces without which the kernel does not have it. A rule only names some.
    var interfaces: [ByteString] {
        switch self {
        case .address(let address): [address.interface]
        case .route(let route, _): route.interfaces + (route.vrf.map { [$0] } ?? [])
        case .rule: []
        }
    }

    /// Whether `other` is the same but for what is not told to the kernel.
    func isSameInKernel(as other: Holding) -> Bool {
        switch (self, other) {
        case (.address(let a), .address(let b)): a.spec == b.spec
        case (.route(let a, _), .route(let b, _)): a == b
        case (.rule(let a, _), .rule(let b, _)): a == b
        case (.address, _), (.route, _), (.rule, _): false
        }
    }

    /// The change that adds it; nil while an interface is away.
    func addition(_ interfaces: InterfaceNames) -> KernelChange? {
        switch self {
        case .address(let address): address.placed(interfaces).map { .add($0) }
        case .route(let route, _): route.placed(interfaces).map { .addRoute($0) }
        case .rule(let rule, _): .addRule(rule)
        }
    }

    func removal(_ interfaces: InterfaceNames) -> KernelChange? {
        switch self {
        case .address(let address): address.placed(interfaces).map { .remove($0) }
        case .route(let route, _): route.placed(interfaces).map { .removeRoute($0) }
        case .rule(let rule, _): .removeRule(rule)
        }
    }
}

extension DesiredAddress {
    fileprivate func placed(_ interfaces: InterfaceNames) -> AddressSpec? {
        guard let index = interfaces.index(of: interface) else { return nil }
        var placed = spec
        placed.interfaceIndex = index
        return placed
    }
}

extension Route {
    /// With the numbers that its interfaces have now, and the table of its VRF.
    func placed(_ interfaces: InterfaceNames) -> RouteSpec? {
        guard let table = table(interfaces) else { return nil }
        var indexes: [Int32] = []
        for hop in hops {
            guard let name = hop.interface else {
                indexes.append(0)
                continue
            }
            guard let index = interfaces.index(of: name) else { return nil }
            indexes.append(index)
        }
        var placed = self
        placed.table = table
        return RouteSpec(placed, interfaces: indexes)
    }

    /// Nil while its VRF is away.
    func table(_ interfaces: InterfaceNames) -> UInt32? {
        guard let vrf else { return table }
        return interfaces.table(ofVRF: vrf)
    }

    /// The same over an interface that has got another name.
    func renamed(_ former: ByteString, _ name: ByteString) -> Route {
        var route = self
        for index in route.hops.indices where route.hops[index].interface == former {
            route.hops[index].interface = name
        }
        if route.vrf == former { route.vrf = name }
        return route
    }
}

/// One change to ask of the kernel; its errno goes to `confirm`.
package struct HoldingOperation: Hashable, Sendable {
    package var key: HoldingKey
    package var change: KernelChange
}

/// What became of an operation.
package enum HoldingOutcome: Hashable, Sendable {
    /// There for the first time since it was wanted: announced with the others.
    case added
    /// There before us, under an owner: announced, and left at the end.
    case adopted
    /// Back after somebody removed it, or its interface came back: announced once.
    case repaired
    /// It had not been gone.
    case stillThere
    case removed
    case failed(errno: Int32, retry: Instant)
    /// Overtaken by another wish.
    case superseded

    var isGood: Bool {
        if case .failed = self { return false }
        return true
    }
}

/// What somebody else did to what is ours.
package enum HoldingNote: Hashable, Sendable {
    /// Removed, after so many repairs without a quiet minute; it comes back at that time.
    case removedByOthers(HoldingKey, repairs: Int, returns: Instant)
    /// Removed and left so (no_track).
    case abandoned(HoldingKey)
}
