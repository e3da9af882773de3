import Config
import Control
import Linux
import Net
import VRRP

/// A virtual router's connection with the world: where it sends, what it sends, and what it counts.
struct Port {
    // In an order that leaves no gaps: there are thousands.

    /// What its socket is bound to: the interface, or the VRF of an instance without one.
    let interfaceName: ByteString
    @Rare private(set) var configuredSource: IPAddress?
    @Rare private var links: VirtualConnections
    /// By `Discard.rawValue`; empty until the first, which most never see.
    private(set) var discards: [UInt64] = []
    /// Since when the interface is up, and what that has brought to our ears.
    var upSince = Instant(nanoseconds: 0)
    /// Wall clock of the last transition, in microseconds since 1970.
    var lastTransition: Int64 = 0
    /// AH and auth_hmac: what was sent and heard before.
    var freshness: Freshness
    /// A unicast instance whose packets find their way by routing alone.
    let hasNoInterface: Bool
    /// track_src_ip.
    let tracksSource: Bool
    /// A peer of an older keepalived was heard: it wants sums over 224.0.0.18 (unicast v3).
    var usesOldChecksum = false
    /// Unicast: something arrived, and all of it with TTL 255.
    var hearsPeers = false
    var everyPeerIsNear = true
    var hasHeard = false
    var tookOverUnheard = false
    /// Mastered since silence or a resignation gave it back after a hand-over.
    var cameBack = false
    /// An owner found an address there that it must leave.
    var hasAdopted = false
    /// An owner's predecessor added the addresses: they are ours to remove.
    var putAddressesThere = false
    private var number: Int32
    /// What its advertisements look like, and those that it hears.
    var expectation: AdvertisementExpectation
    /// 0 while there is no such interface.
    var interfaceIndex: Int32 = 0
    /// Position of its socket among the engine's lanes; nil while there is none.
    @Position var lane: Int?
    /// A socket on its virtual link, while that is up.
    @Position var linkLane: Int?

    /// Whom its addresses belong to; the same across reloads, where positions change.
    var identity: Int {
        get { Int(number) }
        set { number = Int32(clamping: newValue) }
    }

    /// Not even to a VRF.
    var isUnbound: Bool { interfaceName.isEmpty }

    init(identity: Int, _ shared: SharedParameters, of instance: Instance) {
        let parameters = shared.value
        number = Int32(clamping: identity)
        tracksSource = instance.tracksSource
        freshness = Freshness(parameters)
        hasNoInterface = instance.interface.isEmpty
        interfaceName = hasNoInterface ? instance.vrf ?? "" : instance.interface
        configuredSource = instance.source
        expectation = AdvertisementExpectation(shared)
        links = VirtualConnections(
            haveLinks: !instance.allVirtualInterfaces.isEmpty, sendsThrough: instance.sendsThrough)
    }

    var parameters: VirtualRouterParameters { expectation.parameters }

    mutating func count(_ reason: Discard) {
        if discards.isEmpty {
            discards = [UInt64](repeating: 0, count: Discard.allCases.count)
        }
        discards[Int(reason.rawValue)] &+= 1
    }

    mutating func clearDiscards() { discards = [] }

    /// What a reload does not touch.
    mutating func take(from old: Port) {
        identity = old.identity
        interfaceIndex = old.interfaceIndex
        discards = old.discards
        upSince = old.upSince
        hasHeard = old.hasHeard
        tookOverUnheard = old.tookOverUnheard
        lastTransition = old.lastTransition
        nextExtra = old.nextExtra
        cameBack = old.cameBack
        hasAdopted = old.hasAdopted
        putAddressesThere = old.putAddressesThere
        raised = old.raised
        freshness = old.freshness.continued(from: old.parameters, as: parameters)
        usesOldChecksum = old.usesOldChecksum && parameters.acceptsOldUnicastChecksum
        hearsPeers = old.hearsPeers
        everyPeerIsNear = old.everyPeerIsNear
    }

    /// What else an accepted advertisement tells: old sums want old sums back, and where all peers
    /// are on this link, min_ttl could say so.
    mutating func hears(_ advertisement: Advertisement, _ packet: ReceivedPacket) {
        guard case .unicast = parameters.transport else { return }
        hearsPeers = true
        if packet.hopLimit != 255 { everyPeerIsNear = false }
        if advertisement.usesOldChecksum, parameters.destinations.contains(packet.source) {
            usesOldChecksum = true
        }
    }

    /// Nothing limits the TTL of peers that all are on this link.
    var couldPinHopLimit: Bool {
        hearsPeers && everyPeerIsNear && parameters.peerHopLimits.isEmpty
    }
}

/// What only virtual interfaces and addresses elsewhere need.
private struct VirtualConnections: Sparse {
    var haveLinks = false
    var raised: [ByteString: Int32] = [:]
    var sendsThrough: ByteString?
    var nextExtra: Instant?
}

extension Port {
    /// Index of each virtual link that was brought up for it, by name.
    var raised: [ByteString: Int32] {
        get { links.raised }
        set { links.raised = newValue }
    }

    /// use_vmac or use_ipvlan, for all or for an address.
    var hasVirtualLinks: Bool { links.haveLinks }

    /// The virtual link that advertisements leave by; nil: the interface itself.
    var sendsThrough: ByteString? { links.sendsThrough }

    /// garp_extra_if: when the addresses are announced once more; nil while not master.
    var nextExtra: Instant? {
        get { links.nextExtra }
        set { links.nextExtra = newValue }
    }
}

/// A position in a list or none, in four bytes.
@propertyWrapper
struct Position: Hashable {
    private var number: Int32 = -1

    init() {}
    init(wrappedValue: Int?) { self.wrappedValue = wrappedValue }

    var wrappedValue: Int? {
        get { number < 0 ? nil : Int(number) }
        set { number = newValue.map { Int32(clamping: $0) } ?? -1 }
    }
}

extension VirtualRouterParameters {
    /// Where each advertisement goes.
    var destinations: [IPAddress] {
        switch transport {
        case .multicast(let group): [group]
        case .unicast(let peers): peers
        }
    }
}
