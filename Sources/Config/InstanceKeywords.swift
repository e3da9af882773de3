enum InstanceKeyword: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case state, interface, virtual_router_id, priority, advert_int, version
    case virtual_ipaddress, virtual_ipaddress_excluded, no_virtual_ipaddress
    case virtual_routes, virtual_rules, garp_extra_if, vmac_garp_intvl
    case authentication, unicast_peer, unicast_src_ip, mcast_src_ip, mcast_dst_ip
    case check_unicast_src, v3_checksum_as_v2, native_ipv6
    case nopreempt, preempt, preempt_delay, down_timer_adverts
    case lower_prio_no_advert, higher_prio_send_advert, owner_ignore_adverts
    case garp_master_delay, garp_master_repeat, garp_master_refresh, garp_master_refresh_repeat
    case garp_lower_prio_delay, garp_lower_prio_repeat
    case use_vmac, use_vmac_addr, vmac_xmit_base, use_ipvlan, dont_track_primary
    case track_interface, track_script, track_file, track_process, track_bfd
    case strict_mode
    case notify_master, notify_backup, notify_fault, notify_stop, notify_deleted, notify
    case notify_master_rx_lower_pri, notify_priority_changes, smtp_alert, debug
    case auth_hmac, unicast_ttl, unicast_fault_no_peer, old_unicast_checksum, track_src_ip
    case timer_expired_backup, thread_timer_expired, skip_check_adv_addr
    case kernel_rx_buf_size
    case accept, no_accept, promote_secondaries, linkbeat_use_polling, vrf

    var shape: Shape {
        switch self {
        case .state, .interface, .virtual_router_id, .priority, .advert_int, .version,
            .unicast_src_ip, .mcast_src_ip, .mcast_dst_ip, .preempt_delay, .down_timer_adverts,
            .garp_master_delay, .garp_master_repeat, .garp_master_refresh,
            .garp_master_refresh_repeat, .garp_lower_prio_delay, .garp_lower_prio_repeat, .debug,
            .kernel_rx_buf_size:
            .value
        case .timer_expired_backup, .thread_timer_expired: .words(0...1)
        case .virtual_ipaddress, .virtual_ipaddress_excluded, .virtual_routes, .virtual_rules,
            .authentication, .unicast_peer,
            .track_interface, .track_script, .track_file, .track_process, .track_bfd, .auth_hmac:
            .block
        case .no_virtual_ipaddress, .check_unicast_src, .native_ipv6, .nopreempt, .preempt,
            .dont_track_primary, .use_vmac_addr, .vmac_xmit_base, .accept, .no_accept,
            .promote_secondaries, .linkbeat_use_polling:
            .flag
        case .v3_checksum_as_v2, .lower_prio_no_advert, .higher_prio_send_advert,
            .owner_ignore_adverts, .strict_mode, .smtp_alert, .notify_priority_changes,
            .skip_check_adv_addr:
            .boolean
        case .use_vmac, .use_ipvlan: .words(0...8)
        case .unicast_ttl, .vrf: .value
        case .unicast_fault_no_peer, .track_src_ip: .flag
        case .old_unicast_checksum: .words(0...1)
        case .garp_extra_if, .vmac_garp_intvl: .words(1...2)
        case .notify_master, .notify_backup, .notify_fault, .notify_stop, .notify,
            .notify_master_rx_lower_pri:
            .command
        case .notify_deleted: .words(0...3)
        }
    }

    static var idle: [IdleKeyword] {
        [
            IdleKeyword("lvs_sync_daemon_interface", .value)
        ]
    }
}

enum AuthenticationKeyword: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case auth_type, auth_pass

    var shape: Shape { .value }
    static var idle: [IdleKeyword] { [] }
}

/// Of auth_hmac.
enum TrailerKeyword: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case key, active_key, time_window, anti_replay, mode

    var shape: Shape { self == .key ? .words(2...2) : .value }
    static var idle: [IdleKeyword] { [] }
}

/// What may follow an address in virtual_ipaddress.
enum AddressOption: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case dev, scope, brd, broadcast, label, peer, no_track, use_vmac
    case home, mngtmpaddr, noprefixroute, autojoin
    case nodad = "-nodad"
    case preferred_lft, track_group

    var shape: Shape {
        switch self {
        case .dev, .scope, .brd, .broadcast, .label, .peer, .preferred_lft, .track_group: .value
        case .no_track, .use_vmac, .home, .mngtmpaddr, .noprefixroute, .autojoin, .nodad: .flag
        }
    }

    static var idle: [IdleKeyword] { [] }
}
