import Net

// What stands beside a keyword that does not belong there, or stands in the place of what does.
extension Interpreter {
    /// keepalived passes over what is left in a line. It is an error where a statement is lost.
    mutating func reportSurplus(_ words: ArraySlice<Word>, _ keyword: Word) {
        guard let first = words.first else { return }
        if isSecret(keyword.text) {
            findings.warning(
                "surplus-word", "a second word after \(keyword.text) is ignored", keyword,
                hint: "words that belong together need quotes")
        } else if let lost = words.first(where: { homeOf($0.text) != nil }) {
            findings.error(
                "lost-statement", "\(lost.text) after \(keyword.text) is ignored", lost,
                hint: "one statement a line: begin another one before \(lost.text)")
        } else {
            findings.warning(
                "surplus-word", "\(first.text) after \(keyword.text) is ignored", first,
                hint: first.text.bytes.starts(with: "//".utf8)
                    ? "comments start with # or !"
                    : "one statement a line; words that belong together need quotes")
        }
    }

    /// Nothing follows but a brace. Always false.
    mutating func reportBrace(_ keyword: Word, isBlock: Bool) -> Bool {
        let missing = isBlock ? "name" : "value"
        let startsNothing = !passedBraces.contains { keyword.text == $0 }
        findings.error(
            startsNothing ? Diagnostic.braceForValue : "missing-value",
            "\(keyword.text) has a { where its \(missing) should be", keyword,
            hint: "write the \(missing) between \(keyword.text) and {"
                + (startsNothing ? ": nothing starts without it" : ""))
        return false
    }

    /// Where keepalived's VRRP goes on after it; after any other it ends with status 2. An instance or a
    /// group without a name is only left out, a setting keeps its default.
    private var passedBraces: [String] {
        [
            "vrrp_instance", "vrrp_sync_group", "track_group", "bfd_instance", "net_namespace",
            "instance", "garp_extra_if", "kernel_rx_buf_size", "router_id",
            "notification_email_from", "smtp_helo_name", "script_user", "startup_script_timeout",
            "shutdown_script_timeout", "vrrp_garp_extra_if", "notify_fifo", "vrrp_notify_fifo",
            "default_interface", "vrrp_priority", "vrrp_rt_priority", "vrrp_cpu_affinity",
            "min_auto_priority_delay", "vrrp_rx_bufs_policy", "vrrp_rx_bufs_multiplier",
            "vrrp_netlink_cmd_rcv_bufs", "vrrp_netlink_monitor_rcv_bufs",
            "process_monitor_rcv_bufs", "reload_time_file", "snmp_socket", "tmp_config_directory",
            "notify_fifo_script", "vrrp_notify_fifo_script", "startup_script", "shutdown_script",
            "script", "file", "param_match", "virtual_server_group", "real_server",
        ]
    }
}
