import Net

/// How many words a keyword takes, and whether a block.
struct Shape {
    var words: ClosedRange<Int>
    var hasBlock = false

    static let flag = Shape(words: 0...0)
    /// An optional on, true, yes, off, false or no.
    static let boolean = Shape(words: 0...1)
    static let value = Shape(words: 1...1)
    /// A command, its user and its group.
    static let command = Shape(words: 1...3)
    static let block = Shape(words: 0...0, hasBlock: true)
    static let namedBlock = Shape(words: 1...1, hasBlock: true)
    static func words(_ range: ClosedRange<Int>) -> Shape { Shape(words: range) }
    /// Not looked at.
    static let anything = Shape(words: 0...1_000_000)
}

/// A keyword that is known but has no effect here; its number, if it is one, is checked all the
/// same.
struct IdleKeyword {
    var name: String
    var shape: Shape
    /// In nanoseconds, for seconds with decimals.
    var range: ClosedRange<Interval>?

    init(_ name: String, _ shape: Shape, seconds range: ClosedRange<Interval>? = nil) {
        self.name = name
        self.shape = shape
        self.range = range
    }
}

/// The keywords of one kind of block. The cases have keepalived's spelling.
protocol KeywordSet: RawRepresentable, CaseIterable, Sendable where RawValue == String {
    var shape: Shape { get }
    static var idle: [IdleKeyword] { get }
    /// Made once: `KeywordIndex()`.
    static var index: KeywordIndex<Self> { get }
}

extension KeywordSet {
    static func named(_ text: ByteString) -> Self? {
        index.keyword(text)
    }

    static func idleKeyword(_ text: ByteString) -> IdleKeyword? {
        index.idle(text)
    }

    /// For hints and the manual.
    static var allNames: [String] {
        var names: [String] = []
        for keyword in allCases { names.append(keyword.rawValue) }
        for keyword in idle { names.append(keyword.name) }
        return names
    }
}

/// Every keyword with the block it stands in, for those who hold the manual against it.
package func keywordTable() -> [(block: String, names: [String])] {
    [
        ("", RootKeyword.allNames), ("global_defs", GlobalKeyword.allNames),
        ("vrrp_instance", InstanceKeyword.allNames),
        ("authentication", AuthenticationKeyword.allNames),
        ("auth_hmac", TrailerKeyword.allNames),
        ("vrrp_sync_group", GroupKeyword.allNames), ("vrrp_script", ScriptKeyword.allNames),
        ("vrrp_track_file", FileKeyword.allNames),
        ("vrrp_track_process", ProcessKeyword.allNames),
        ("virtual_ipaddress", AddressOption.allNames),
        ("virtual_routes", RouteOption.allNames), ("virtual_rules", RuleOption.allNames),
        ("garp_group", GarpGroupKeyword.allNames), ("bfd_instance", BFDKeyword.allNames),
    ]
}

enum RootKeyword: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case global_defs, vrrp_instance, vrrp_sync_group, vrrp_script, vrrp_track_file, track_file
    case vrrp_track_process, virtual_server, virtual_server_group, SSL
    case static_ipaddress, static_routes, static_rules, track_group, garp_group, bfd_instance
    case interface_up_down_delays, linkbeat_interfaces, linkbeat_use_polling

    var shape: Shape {
        switch self {
        case .global_defs, .garp_group, .static_ipaddress, .static_routes, .static_rules,
            .interface_up_down_delays, .linkbeat_interfaces:
            .block
        case .linkbeat_use_polling: .flag
        case .vrrp_instance, .vrrp_sync_group, .vrrp_script, .vrrp_track_file, .track_file,
            .vrrp_track_process, .track_group, .bfd_instance:
            .namedBlock
        case .virtual_server, .virtual_server_group, .SSL: .anything
        }
    }

    /// Whether a block of this name has no meaning inside another.
    var opensOnlyAtRoot: Bool {
        switch self {
        case .global_defs, .vrrp_instance, .vrrp_sync_group, .vrrp_script, .vrrp_track_file,
            .vrrp_track_process, .virtual_server, .virtual_server_group, .static_ipaddress,
            .garp_group, .bfd_instance,
            .static_routes, .static_rules, .interface_up_down_delays, .linkbeat_interfaces:
            true
        case .track_file, .track_group, .SSL, .linkbeat_use_polling: false
        }
    }

    static var idle: [IdleKeyword] {
        [
            IdleKeyword("net_namespace", .value), IdleKeyword("net_namespace_ipvs", .value),
            IdleKeyword("namespace_with_ipsets", .flag), IdleKeyword("instance", .value),
            IdleKeyword("use_pid_dir", .flag), IdleKeyword("child_wait_time", .value),
        ]
    }
}

enum GlobalKeyword: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case router_id, notification_email, notification_email_from, smtp_server, smtp_helo_name
    case smtp_connect_timeout, smtp_alert, smtp_alert_vrrp, no_email_faults
    // Extensions.
    case smtp_tls, smtp_tls_ca_file, smtp_user, smtp_password
    case script_user, enable_script_security
    case startup_script, startup_script_timeout, shutdown_script, shutdown_script_timeout
    case vrrp_version, vrrp_mcast_group4, vrrp_mcast_group6
    case vrrp_garp_master_delay, vrrp_garp_master_repeat, vrrp_garp_master_refresh
    case vrrp_garp_master_refresh_repeat, vrrp_garp_lower_prio_delay, vrrp_garp_lower_prio_repeat
    case vrrp_min_garp, vrrp_down_timer_adverts
    case vrrp_lower_prio_no_advert, vrrp_higher_prio_send_advert, vrrp_owner_ignore_adverts
    case v3_checksum_as_v2, vrrp_check_unicast_src, vrrp_strict, vrrp_startup_delay
    case notify_fifo, vrrp_notify_fifo, notify_fifo_script, vrrp_notify_fifo_script
    case dynamic_interfaces
    case vrrp_garp_interval, vrrp_gna_interval, vrrp_garp_extra_if, default_interface
    case iproute_usr_dir, iproute_etc_dir
    case include_check
    case vmac_prefix, vmac_addr_prefix
    case fifo_write_vrrp_states_on_reload, vrrp_notify_priority_changes, notify_timeout
    case vrrp_skip_check_adv_addr, vrrp_delay_after_boot
    case log_unknown_vrids, vrrp_rx_bufs_policy, vrrp_rx_bufs_multiplier
    case vrrp_priority, vrrp_no_swap, vrrp_rt_priority, vrrp_cpu_affinity, vrrp_rlimit_rttime
    case vrrp_rlimit_rtime, max_auto_priority, min_auto_priority_delay
    case process_names, process_name, vrrp_process_name
    case nftables, nftables_priority, nftables_counters, nftables_ifindex
    case vrrp_iptables, vrrp_ipsets, disable_local_igmp

    var shape: Shape {
        switch self {
        case .router_id, .notification_email_from, .smtp_helo_name, .smtp_connect_timeout,
            .smtp_tls, .smtp_tls_ca_file, .smtp_user, .smtp_password,
            .startup_script_timeout, .shutdown_script_timeout, .vrrp_version, .vrrp_mcast_group4,
            .vrrp_mcast_group6, .vrrp_garp_master_delay, .vrrp_garp_master_repeat,
            .vrrp_garp_master_refresh, .vrrp_garp_master_refresh_repeat,
            .vrrp_garp_lower_prio_delay, .vrrp_garp_lower_prio_repeat, .vrrp_down_timer_adverts,
            .vrrp_garp_interval, .vrrp_gna_interval, .default_interface, .iproute_usr_dir,
            .iproute_etc_dir, .vmac_prefix, .vmac_addr_prefix,
            .vrrp_startup_delay, .notify_timeout, .vrrp_delay_after_boot, .vrrp_rx_bufs_policy,
            .vrrp_rx_bufs_multiplier, .vrrp_priority, .vrrp_rt_priority, .vrrp_rlimit_rttime,
            .vrrp_rlimit_rtime, .min_auto_priority_delay, .process_name, .vrrp_process_name,
            .nftables_priority:
            .value
        case .notification_email: .block
        case .vrrp_garp_extra_if: .words(1...2)
        case .smtp_server: .words(1...2)
        case .include_check: .words(0...8)
        case .script_user: .words(1...2)
        case .smtp_alert, .smtp_alert_vrrp, .vrrp_min_garp, .vrrp_lower_prio_no_advert,
            .vrrp_higher_prio_send_advert, .vrrp_owner_ignore_adverts, .v3_checksum_as_v2,
            .vrrp_strict, .dynamic_interfaces, .vrrp_notify_priority_changes,
            .vrrp_skip_check_adv_addr:
            .boolean
        case .no_email_faults, .enable_script_security, .vrrp_check_unicast_src,
            .fifo_write_vrrp_states_on_reload, .log_unknown_vrids, .vrrp_no_swap, .process_names,
            .nftables_counters, .nftables_ifindex, .disable_local_igmp:
            .flag
        case .max_auto_priority, .nftables: .words(0...1)
        case .vrrp_iptables: .words(0...2)
        case .vrrp_ipsets: .words(0...5)
        case .vrrp_cpu_affinity: .words(1...1024)
        case .startup_script, .shutdown_script, .notify_fifo, .vrrp_notify_fifo,
            .notify_fifo_script, .vrrp_notify_fifo_script:
            .command
        }
    }

    static var idle: [IdleKeyword] {
        return [
            IdleKeyword("smtp_alert_checker", .boolean),
            IdleKeyword("set_supplementary_groups", .flag),
            IdleKeyword("use_symlink_paths", .boolean),
            IdleKeyword("vrrp_netlink_cmd_rcv_bufs", .value),
            IdleKeyword("vrrp_netlink_cmd_rcv_bufs_force", .boolean),
            IdleKeyword("vrrp_netlink_monitor_rcv_bufs", .value),
            IdleKeyword("vrrp_netlink_monitor_rcv_bufs_force", .boolean),
            IdleKeyword("process_monitor_rcv_bufs", .value),
            IdleKeyword("process_monitor_rcv_bufs_force", .boolean),
            IdleKeyword("umask", .words(1...32)), IdleKeyword("random_seed", .value),
            IdleKeyword("reload_check_config", .words(0...1)),
            IdleKeyword("reload_time_file", .value), IdleKeyword("reload_repeat", .flag),
            IdleKeyword("reload_file", .words(0...1)), IdleKeyword("config_save_dir", .value),
            IdleKeyword("tmp_config_directory", .value),
            IdleKeyword("data_use_instance", .boolean),
            IdleKeyword("state_dump_file", .value), IdleKeyword("stats_dump_file", .value),
            IdleKeyword("json_dump_file", .value), IdleKeyword("json_version", .value),
            IdleKeyword("snmp_socket", .value),
            IdleKeyword("enable_snmp_vrrp", .flag), IdleKeyword("enable_snmp_checker", .flag),
            IdleKeyword("enable_snmp_keepalived", .flag), IdleKeyword("enable_snmp_rfc", .flag),
            IdleKeyword("enable_snmp_rfcv2", .flag), IdleKeyword("enable_snmp_rfcv3", .flag),
            IdleKeyword("snmp_vrrp_fast_read", .flag),
            IdleKeyword("enable_traps", .flag), IdleKeyword("enable_dbus", .flag),
            IdleKeyword("dbus_service_name", .value),
            IdleKeyword("dbus_no_interface_name", .flag),
        ] + virtualServerKeywords
    }

    /// Of the half that this daemon does not have.
    private static var virtualServerKeywords: [IdleKeyword] {
        let names = [
            "lvs_sync_daemon", "lvs_flush", "lvs_flush_on_stop", "lvs_timeouts", "lvs_notify_fifo",
            "lvs_notify_fifo_script", "lvs_netlink_cmd_rcv_bufs", "lvs_netlink_cmd_rcv_bufs_force",
            "lvs_netlink_monitor_rcv_bufs", "lvs_netlink_monitor_rcv_bufs_force",
            "checker_priority",
            "checker_no_swap", "checker_rt_priority", "checker_cpu_affinity",
            "checker_rlimit_rttime", "checker_process_name", "checker_log_all_failures",
            "checkers_log_all_failures", "no_checker_emails", "rs_init_notifies", "bfd_priority",
            "bfd_no_swap", "bfd_rt_priority", "bfd_cpu_affinity", "bfd_rlimit_rttime",
            "bfd_process_name", "plugin_dir",
        ]
        return names.map { IdleKeyword($0, .anything) }
    }
}

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
            IdleKeyword("lvs_sync_daemon_interface", .value),
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

enum GroupKeyword: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case group, track_interface, track_script, track_file, track_process, track_bfd
    case notify_master, notify_backup, notify_fault, notify_stop, notify
    case smtp_alert, notify_priority_changes, sync_group_tracking_weight, global_tracking

    var shape: Shape {
        switch self {
        case .group, .track_interface, .track_script, .track_file, .track_process, .track_bfd:
            .block
        case .notify_master, .notify_backup, .notify_fault, .notify_stop, .notify: .command
        case .smtp_alert, .notify_priority_changes: .boolean
        case .sync_group_tracking_weight, .global_tracking: .flag
        }
    }

    static var idle: [IdleKeyword] {
        []
    }
}

enum ScriptKeyword: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case script, check, interval, timeout, weight, rise, fall, user, init_fail

    var shape: Shape {
        switch self {
        case .script, .interval, .timeout, .rise, .fall: .value
        case .check: .words(2...8)
        case .weight, .user: .words(1...2)
        case .init_fail: .flag
        }
    }

    static var idle: [IdleKeyword] { [] }
}

enum FileKeyword: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case file, weight, init_file

    var shape: Shape {
        switch self {
        case .file: .value
        case .weight: .words(1...2)
        case .init_file: .words(0...2)
        }
    }

    static var idle: [IdleKeyword] { [] }
}

enum ProcessKeyword: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case process, weight, quorum, quorum_max, fork_delay, terminate_delay, delay, full_command
    case param_match

    var shape: Shape {
        switch self {
        case .process: .words(1...64)
        case .weight: .words(1...2)
        case .quorum, .quorum_max, .fork_delay, .terminate_delay, .delay, .param_match: .value
        case .full_command: .flag
        }
    }

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
