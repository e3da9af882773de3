import CNetlink
import Net

/// The kinds of attributes of nf_tables, each an enum of its own in C.
protocol FirewallAttribute { var rawValue: UInt32 { get } }

extension nft_table_attributes: FirewallAttribute {}
extension nft_set_attributes: FirewallAttribute {}
extension nft_set_elem_attributes: FirewallAttribute {}
extension nft_set_elem_list_attributes: FirewallAttribute {}
extension nft_chain_attributes: FirewallAttribute {}
extension nft_hook_attributes: FirewallAttribute {}
extension nft_rule_attributes: FirewallAttribute {}
extension nft_list_attributes: FirewallAttribute {}
extension nft_expr_attributes: FirewallAttribute {}
extension nft_data_attributes: FirewallAttribute {}
extension nft_verdict_attributes: FirewallAttribute {}
extension nft_meta_attributes: FirewallAttribute {}
extension nft_cmp_attributes: FirewallAttribute {}
extension nft_payload_attributes: FirewallAttribute {}
extension nft_range_attributes: FirewallAttribute {}
extension nft_lookup_attributes: FirewallAttribute {}
extension nft_immediate_attributes: FirewallAttribute {}

// nf_tables has its numbers in network order.
extension NetlinkMessage {
    mutating func put(_ type: some FirewallAttribute, _ value: UInt32) {
        put(Int(type.rawValue), value.bigEndian)
    }

    mutating func put(_ type: some FirewallAttribute, name: ByteString) {
        put(Int(type.rawValue), name: name)
    }

    mutating func nest(
        _ type: some FirewallAttribute, _ body: (inout NetlinkMessage) -> Void
    ) {
        nest(Int(type.rawValue), body)
    }

    mutating func putElement(_ key: [UInt8]) {
        nest(NFTA_LIST_ELEM) { element in
            element.nest(NFTA_SET_ELEM_KEY) { $0.putValue(key) }
        }
    }

    private mutating func putValue(_ bytes: [UInt8]) {
        put(Int(NFTA_DATA_VALUE.rawValue), bytes)
    }
}

// What a rule compares, and what it does. Values are loaded into 4-byte registers from the first on.
extension NetlinkMessage {
    private static let register = NFT_REG32_00.rawValue
    /// The register behind an IPv6 address.
    private static let registerBehindAddress = NFT_REG32_04.rawValue

    /// Destinations of IPv4 lie 16 bytes into the header, those of IPv6 24.
    mutating func isDestination(in set: FirewallSet) {
        switch set {
        case .ipv4:
            isFamily(NFPROTO_IPV4)
            load(NFT_PAYLOAD_NETWORK_HEADER, offset: 16, length: 4)
        case .ipv6:
            isFamily(NFPROTO_IPV6)
            load(NFT_PAYLOAD_NETWORK_HEADER, offset: 24, length: 16)
        case .linkLocal:
            isFamily(NFPROTO_IPV6)
            load(NFT_PAYLOAD_NETWORK_HEADER, offset: 24, length: 16)
            meta(NFT_META_IIF, to: NetlinkMessage.registerBehindAddress)
        }
        expression("lookup") { data in
            data.put(NFTA_LOOKUP_SET, name: set.name)
            data.put(NFTA_LOOKUP_SREG, NetlinkMessage.register)
            data.put(NFTA_LOOKUP_SET_ID, set.rawValue)
        }
    }

    /// ICMPv6 types 135 and 136: RFC 5798 section 6.1, Accept_Mode.
    mutating func isNeighborDiscovery() {
        isFamily(NFPROTO_IPV6)
        meta(NFT_META_L4PROTO, to: NetlinkMessage.register)
        isEqual(58)
        load(NFT_PAYLOAD_TRANSPORT_HEADER, offset: 0, length: 1)
        expression("range") { data in
            data.put(NFTA_RANGE_SREG, NetlinkMessage.register)
            data.put(NFTA_RANGE_OP, NFT_RANGE_EQ.rawValue)
            data.nest(NFTA_RANGE_FROM_DATA) { $0.putValue([135]) }
            data.nest(NFTA_RANGE_TO_DATA) { $0.putValue([136]) }
        }
    }

    /// NF_DROP or NF_ACCEPT.
    mutating func end(with verdict: Int32, counts: Bool) {
        if counts { expression("counter") { _ in } }
        expression("immediate") { data in
            data.put(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT.rawValue)
            data.nest(NFTA_IMMEDIATE_DATA) { value in
                value.nest(NFTA_DATA_VERDICT) {
                    $0.put(NFTA_VERDICT_CODE, UInt32(bitPattern: verdict))
                }
            }
        }
    }

    private mutating func expression(
        _ name: ByteString, _ body: (inout NetlinkMessage) -> Void
    ) {
        nest(NFTA_LIST_ELEM) { element in
            element.put(NFTA_EXPR_NAME, name: name)
            element.nest(NFTA_EXPR_DATA, body)
        }
    }

    private mutating func isFamily(_ family: Int) {
        meta(NFT_META_NFPROTO, to: NetlinkMessage.register)
        isEqual(UInt8(truncatingIfNeeded: family))
    }

    private mutating func meta(_ key: nft_meta_keys, to register: UInt32) {
        expression("meta") { data in
            data.put(NFTA_META_KEY, key.rawValue)
            data.put(NFTA_META_DREG, register)
        }
    }

    private mutating func isEqual(_ byte: UInt8) {
        expression("cmp") { data in
            data.put(NFTA_CMP_SREG, NetlinkMessage.register)
            data.put(NFTA_CMP_OP, NFT_CMP_EQ.rawValue)
            data.nest(NFTA_CMP_DATA) { $0.putValue([byte]) }
        }
    }

    private mutating func load(_ base: nft_payload_bases, offset: UInt32, length: UInt32) {
        expression("payload") { data in
            data.put(NFTA_PAYLOAD_DREG, NetlinkMessage.register)
            data.put(NFTA_PAYLOAD_BASE, base.rawValue)
            data.put(NFTA_PAYLOAD_OFFSET, offset)
            data.put(NFTA_PAYLOAD_LEN, length)
        }
    }
}
