package import Net

/// The version field of an advertisement. Versions never mix: RFC 5798 section 8.4 is not offered.
package enum ProtocolVersion: UInt8, Hashable, Sendable {
    /// RFC 3768; IPv4 only.
    case v2 = 2
    /// RFC 5798 and RFC 9568.
    case v3 = 3
}

/// Over what a VRRPv3 advertisement's checksum is computed on IPv4.
package enum ChecksumStyle: Hashable, Sendable {
    /// With the IPv4 pseudo-header (RFC 5798 section 5.2.8).
    case pseudoHeader
    /// The VRRP message alone, as in VRRPv2 (keyword v3_checksum_as_v2).
    case messageOnly
    /// Unicast: with a pseudo-header that names 224.0.0.18 (keyword old_unicast_checksum).
    case multicastPseudoHeader
}

/// The TTL or hop limit that a unicast peer's advertisements may arrive with (min_ttl, max_ttl).
package struct PeerHopLimits: Hashable, Sendable {
    package var peer: IPAddress
    package var range: ClosedRange<Int>

    package init(peer: IPAddress, range: ClosedRange<Int>) {
        self.peer = peer
        self.range = range
    }
}

/// To whom advertisements go.
package enum Transport: Hashable, Sendable {
    case multicast(group: IPAddress)
    case unicast(peers: [IPAddress])
}

/// How often a master repeats itself to neighbours: gratuitous ARP, unsolicited Neighbor
/// Advertisements. Counts are frames for each address.
package struct AnnouncementParameters: Sparse, Sendable {
    /// garp_master_repeat: frames of one burst, at least 1.
    package var count = 5
    /// garp_master_delay: from becoming master to the second burst; zero for none.
    package var delay = Interval.seconds(5)
    /// garp_master_refresh: between periodic announcements; zero for none.
    package var refresh = Interval.zero
    /// garp_master_refresh_repeat: frames of a periodic announcement, at least 1.
    package var refreshCount = 1
    /// garp_lower_prio_repeat: frames after a lower-priority master was heard; 0 for none.
    package var lowerPriorityCount = 5
    /// garp_lower_prio_delay: from that to its second burst; zero for none.
    package var lowerPriorityDelay = Interval.seconds(5)

    package init() {}
}

/// What a tracked object contributes to a priority (keyword weight).
package struct Weight: Hashable, Sendable {
    /// -254...254; 0 means that a failure is a fault, not a matter of priority.
    package var value: Int
    /// The contribution's sign is flipped; with weight 0, working is the fault.
    package var isReversed: Bool

    package init(_ value: Int, isReversed: Bool = false) {
        self.value = value
        self.isReversed = isReversed
    }
}

/// One line of a track_… block: which object of `RouterPlan.trackedObjects`, with what weight.
package struct TrackingEntry: Hashable, Sendable {
    package var object: Int
    package var weight: Weight
    /// The weight of a member counts although its group does not use members' weights.
    package var countsInGroup: Bool

    package init(object: Int, weight: Weight, countsInGroup: Bool = false) {
        self.object = object
        self.weight = weight
        self.countsInGroup = countsInGroup
    }
}

/// Everything configured that one virtual router's protocol depends on.
package struct VirtualRouterParameters: Hashable, Sendable {
    // Small ones stand together: between larger ones each would take eight bytes.
    package var name: ByteString
    package var version: ProtocolVersion
    package var family: Family
    /// 1...255.
    package var vrid: UInt8
    /// The configured Priority, 1...255; 255 is the address owner's.
    package var priority: UInt8
    /// `state MASTER`: an owner starts as master only if this is set.
    package var startsAsMaster: Bool
    /// Preempt_Mode.
    package var preempts: Bool
    /// lower_prio_no_advert: a master does not answer a lower-priority advertisement.
    package var answersLowerPriority: Bool
    /// higher_prio_send_advert: one more advertisement before stepping down.
    package var sendsBeforeSteppingDown: Bool
    /// owner_ignore_adverts: an owner discards others' advertisements. Where it does not, the
    /// two-owner rule is in force.
    package var ownerIgnoresAdvertisements: Bool
    /// timer_expired_backup, 1...254: without Preempt_Mode, a master that could not advertise for
    /// so long that a backup of this priority must have taken over goes back to BACKUP by itself.
    package var stallPriority: UInt8?
    /// skip_check_adv_addr: a backup compares the address list of a new sender only.
    package var skipsKnownList: Bool
    /// check_unicast_src: only configured peers are heard.
    package var checksUnicastSource: Bool
    /// unicast_fault_no_peer: without peers it is in fault.
    package var needsPeer: Bool
    /// unicast_ttl: of the advertisements we send, 0...255.
    package var hopLimit: UInt8
    package var checksum: ChecksumStyle
    /// old_unicast_checksum is not `never`: a peer's sum over 224.0.0.18 is right too.
    package var acceptsOldUnicastChecksum: Bool
    /// False under dont_track_primary: the link state of the own interface is no fault.
    package var tracksInterface: Bool
    private var missedAdvertisements: UInt8
    /// Adver_Interval: v2 whole seconds 1...255, v3 10 ms...40.95 s in steps of 10 ms.
    package var advertisementInterval: Interval
    /// preempt_delay, 0...1000 s.
    package var preemptDelay: Interval
    /// The addresses advertised, in the order of the configuration.
    package var addresses: [IPAddress]
    /// Nil: multicast to the family's own group.
    @Rare private var otherTransport: Transport?
    package var authentication: Authentication
    /// auth_hmac; nil: no trailer.
    @Rare package var trailer: TrailerAuthentication?
    /// min_ttl and max_ttl of the peers that have any.
    package var peerHopLimits: [PeerHopLimits]
    @Rare package var announcements: AnnouncementParameters
    package var tracking: [TrackingEntry]

    package var isOwner: Bool { priority == 255 }

    /// down_timer_adverts, 1...100: missed advertisements that mean silence (the RFC's 3).
    package var downTimerAdvertisements: Int {
        get { Int(missedAdvertisements) }
        set { missedAdvertisements = UInt8(clamping: newValue) }
    }

    package var transport: Transport {
        get { otherTransport ?? .multicast(group: family.vrrpGroup) }
        set {
            otherTransport = newValue == .multicast(group: family.vrrpGroup) ? nil : newValue
        }
    }

    package init(name: ByteString, family: Family, vrid: UInt8, addresses: [IPAddress]) {
        self.name = name
        self.family = family
        self.vrid = vrid
        self.addresses = addresses
        version = family == .ipv4 ? .v2 : .v3
        priority = 100
        startsAsMaster = false
        advertisementInterval = .seconds(1)
        missedAdvertisements = 3
        preempts = true
        preemptDelay = .zero
        answersLowerPriority = true
        sendsBeforeSteppingDown = false
        ownerIgnoresAdvertisements = true
        stallPriority = nil
        skipsKnownList = false
        otherTransport = nil
        checksUnicastSource = false
        peerHopLimits = []
        hopLimit = 255
        needsPeer = false
        authentication = .none
        checksum = .pseudoHeader
        acceptsOldUnicastChecksum = true
        announcements = AnnouncementParameters()
        tracksInterface = true
        tracking = []
    }
}

extension VirtualRouterParameters {
    /// What both have is in memory once: a file's virtual routers are much alike.
    package mutating func share(with other: VirtualRouterParameters) {
        _otherTransport.share(with: other._otherTransport)
        _announcements.share(with: other._announcements)
        _trailer.share(with: other._trailer)
        if tracking == other.tracking { tracking = other.tracking }
        if peerHopLimits == other.peerHopLimits { peerHopLimits = other.peerHopLimits }
    }
}

extension Family {
    /// 224.0.0.18 or ff02::12.
    package var vrrpGroup: IPAddress {
        switch self {
        case .ipv4: .v4(.vrrpGroup)
        case .ipv6: .v6(.vrrpGroup)
        }
    }
}
