import CNetlink
import Net

/// The sets of addresses that the rules look into.
enum FirewallSet: UInt32, CaseIterable {
    case ipv4 = 1
    case ipv6 = 2
    /// Address and interface index.
    case linkLocal = 3

    init(_ entry: FirewallEntry) {
        switch entry.address.family {
        case .ipv4: self = .ipv4
        case .ipv6: self = entry.interface == 0 ? .ipv6 : .linkLocal
        }
    }

    /// keepalived's.
    var name: ByteString {
        switch self {
        case .ipv4: "vips"
        case .ipv6: "vips6"
        case .linkLocal: "vips_link_local"
        }
    }

    fileprivate var keyLength: UInt32 {
        switch self {
        case .ipv4: 4
        case .ipv6: 16
        case .linkLocal: 20
        }
    }

    /// nft(8)'s numbers of ipv4_addr, ipv6_addr and iface_index, six bits each: for `nft list`.
    fileprivate var keyType: UInt32 {
        switch self {
        case .ipv4: 7
        case .ipv6: 8
        case .linkLocal: 8 << 6 | 20
        }
    }
}

/// Messages to nf_tables that the kernel does together.
struct FirewallBatch {
    /// Elements in one message at most.
    static let elementLimit = 64
    /// Only we call a chain so.
    private static let chain: ByteString = "martlet-in"

    let table: ByteString
    private let isTransaction: Bool
    private var bytes: [UInt8] = []
    private var isWhole = true
    private var count: UInt32 = 0

    /// - Parameter isTransaction: false for a question.
    init(table: ByteString, isTransaction: Bool = true) {
        self.table = table
        self.isTransaction = isTransaction
        if isTransaction { bracket(NFNL_MSG_BATCH_BEGIN) }
    }

    /// Nil where something did not fit.
    consuming func finish() -> [UInt8]? {
        if isTransaction { bracket(NFNL_MSG_BATCH_END) }
        return isWhole ? bytes : nil
    }

    /// The subsystem is named in network order.
    private mutating func bracket(_ type: Int32) {
        append(Int(type), 0, family: 0, resource: UInt16(NFNL_SUBSYS_NFTABLES).bigEndian) { _ in }
    }

    private mutating func append(
        _ type: nf_tables_msg_types, _ flags: Int32, _ body: (inout NetlinkMessage) -> Void
    ) {
        let number = Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(type.rawValue)
        append(number, NLM_F_ACK | flags, family: UInt8(NFPROTO_INET), body)
    }

    private mutating func append(
        _ type: Int, _ flags: Int32, family: UInt8, resource: UInt16 = 0,
        _ body: (inout NetlinkMessage) -> Void
    ) {
        count &+= 1
        guard
            var message = NetlinkMessage(
                type: type, flags: flags, sequence: count, capacity: 8192)
        else {
            isWhole = false
            return
        }
        message.append(nfgenmsg(nfgen_family: family, version: 0, res_id: resource))
        body(&message)
        if !message.write(to: &bytes) { isWhole = false }
    }

    mutating func addLayout(_ settings: FirewallSettings, isOwned: Bool) {
        addTable(isOwned: isOwned)
        for set in FirewallSet.allCases { addSet(set) }
        addChain(priority: settings.priority)
        let counts = settings.counts
        addRule { rule in
            rule.isNeighborDiscovery()
            rule.end(with: NF_ACCEPT, counts: counts)
        }
        for set in FirewallSet.allCases {
            addRule { rule in
                rule.isDestination(in: set)
                rule.end(with: NF_DROP, counts: counts)
            }
        }
    }

    private mutating func addTable(isOwned: Bool) {
        let table = self.table
        append(NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL) { message in
            message.put(NFTA_TABLE_NAME, name: table)
            if isOwned { message.put(NFTA_TABLE_FLAGS, NFT_TABLE_F_OWNER.rawValue) }
        }
    }

    /// Each entry in its set.
    mutating func change(
        _ type: nf_tables_msg_types, _ flags: Int32, _ entries: [FirewallEntry]
    ) {
        for set in FirewallSet.allCases {
            var rest = entries.filter { FirewallSet($0) == set }[...]
            while !rest.isEmpty {
                change(set, type, flags, rest.prefix(FirewallBatch.elementLimit))
                rest = rest.dropFirst(FirewallBatch.elementLimit)
            }
        }
    }

    mutating func removeTable() {
        let table = self.table
        append(NFT_MSG_DELTABLE, 0) { $0.put(NFTA_TABLE_NAME, name: table) }
    }

    /// ENOENT: the table is not there, or not ours.
    mutating func askForChain() {
        let table = self.table
        append(NFT_MSG_GETCHAIN, 0) { message in
            message.put(NFTA_CHAIN_TABLE, name: table)
            message.put(NFTA_CHAIN_NAME, name: FirewallBatch.chain)
        }
    }

    private mutating func addSet(_ set: FirewallSet) {
        let table = self.table
        append(NFT_MSG_NEWSET, NLM_F_CREATE) { message in
            message.put(NFTA_SET_TABLE, name: table)
            message.put(NFTA_SET_NAME, name: set.name)
            message.put(NFTA_SET_KEY_TYPE, set.keyType)
            message.put(NFTA_SET_KEY_LEN, set.keyLength)
            message.put(NFTA_SET_ID, set.rawValue)
        }
    }

    private mutating func addChain(priority: Int32) {
        let table = self.table
        append(NFT_MSG_NEWCHAIN, NLM_F_CREATE) { message in
            message.put(NFTA_CHAIN_TABLE, name: table)
            message.put(NFTA_CHAIN_NAME, name: FirewallBatch.chain)
            message.nest(NFTA_CHAIN_HOOK) { hook in
                hook.put(NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_IN.rawValue)
                hook.put(NFTA_HOOK_PRIORITY, UInt32(bitPattern: priority))
            }
            message.put(NFTA_CHAIN_TYPE, name: "filter")
        }
    }

    private mutating func addRule(_ expressions: (inout NetlinkMessage) -> Void) {
        let table = self.table
        append(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND) { message in
            message.put(NFTA_RULE_TABLE, name: table)
            message.put(NFTA_RULE_CHAIN, name: FirewallBatch.chain)
            message.nest(NFTA_RULE_EXPRESSIONS, expressions)
        }
    }

    /// NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM.
    mutating func change(
        _ set: FirewallSet, _ type: nf_tables_msg_types, _ flags: Int32,
        _ entries: ArraySlice<FirewallEntry>
    ) {
        let table = self.table
        append(type, flags) { message in
            message.put(NFTA_SET_ELEM_LIST_TABLE, name: table)
            message.put(NFTA_SET_ELEM_LIST_SET, name: set.name)
            message.nest(NFTA_SET_ELEM_LIST_ELEMENTS) { list in
                for entry in entries { list.putElement(entry.key) }
            }
        }
    }
}

extension FirewallEntry {
    /// The index in host order, as the kernel's registers hold it.
    fileprivate var key: [UInt8] {
        guard interface != 0 else { return address.bytes }
        let value = UInt32(bitPattern: interface).littleEndian
        return address.bytes + (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32($0 * 8)) }
    }
}
