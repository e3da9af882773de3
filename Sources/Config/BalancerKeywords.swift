// The blocks of the half that this daemon does not have. Their words are held against these tables,
// so that a mistake in them is found here as well; none has an effect.

/// A keyword of a balancer's block, and what its own block may hold.
struct BalancerKeyword {
    var name: String
    var shape: Shape
    var inner: BalancerBlock?

    init(_ name: String, _ shape: Shape, _ inner: BalancerBlock? = nil) {
        self.name = name
        self.shape = shape
        self.inner = inner
    }
}

enum BalancerBlock: CaseIterable {
    case virtualServer
    case virtualServerGroup
    case realServer
    case httpCheck
    case url
    case tcpCheck
    case smtpCheck
    case smtpHost
    case dnsCheck
    case miscCheck
    case bfdCheck
    case pingCheck
    case udpCheck
    case fileCheck
    case ssl

    var name: String {
        switch self {
        case .virtualServer: "virtual_server"
        case .virtualServerGroup: "virtual_server_group"
        case .realServer: "real_server"
        case .httpCheck: "HTTP_GET"
        case .url: "url"
        case .tcpCheck: "TCP_CHECK"
        case .smtpCheck: "SMTP_CHECK"
        case .smtpHost: "host"
        case .dnsCheck: "DNS_CHECK"
        case .miscCheck: "MISC_CHECK"
        case .bfdCheck: "BFD_CHECK"
        case .pingCheck: "PING_CHECK"
        case .udpCheck: "UDP_CHECK"
        case .fileCheck: "FILE_CHECK"
        case .ssl: "SSL"
        }
    }

    /// Lines that start with no keyword: addresses.
    var holdsAddresses: Bool { self == .virtualServerGroup }

    var keywords: [BalancerKeyword] {
        switch self {
        case .virtualServer: Self.virtualServerKeywords
        case .virtualServerGroup: [BalancerKeyword("fwmark", .words(1...2))]
        case .realServer: Self.realServerKeywords
        case .httpCheck: Self.httpKeywords
        case .url: Self.urlKeywords
        case .tcpCheck: Self.checkKeywords
        case .smtpCheck:
            Self.checkKeywords + [
                BalancerKeyword("helo_name", .value), BalancerKeyword("host", .block, .smtpHost),
            ]
        case .smtpHost: Self.hostKeywords
        case .dnsCheck:
            Self.checkKeywords + [BalancerKeyword("type", .value), BalancerKeyword("name", .value)]
        case .miscCheck: Self.miscKeywords
        case .bfdCheck: [BalancerKeyword("name", .value)]
        case .pingCheck: Self.checkKeywords
        case .udpCheck:
            Self.checkKeywords + [
                BalancerKeyword("payload", .words(1...1024)),
                BalancerKeyword("require_reply", .words(0...1024)),
                BalancerKeyword("min_reply_length", .value),
                BalancerKeyword("max_reply_length", .value),
            ]
        case .fileCheck:
            [
                BalancerKeyword("track_file", .value), BalancerKeyword("dynamic", .flag),
                BalancerKeyword("weight", .words(1...2)),
            ]
        case .ssl:
            ["password", "ca", "certificate", "key"].map { BalancerKeyword($0, .value) }
        }
    }

    private static var virtualServerKeywords: [BalancerKeyword] {
        let values = [
            "lvs_sched", "lb_algo", "persistence_engine", "persistence_granularity", "protocol",
            "virtualhost", "snmp_name", "quorum", "hysteresis", "ip_family", "weight",
        ]
        let flags = [
            "flag-1", "flag-2", "flag-3", "sh-port", "sh-fallback", "mh-port", "mh-fallback", "ops",
            "hashed", "ha_suspend", "omega", "sorry_server_inhibit",
        ]
        return values.map { BalancerKeyword($0, .value) } + flags.map { BalancerKeyword($0, .flag) }
            + forwarding("lvs_method") + forwarding("lb_kind")
            + forwarding("sorry_server_lvs_method") + timing + [
                BalancerKeyword("persistence_timeout", .words(0...1)),
                BalancerKeyword("sorry_server", .words(1...2)),
                BalancerKeyword("quorum_up", .command), BalancerKeyword("quorum_down", .command),
                BalancerKeyword("smtp_alert", .boolean), BalancerKeyword("alpha", .boolean),
                BalancerKeyword("inhibit_on_failure", .boolean),
                BalancerKeyword("real_server", .words(1...2), .realServer),
            ]
    }

    private static var realServerKeywords: [BalancerKeyword] {
        let checkers: [(String, BalancerBlock)] = [
            ("HTTP_GET", .httpCheck), ("SSL_GET", .httpCheck), ("TCP_CHECK", .tcpCheck),
            ("SMTP_CHECK", .smtpCheck), ("DNS_CHECK", .dnsCheck), ("MISC_CHECK", .miscCheck),
            ("BFD_CHECK", .bfdCheck), ("PING_CHECK", .pingCheck), ("UDP_CHECK", .udpCheck),
            ("FILE_CHECK", .fileCheck),
        ]
        return checkers.map { BalancerKeyword($0.0, .block, $0.1) } + forwarding("lvs_method")
            + timing
            + ["weight", "uthreshold", "lthreshold", "virtualhost", "snmp_name", "name"].map {
                BalancerKeyword($0, .value)
            } + [
                BalancerKeyword("notify_up", .command), BalancerKeyword("notify_down", .command),
                BalancerKeyword("smtp_alert", .boolean), BalancerKeyword("alpha", .boolean),
                BalancerKeyword("inhibit_on_failure", .boolean),
                BalancerKeyword("track_file", .words(1...4)),
            ]
    }

    /// `TUN type gue port N csum`
    private static func forwarding(_ name: String) -> [BalancerKeyword] {
        [BalancerKeyword(name, .words(1...6))]
    }

    private static var timing: [BalancerKeyword] {
        ["connect_timeout", "retry", "delay_before_retry", "warmup", "delay_loop"].map {
            BalancerKeyword($0, .value)
        }
    }

    private static var hostKeywords: [BalancerKeyword] {
        ["connect_ip", "connect_port", "bindto", "bind_if", "bind_port", "fwmark"].map {
            BalancerKeyword($0, .value)
        } + timing
    }

    private static var checkKeywords: [BalancerKeyword] {
        hostKeywords + [
            BalancerKeyword("nb_get_retry", .value), BalancerKeyword("alpha", .boolean),
            BalancerKeyword("log_all_failures", .boolean),
        ]
    }

    private static var httpKeywords: [BalancerKeyword] {
        checkKeywords + [
            BalancerKeyword("http_protocol", .value), BalancerKeyword("virtualhost", .value),
            BalancerKeyword("fast_recovery", .boolean), BalancerKeyword("enable_sni", .boolean),
            BalancerKeyword("tls_compliant", .boolean),
            BalancerKeyword("url", .block, .url),
        ]
    }

    private static var urlKeywords: [BalancerKeyword] {
        ["path", "digest", "virtualhost", "regex", "regex_min_offset", "regex_max_offset"].map {
            BalancerKeyword($0, .value)
        } + [
            BalancerKeyword("status_code", .words(1...64)),
            BalancerKeyword("regex_no_match", .flag),
            BalancerKeyword("regex_options", .words(1...32)),
            BalancerKeyword("regex_stack", .words(2...2)),
            BalancerKeyword("tls_compliant", .boolean),
        ]
    }

    private static var miscKeywords: [BalancerKeyword] {
        timing + [
            BalancerKeyword("misc_path", .words(1...64)), BalancerKeyword("misc_timeout", .value),
            BalancerKeyword("misc_dynamic", .flag), BalancerKeyword("user", .words(1...2)),
            BalancerKeyword("alpha", .boolean), BalancerKeyword("log_all_failures", .boolean),
        ]
    }
}
