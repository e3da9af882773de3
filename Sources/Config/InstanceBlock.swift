import Net
import VRRP

/// A vrrp_instance as written: nil is what the block does not say. An object, since it goes from
/// hand to hand while it is filled, and much would be copied each time.
final class InstanceDraft {
    /// A number with the word that it came from.
    struct Located<Value: Hashable>: Hashable {
        var word: Word
        /// Behind the word, where it fits into its last bytes.
        var value: Value

        init(value: Value, word: Word) {
            self.word = word
            self.value = value
        }
    }

    var name: Word
    var keyword: Word
    var state: Located<StateName>?
    var interface: Word?
    @Rare var vrf: Word?
    var vrid: Located<UInt8>?
    var priority: UInt8?
    var advertisementInterval: Located<Interval>?
    @Rare var version: Located<ProtocolVersion>?
    /// Of the first address; the others must agree.
    var family: Family?
    var addresses: [VirtualAddress] = []
    var excludedAddresses: [VirtualAddress] = []
    var routes: [ConfiguredRoute] = []
    var rules: [ConfiguredRule] = []
    var wantsNoAddresses = false
    /// A line of virtual_ipaddress is no address.
    var hasRefusedAddress = false
    var authenticationType: Located<AuthenticationType>?
    var password: Word?
    @Rare var trailer: TrailerDraft?
    var peers: [IPAddress] = []
    var peerHopLimits: [PeerHopLimits] = []
    @Rare var hopLimit: Located<Int>?
    var needsPeer = false
    /// unicast_peer or unicast_src_ip.
    @Rare var unicastKeyword: Word?
    /// check_unicast_src or old_unicast_checksum.
    @Rare var unicastOption: Word?
    @Rare var source: IPAddress?
    @Rare var multicastGroup: IPAddress?
    var checksUnicastSource = false
    /// track_src_ip.
    @Rare var tracksSource: Word?
    /// old_unicast_checksum: true, or `never`: false.
    var usesOldChecksum: Bool?
    var checksum: ChecksumStyle?
    @Rare var nopreempt: Word?
    @Rare var preemptDelay: Located<Interval>?
    @Rare var downTimerAdvertisements: Int?
    var answersLowerPriority: Bool?
    var sendsBeforeSteppingDown: Bool?
    var ownerIgnoresAdvertisements: Bool?
    @Rare var announcements = AnnouncementDraft()
    @Rare var extraAnnouncement: ExtraAnnouncement?
    var tracksInterface = true
    var tracking: [TrackDraft] = []
    var isStrict: Bool?
    @Rare var notify = NotifyCommands()
    /// Nil: as vrrp_notify_priority_changes says.
    var notifiesPriorities: Bool?
    var sendsMail: Bool?
    /// use_vmac or use_ipvlan.
    @Rare var virtualInterface: VirtualInterfaceDraft?
    /// vmac_xmit_base
    @Rare var sendsFromParent: Word?
    /// use_vmac_addr
    var separatesAddresses = false
    /// accept: true, no_accept: false.
    @Rare var accepts: Located<Bool>?
    /// promote_secondaries
    @Rare var promotesSecondaries: Word?
    @Rare var stallPriority: Located<UInt8>?
    var skipsKnownList: Bool?
    /// kernel_rx_buf_size, bytes.
    @Rare var receiveBuffer: Int?

    init(name: Word, keyword: Word) {
        self.name = name
        self.keyword = keyword
    }

    /// "vrrp_instance VI_1"
    static func block(_ name: ByteString) -> ByteString { "vrrp_instance " + name }
}

extension Interpreter {
    mutating func instanceBlock(_ statement: Statement) {
        guard let keyword = statement.keyword, let name = statement.values.first else { return }
        findings.enter(instance: name.text)
        if isFirst("vrrp_instance", name) {
            let draft = InstanceDraft(name: name, keyword: keyword)
            for inner in statement.body { instanceStatement(inner, draft) }
            instances.append(draft)
        }
        findings.block = ""
    }

    private mutating func instanceStatement(
        _ statement: Statement, _ draft: InstanceDraft
    ) {
        guard let keyword: InstanceKeyword = accept(statement),
            let word = statement.keyword
        else { return }
        let value = statement.values.first ?? word
        switch keyword {
        case .state: state(value, draft)
        case .interface: interface(value, draft)
        case .vrf: if interfaceName(value) != nil { draft.vrf = value }
        case .virtual_router_id: routerID(statement, value, draft)
        case .priority:
            draft.priority = UInt8(integer(statement, in: 1...255) ?? 100)
        case .advert_int: advertisementInterval(statement, value, draft)
        case .version: version(statement, value, draft)
        case .virtual_ipaddress:
            for line in statement.body { virtualAddress(line, draft, isExcluded: false) }
        case .virtual_ipaddress_excluded:
            for line in statement.body { virtualAddress(line, draft, isExcluded: true) }
        case .virtual_routes:
            for line in statement.body { add(watchedRoute(line), to: &draft.routes) }
        case .virtual_rules:
            for line in statement.body { add(rule(line), to: &draft.rules) }
        case .no_virtual_ipaddress: draft.wantsNoAddresses = true
        case .authentication:
            for line in statement.body { authentication(line, draft) }
        case .auth_hmac:
            trailer(statement, draft)
        case .unicast_peer:
            draft.unicastKeyword = word
            for line in statement.body { peer(line, draft) }
        case .unicast_src_ip:
            draft.unicastKeyword = draft.unicastKeyword ?? word
            source(value, draft)
        case .mcast_src_ip: source(value, draft)
        case .mcast_dst_ip: multicastGroup(value, draft)
        case .check_unicast_src:
            draft.unicastOption = word
            draft.checksUnicastSource = true
        case .unicast_ttl:
            draft.hopLimit = integer(statement, in: 0...255).map { .init(value: $0, word: value) }
        case .unicast_fault_no_peer: draft.needsPeer = true
        case .track_src_ip: draft.tracksSource = word
        case .old_unicast_checksum:
            draft.unicastOption = word
            oldChecksum(statement, draft)
        case .v3_checksum_as_v2:
            if let isMessageOnly = boolean(statement) {
                draft.checksum = isMessageOnly ? .messageOnly : .pseudoHeader
            }
        case .native_ipv6:
            nativeIPv6(word, draft)
        case .nopreempt: draft.nopreempt = word
        case .preempt: draft.nopreempt = nil
        case .preempt_delay: preemptDelay(statement, value, draft)
        case .down_timer_adverts:
            draft.downTimerAdvertisements = integer(statement, in: 1...100)
        case .lower_prio_no_advert:
            if let value = boolean(statement) { draft.answersLowerPriority = !value }
        case .higher_prio_send_advert: draft.sendsBeforeSteppingDown = boolean(statement)
        case .owner_ignore_adverts: draft.ownerIgnoresAdvertisements = boolean(statement)
        case .garp_master_delay, .garp_master_repeat, .garp_master_refresh,
            .garp_master_refresh_repeat, .garp_lower_prio_delay, .garp_lower_prio_repeat:
            announcement(keyword, statement, &draft.announcements)
        case .use_vmac, .use_ipvlan: virtualInterface(keyword, statement, draft)
        case .vmac_xmit_base: draft.sendsFromParent = word
        case .use_vmac_addr: draft.separatesAddresses = true
        case .garp_extra_if, .vmac_garp_intvl:
            draft.extraAnnouncement = extraAnnouncement(statement)
        case .dont_track_primary: draft.tracksInterface = false
        case .track_interface: trackBlock(.interface, statement, &draft.tracking)
        case .track_script: trackBlock(.script, statement, &draft.tracking)
        case .track_file: trackBlock(.file, statement, &draft.tracking)
        case .track_process: trackBlock(.process, statement, &draft.tracking)
        case .track_bfd: trackBlock(.bfd, statement, &draft.tracking)
        case .strict_mode: draft.isStrict = boolean(statement)
        case .notify_master: notify(statement, &draft.notify.master)
        case .notify_backup: notify(statement, &draft.notify.backup)
        case .notify_fault: notify(statement, &draft.notify.fault)
        case .notify_stop: notify(statement, &draft.notify.stop)
        case .notify_deleted:
            draft.notify.tellsDeleted = true
            if !statement.values.isEmpty { notify(statement, &draft.notify.deleted) }
        case .notify: notify(statement, &draft.notify.any)
        case .notify_master_rx_lower_pri:
            notify(statement, &draft.notify.lowerPriorityHeard)
        case .notify_priority_changes:
            draft.notifiesPriorities = boolean(statement) ?? draft.notifiesPriorities
        case .smtp_alert: draft.sendsMail = boolean(statement) ?? draft.sendsMail
        case .timer_expired_backup, .thread_timer_expired: stallPriority(statement, draft)
        case .skip_check_adv_addr: draft.skipsKnownList = boolean(statement)
        case .kernel_rx_buf_size: draft.receiveBuffer = integer(statement, in: 1...(1 << 30))
        case .accept, .no_accept:
            draft.accepts = .init(value: keyword == .accept, word: word)
        case .promote_secondaries: draft.promotesSecondaries = word
        case .linkbeat_use_polling: linkbeatOfInstance(word)
        case .debug: _ = integer(statement, in: 0...4)
        }
    }
}
