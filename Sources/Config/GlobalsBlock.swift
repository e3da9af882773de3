import Net
import VRRP

/// What instances inherit where they say nothing themselves. Nil: not given.
struct AnnouncementDraft: Sparse {
    var count: Int?
    var delay: Interval?
    var refresh: Interval?
    var refreshCount: Int?
    var lowerPriorityCount: Int?
    var lowerPriorityDelay: Interval?
}

struct GlobalsDraft {
    var values = Globals()
    var version = ProtocolVersion.v2
    var groupV4 = IPAddress.v4(.vrrpGroup)
    var groupV6 = IPAddress.v6(.vrrpGroup)
    var announcements = AnnouncementDraft()
    /// vrrp_min_garp
    var announcesLittle = false
    var downTimerAdvertisements = 3
    var answersLowerPriority = true
    var sendsBeforeSteppingDown = false
    /// Nil: not given.
    var ownerIgnoresAdvertisements: Bool?
    var checksum = ChecksumStyle.pseudoHeader
    var checksUnicastSource = false
    var isStrict = false
    var startupDelay = Interval.zero
    var extraAnnouncement: ExtraAnnouncement?
    var delayAfterBoot = Interval.zero
    var skipsKnownList = false
    var sendsMail: Bool?
    var sendsVRRPMail: Bool?
    var virtualInterfacePrefix = ByteString("vrrp")
    /// Nil: as `virtualInterfacePrefix`.
    var addressInterfacePrefix: ByteString?
    /// vrrp_notify_priority_changes
    var notifiesPriorities = false
    var fifo: NotifyFIFO?
    var vrrpFIFO: NotifyFIFO?
    var fifoScript: Command?
    var vrrpFIFOScript: Command?
}

extension Interpreter {
    mutating func globalsBlock(_ statement: Statement) {
        findings.block = "global_defs"
        for inner in statement.body { globalStatement(inner) }
        findings.block = ""
    }

    /// One statement of global_defs.
    mutating func globalStatement(_ statement: Statement) {
        guard let keyword: GlobalKeyword = accept(statement) else { return }
        let text = statement.values.first?.text
        switch keyword {
        case .router_id: globals.values.routerID = text
        case .notification_email: mailRecipients(statement)
        case .notification_email_from: mailSender(statement)
        case .smtp_server: mailServer(statement)
        case .smtp_helo_name: globals.values.mailHello = text
        case .smtp_connect_timeout: mailTimeout(statement)
        case .smtp_tls: mailEncryption(statement)
        case .smtp_tls_ca_file: globals.values.mailAuthorities = text
        case .smtp_user: globals.values.mailUser = text
        case .smtp_password: globals.values.mailPassword = text
        case .smtp_alert: globals.sendsMail = boolean(statement) ?? globals.sendsMail
        case .smtp_alert_vrrp: globals.sendsVRRPMail = boolean(statement) ?? globals.sendsVRRPMail
        case .no_email_faults: globals.values.mailsFaults = false
        case .script_user: scriptUser(statement)
        case .enable_script_security: globals.values.scriptSecurity = true
        case .startup_script: globals.values.startupScript = command(statement)
        case .shutdown_script: globals.values.shutdownScript = command(statement)
        case .startup_script_timeout:
            if let value = wholeSeconds(statement, in: 1...1000) {
                globals.values.startupTimeout = value
            }
        case .shutdown_script_timeout:
            if let value = wholeSeconds(statement, in: 1...1000) {
                globals.values.shutdownTimeout = value
            }
        case .vrrp_version: globals.version = version(statement) ?? globals.version
        case .vrrp_mcast_group4:
            globals.groupV4 = group(statement, .ipv4) ?? globals.groupV4
        case .vrrp_mcast_group6:
            globals.groupV6 = group(statement, .ipv6) ?? globals.groupV6
        case .vrrp_garp_master_delay, .vrrp_garp_master_repeat, .vrrp_garp_master_refresh,
            .vrrp_garp_master_refresh_repeat, .vrrp_garp_lower_prio_delay,
            .vrrp_garp_lower_prio_repeat:
            globalAnnouncement(keyword, statement)
        case .vrrp_min_garp: globals.announcesLittle = boolean(statement) ?? false
        case .vrrp_down_timer_adverts:
            globals.downTimerAdvertisements = integer(statement, in: 1...100) ?? 3
        case .vrrp_lower_prio_no_advert:
            if let value = boolean(statement) { globals.answersLowerPriority = !value }
        case .vrrp_higher_prio_send_advert:
            globals.sendsBeforeSteppingDown = boolean(statement) ?? false
        case .vrrp_owner_ignore_adverts:
            globals.ownerIgnoresAdvertisements = boolean(statement)
        case .v3_checksum_as_v2:
            globals.checksum = boolean(statement) == true ? .messageOnly : .pseudoHeader
        case .vrrp_check_unicast_src: globals.checksUnicastSource = true
        case .vrrp_strict: globals.isStrict = boolean(statement) ?? globals.isStrict
        case .vrrp_startup_delay:
            let range = Interval.milliseconds(1)...Interval.seconds(4294)
            globals.startupDelay = interval(statement, in: range) ?? .zero
        case .vrrp_delay_after_boot:
            let range = Interval.milliseconds(1)...Interval.seconds(4294)
            globals.delayAfterBoot = interval(statement, in: range) ?? .zero
        case .vrrp_skip_check_adv_addr: globals.skipsKnownList = boolean(statement) ?? false
        case .log_unknown_vrids: globals.values.logsUnknownVRIDs = true
        case .vrrp_rx_bufs_policy, .vrrp_rx_bufs_multiplier: receiveBuffers(keyword, statement)
        case .vrrp_priority, .vrrp_no_swap, .vrrp_rt_priority, .vrrp_cpu_affinity,
            .vrrp_rlimit_rttime, .vrrp_rlimit_rtime, .max_auto_priority,
            .min_auto_priority_delay, .process_names, .process_name, .vrrp_process_name:
            processSetting(keyword, statement)
        case .nftables, .nftables_priority, .nftables_counters, .nftables_ifindex, .vrrp_iptables,
            .vrrp_ipsets:
            firewallOption(keyword, statement)
        case .disable_local_igmp: globals.values.disablesLocalIGMP = true
        case .notify_fifo: globals.fifo = fifo(statement)
        case .vrrp_notify_fifo: globals.vrrpFIFO = fifo(statement)
        case .notify_fifo_script: globals.fifoScript = command(statement)
        case .vrrp_notify_fifo_script: globals.vrrpFIFOScript = command(statement)
        case .dynamic_interfaces: dynamicInterfaces(statement)
        case .vmac_prefix:
            globals.virtualInterfacePrefix =
                statement.values.first.flatMap { interfaceName($0) }
                ?? globals.virtualInterfacePrefix
        case .vmac_addr_prefix:
            globals.addressInterfacePrefix = statement.values.first.flatMap { interfaceName($0) }
        case .vrrp_garp_interval:
            globals.values.announcementGaps.arp = gap(statement) ?? .zero
        case .vrrp_gna_interval:
            globals.values.announcementGaps.neighbor = gap(statement) ?? .zero
        case .vrrp_garp_extra_if: globals.extraAnnouncement = extraAnnouncement(statement)
        case .default_interface:
            if let word = statement.values.first, let name = interfaceName(word) {
                statics.interface = name
            }
        // Read before everything else: RoutingNames.
        case .iproute_usr_dir, .iproute_etc_dir: break
        // The reader of the text has followed it already.
        case .include_check: break
        case .fifo_write_vrrp_states_on_reload: globals.values.repeatsStatesOnReload = true
        case .vrrp_notify_priority_changes:
            globals.notifiesPriorities = boolean(statement) ?? globals.notifiesPriorities
        case .notify_timeout:
            let range = Interval.milliseconds(1)...Interval.seconds(86_400)
            globals.values.notifyTimeout = interval(statement, in: range)
        }
    }

    private mutating func globalAnnouncement(_ keyword: GlobalKeyword, _ statement: Statement) {
        guard let same = InstanceKeyword.named(ByteString(String(keyword.rawValue.dropFirst(5))))
        else { return }
        var announcements = globals.announcements
        announcement(same, statement, &announcements)
        globals.announcements = announcements
    }

    private mutating func mailRecipients(_ statement: Statement) {
        var count = 0
        for line in statement.body {
            for word in line.words {
                count += 1
                if isMailAddress(word) { globals.values.mailRecipients.append(word.text) }
            }
        }
        if count == 0 {
            findings.warning(
                "no-recipient", "notification_email names nobody", statement.keyword)
        }
    }

    private mutating func mailSender(_ statement: Statement) {
        guard let word = statement.values.first, isMailAddress(word) else { return }
        globals.values.mailSender = word.text
    }

    /// Web pages replace addresses by "[email protected]".
    private mutating func isMailAddress(_ word: Word) -> Bool {
        let bytes = word.text.bytes
        let hasBracket = bytes.contains(UInt8(ascii: "[")) || bytes.contains(UInt8(ascii: "]"))
        if !hasBracket || bytes.contains(UInt8(ascii: "@")) { return true }
        findings.error(
            "bad-mail-address", "\(word.text) is no mail address", word,
            hint: "a web page seems to have hidden the address")
        return false
    }

    private mutating func mailServer(_ statement: Statement) {
        guard let host = statement.values.first else { return }
        globals.values.mailServer = host.text
        guard let port = statement.values.dropFirst().first else { return }
        if let number = integer(port, in: 1...65535, of: statement) {
            globals.values.mailPort = UInt16(number)
        }
    }

    private mutating func mailEncryption(_ statement: Statement) {
        guard let word = statement.values.first else { return }
        if word.text == "starttls" {
            globals.values.mailEncryption = .starttls
        } else if word.text == "tls" {
            globals.values.mailEncryption = .tls
        } else if !(word.text == "none") {
            findings.error(
                "bad-value", "\(word.text) is no way to encrypt mail: none is used", word,
                hint: "none, starttls or tls")
        }
    }

    private mutating func mailTimeout(_ statement: Statement) {
        if let word = statement.values.first, Config.integer(word.text) == 0 {
            findings.error("bad-number", "smtp_connect_timeout must be at least 1: 1 is used", word)
            globals.values.mailTimeout = .seconds(1)
        } else if let value = wholeSeconds(statement, in: 1...4294) {
            globals.values.mailTimeout = value
        }
    }

    private mutating func scriptUser(_ statement: Statement) {
        globals.values.scriptUser = statement.values.first?.text
        globals.values.scriptGroup = statement.values.dropFirst().first?.text
    }

    mutating func version(_ statement: Statement) -> ProtocolVersion? {
        integer(statement, in: 2...3).map { $0 == 2 ? .v2 : .v3 }
    }

    private mutating func group(_ statement: Statement, _ family: Family) -> IPAddress? {
        guard let word = statement.values.first else { return nil }
        if let address = address(word), address.family == family, address.isMulticast {
            return address
        }
        findings.error("bad-address", "\(word.text) is no multicast address of its family", word)
        return nil
    }

    private mutating func fifo(_ statement: Statement) -> NotifyFIFO? {
        guard let path = statement.values.first else { return nil }
        var fifo = NotifyFIFO(path: path.text)
        fifo.user = statement.values.dropFirst().first?.text
        fifo.group = statement.values.dropFirst(2).first?.text
        return fifo
    }

    private mutating func dynamicInterfaces(_ statement: Statement) {
        globals.values.dynamicInterfaces = true
        guard let word = statement.values.first, !(word.text == "allow_if_changes") else { return }
        findings.error(
            "unknown-word", "\(word.text) is no option of dynamic_interfaces: it is on", word,
            hint: "allow_if_changes, or nothing")
    }

    /// global_defs after the whole text was read.
    mutating func completeGlobals() -> Globals {
        var values = globals.values
        for (fifo, script) in [
            (globals.fifo, globals.fifoScript), (globals.vrrpFIFO, globals.vrrpFIFOScript),
        ] {
            guard var fifo else { continue }
            fifo.script = script
            values.fifos.append(fifo)
        }
        return values
    }
}
