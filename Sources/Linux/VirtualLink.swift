import CNetlink
package import Net

/// A link of our own on top of another: what use_vmac and use_ipvlan ask for.
package struct VirtualLink: Hashable, Sendable {
    package enum Mode: Hashable, Sendable {
        /// use_vmac: a MAC of its own, no traffic to siblings.
        case privateMACVLAN
        /// use_ipvlan: the parent's MAC; layer 2 always.
        case ipvlanBridge
        case ipvlanPrivate
        case ipvlanVEPA

        package var kind: String { self == .privateMACVLAN ? "macvlan" : "ipvlan" }
    }

    package var name: ByteString
    package var mode: Mode
    /// Of a macvlan; an ipvlan has its parent's.
    package var mac: MACAddress?
    /// The kernel's interface group; nil: the parent's.
    package var group: UInt32?

    package init(name: ByteString, mode: Mode, mac: MACAddress?, group: UInt32?) {
        self.name = name
        self.mode = mode
        self.mac = mac
        self.group = group
    }

    /// Whether a link that exists already can serve as this one on the parent.
    package func matches(_ link: LinkInfo, on parent: LinkInfo) -> Bool {
        guard link.kind == ByteString(mode.kind) else { return false }
        // A macvlan on a macvlan sits on what is below both.
        guard link.parent == parent.index || link.parent == parent.parent else { return false }
        return mode != .privateMACVLAN || (link.mac == mac && link.mode == mode)
    }
}

/// What of net.ipv4.conf matters where two interfaces hear one wire.
package struct IPv4LinkSettings: Hashable, Sendable {
    package var rpFilter: UInt32
    package var arpFilter: UInt32
    package var arpIgnore: UInt32
    package var arpAnnounce: UInt32
    package var promoteSecondaries: UInt32
    package var acceptLocal: UInt32

    /// IFLA_INET_CONF: 32-bit words, the first being setting number 1.
    init?(_ bytes: Span<UInt8>, _ payload: Range<Int>) {
        func value(_ number: Int) -> UInt32? {
            let start = payload.lowerBound + (number - 1) * 4
            return bytes.word(start, within: payload.upperBound)
        }
        guard let rpFilter = value(Setting.rpFilter), let arpFilter = value(Setting.arpFilter),
            let arpIgnore = value(Setting.arpIgnore),
            let arpAnnounce = value(Setting.arpAnnounce),
            let promoteSecondaries = value(Setting.promoteSecondaries),
            let acceptLocal = value(Setting.acceptLocal)
        else { return nil }
        self.rpFilter = rpFilter
        self.arpFilter = arpFilter
        self.arpIgnore = arpIgnore
        self.arpAnnounce = arpAnnounce
        self.promoteSecondaries = promoteSecondaries
        self.acceptLocal = acceptLocal
    }

    fileprivate enum Setting {
        static let rpFilter = Int(IPV4_DEVCONF_RP_FILTER)
        static let arpFilter = Int(IPV4_DEVCONF_ARPFILTER)
        static let arpIgnore = Int(IPV4_DEVCONF_ARP_IGNORE)
        static let arpAnnounce = Int(IPV4_DEVCONF_ARP_ANNOUNCE)
        static let promoteSecondaries = Int(IPV4_DEVCONF_PROMOTE_SECONDARIES)
        static let acceptLocal = Int(IPV4_DEVCONF_ACCEPT_LOCAL)
    }

    fileprivate var numbered: [(Int, UInt32)] {
        [
            (Setting.rpFilter, rpFilter), (Setting.arpFilter, arpFilter),
            (Setting.arpIgnore, arpIgnore), (Setting.arpAnnounce, arpAnnounce),
            (Setting.promoteSecondaries, promoteSecondaries),
            (Setting.acceptLocal, acceptLocal),
        ]
    }
}

extension NetlinkRequests {
    /// Creates the link, down. EEXIST: there is one of that name.
    package func add(_ link: VirtualLink, on parent: Int32) throws(SystemError) {
        try change(RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL, what: "add link") { message in
            message.append(ifinfomsg())
            message.put(IFLA_LINK, UInt32(bitPattern: parent))
            message.put(IFLA_IFNAME, name: link.name)
            if let mac = link.mac { message.put(IFLA_ADDRESS, mac.bytes) }
            if let group = link.group { message.put(IFLA_GROUP, group) }
            message.nest(IFLA_LINKINFO) { information in
                information.put(IFLA_INFO_KIND, [UInt8](link.mode.kind.utf8))
                information.nest(IFLA_INFO_DATA) { data in data.put(link.mode) }
            }
        }
    }

    /// Changes net.ipv4.conf of one interface. Netlink needs no file and works where /proc/sys is
    /// read-only.
    package func set(
        _ settings: IPv4LinkSettings, of index: Int32
    ) throws(SystemError) {
        try setIPv4(index) { configuration in
            for (number, value) in settings.numbered { configuration.put(number, value) }
        }
    }

    /// What an interface says by ARP, and for whom: arp_ignore, arp_filter and arp_announce.
    package func setARP(
        ignore: UInt32, filter: UInt32, announce: UInt32, of index: Int32
    ) throws(SystemError) {
        try setIPv4(index) { configuration in
            configuration.put(IPv4LinkSettings.Setting.arpIgnore, ignore)
            configuration.put(IPv4LinkSettings.Setting.arpFilter, filter)
            configuration.put(IPv4LinkSettings.Setting.arpAnnounce, announce)
        }
    }

    /// net.ipv4.conf's promote_secondaries of one interface.
    package func setPromotion(_ value: UInt32, of index: Int32) throws(SystemError) {
        try setIPv4(index) { $0.put(Int(IPV4_DEVCONF_PROMOTE_SECONDARIES), value) }
    }

    private func setIPv4(
        _ index: Int32, _ body: (inout NetlinkMessage) -> Void
    ) throws(SystemError) {
        try change(RTM_SETLINK, what: "set net.ipv4.conf") { message in
            var part = ifinfomsg()
            part.ifi_index = index
            message.append(part)
            message.nest(IFLA_AF_SPEC) { families in
                families.nest(Int(Family.ipv4.addressFamily)) { family in
                    family.nest(Int(IFLA_INET_CONF), body)
                }
            }
        }
    }

    /// Puts an interface into a VRF; nil: takes it out.
    package func setVRF(_ index: Int32, _ master: Int32?) throws(SystemError) {
        try change(RTM_SETLINK, what: "set master") { message in
            var part = ifinfomsg()
            part.ifi_index = index
            message.append(part)
            message.put(IFLA_MASTER, UInt32(bitPattern: master ?? 0))
        }
    }

    /// Puts a remark on an interface (`ip link` shows it).
    package func setAlias(_ index: Int32, _ alias: ByteString) throws(SystemError) {
        try change(RTM_SETLINK, what: "set alias") { message in
            var part = ifinfomsg()
            part.ifi_index = index
            message.append(part)
            message.put(IFLA_IFALIAS, alias.bytes)
        }
    }
}

extension NetlinkMessage {
    fileprivate mutating func put(_ mode: VirtualLink.Mode) {
        switch mode {
        case .privateMACVLAN: put(IFLA_MACVLAN_MODE, UInt32(MACVLAN_MODE_PRIVATE.rawValue))
        case .ipvlanBridge: putIPVLAN(flags: 0)
        case .ipvlanPrivate: putIPVLAN(flags: 1)
        case .ipvlanVEPA: putIPVLAN(flags: 2)
        }
    }

    /// Mode 0: layer 2. Flags: 1 private, 2 VEPA.
    private mutating func putIPVLAN(flags: UInt16) {
        put(Int(IFLA_IPVLAN_MODE), part: UInt16(0))
        put(Int(IFLA_IPVLAN_FLAGS), part: flags)
    }
}

extension NetlinkRequests {
    /// net.ipv4.conf.all.rp_filter: an interface's own setting counts only where it is larger.
    package func commonRPFilter() throws(SystemError) -> UInt32 {
        let values = try dump(RTM_GETNETCONF, netconfmsg()) { header, bytes in
            header.type == UInt16(RTM_NEWNETCONF) ? rpFilterOfAll(bytes, header.payload) : nil
        }
        return values.values.first ?? 0
    }
}

/// struct netconfmsg: the family, padded; then NETCONFA_… attributes. -1 stands for "all".
private func rpFilterOfAll(_ bytes: Span<UInt8>, _ payload: Range<Int>) -> UInt32? {
    guard payload.count >= 4, payload.upperBound <= bytes.count,
        bytes[payload.lowerBound] == Family.ipv4.addressFamily
    else { return nil }
    var index: Int32 = 0
    var filter: UInt32? = nil
    var attributes = NetlinkReader(attributesIn: payload, after: 4)
    while let attribute = attributes.attribute(bytes) {
        switch attribute.type {
        case UInt16(NETCONFA_IFINDEX): index = bytes.index(attribute.payload) ?? 0
        case UInt16(NETCONFA_RP_FILTER): filter = bytes.word(attribute.payload)
        default: break
        }
    }
    return index == -1 ? filter : nil
}
