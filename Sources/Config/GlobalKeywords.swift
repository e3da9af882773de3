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
