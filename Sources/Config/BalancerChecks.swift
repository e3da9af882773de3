import Net

/// A virtual_server as far as its lines have to fit together.
private struct BalancerServer {
    enum Forwarding {
        case translation, direct, tunnel
    }

    struct Real {
        var word: Word
        var address: IPAddress?
        var port: ByteString?
        var weight = 1
        var forwarding: Forwarding?
    }

    var title: ByteString = ""
    var isByMark = false
    var isGroup = false
    var address: IPAddress?
    var port: ByteString?
    var hasProtocol = false
    var hasScheduler = false
    var isPersistent = false
    var forwarding: Forwarding?
    var quorum: (value: Int, word: Word)?
    var hysteresis: (value: Int, word: Word)?
    var sorry: (port: ByteString?, word: Word)?
    var reals: [Real] = []

    /// Port 0 is none.
    static func port(_ word: Word?) -> ByteString? {
        guard let word, word.text != "0" else { return nil }
        return word.text
    }
}

// What keepalived finds wrong in a virtual_server, so that moving to and fro brings no surprise.
extension Interpreter {
    mutating func checkVirtualServer(_ statement: Statement) {
        guard let keyword = statement.keyword else { return }
        var server = BalancerServer()
        server.title = ByteString(
            statement.values.map { $0.text.description }.joined(separator: " "))
        let values = statement.values
        server.isByMark = values.first?.text == "fwmark"
        server.isGroup = values.first?.text == "group"
        if !server.isByMark && !server.isGroup {
            server.address = values.first.flatMap { IPAddress(text: $0.text.bytes[...]) }
            server.port = BalancerServer.port(values.dropFirst().first)
        }
        for line in statement.body { read(line, &server) }
        checkSettings(server, keyword)
        checkPorts(server, keyword)
        checkReals(server, keyword)
    }

    private mutating func read(_ line: Statement, _ server: inout BalancerServer) {
        guard let word = line.keyword, let value = line.values.first else { return }
        switch word.text.description {
        case "protocol": server.hasProtocol = isProtocol(value) || server.hasProtocol
        case "lvs_sched", "lb_algo": server.hasScheduler = isScheduler(value) || server.hasScheduler
        case "lvs_method", "lb_kind": server.forwarding = forwarding(value) ?? server.forwarding
        case "persistence_timeout": server.isPersistent = true
        case "quorum": server.quorum = Config.integer(value.text).map { ($0, value) }
        case "hysteresis": server.hysteresis = Config.integer(value.text).map { ($0, value) }
        case "sorry_server":
            server.sorry = (BalancerServer.port(line.values.dropFirst().first), value)
        case "real_server": addReal(line, value, &server)
        default: break
        }
    }

    private mutating func addReal(
        _ line: Statement, _ value: Word, _ server: inout BalancerServer
    ) {
        var real = BalancerServer.Real(word: value)
        real.address = IPAddress(text: value.text.bytes[...])
        real.port = BalancerServer.port(line.values.dropFirst().first)
        for inner in line.body {
            guard let word = inner.keyword, let value = inner.values.first else { continue }
            if word.text == "weight" { real.weight = Config.integer(value.text) ?? real.weight }
            if word.text == "lvs_method" { real.forwarding = forwarding(value) }
        }
        if let own = server.address?.family, let address = real.address, address.family != own,
            server.forwarding != .tunnel
        {
            findings.error(
                "family", "\(value.text) is of another family than the virtual server", value,
                hint: "only lvs_method TUN joins families")
            return
        }
        if server.reals.contains(where: { $0.address == real.address && $0.port == real.port }) {
            findings.error("duplicate-server", "\(value.text) is a real server already", value)
            return
        }
        server.reals.append(real)
    }

    private mutating func isProtocol(_ word: Word) -> Bool {
        if word.text == "TCP" || word.text == "UDP" || word.text == "SCTP" { return true }
        findings.error(
            "bad-value", "unknown protocol \(word.text)", word, hint: "TCP, UDP or SCTP")
        return false
    }

    private mutating func isScheduler(_ word: Word) -> Bool {
        let known = [
            "rr", "wrr", "lc", "wlc", "lblc", "sh", "mh", "dh", "fo", "ovf", "lblcr", "sed", "nq",
            "twos",
        ]
        if known.contains(where: { word.text == $0 }) { return true }
        findings.error(
            "bad-value", "unknown scheduler \(word.text)", word,
            hint: known.joined(separator: ", "))
        return false
    }

    private mutating func forwarding(_ word: Word) -> BalancerServer.Forwarding? {
        switch word.text.description {
        case "NAT": return .translation
        case "DR": return .direct
        case "TUN": return .tunnel
        default:
            findings.error(
                "bad-value", "unknown forwarding method \(word.text)", word,
                hint: "NAT, DR or TUN")
            return nil
        }
    }

    private mutating func checkSettings(_ server: BalancerServer, _ keyword: Word) {
        if server.reals.isEmpty {
            findings.error(
                "no-real-server", "virtual_server \(server.title) has no real_server", keyword)
            return
        }
        if !server.hasProtocol && !server.isByMark {
            missing("no-protocol", "protocol", "UDP", server, keyword)
        }
        if !server.hasScheduler {
            missing("no-scheduler", "lvs_sched", "wlc", server, keyword)
        }
        let isSaid = server.forwarding != nil || server.reals.allSatisfy { $0.forwarding != nil }
        if !isSaid { missing("no-method", "lvs_method", "NAT", server, keyword) }
    }

    private mutating func missing(
        _ code: String, _ what: String, _ usual: String, _ server: BalancerServer,
        _ keyword: Word
    ) {
        findings.error(
            code,
            "virtual_server \(server.title) has no \(what): keepalived takes \(usual)",
            keyword, hint: "write \(what) into the block")
    }

    private mutating func checkPorts(_ server: BalancerServer, _ keyword: Word) {
        if server.isGroup { return }
        if !server.isByMark && server.port == nil && !server.isPersistent {
            findings.error(
                "no-port", "virtual_server \(server.title) has no port", keyword,
                hint: "only with persistence_timeout none is needed")
        }
        for real in server.reals {
            if server.isByMark {
                guard real.port != nil else { continue }
                findings.error(
                    "port", "\(real.word.text) needs no port: the mark tells the service", real.word
                )
            } else {
                let forwarding = real.forwarding ?? server.forwarding ?? .translation
                checkPort(real.port, real.word, forwarding, server)
            }
        }
        guard let sorry = server.sorry, !server.isByMark else { return }
        checkPort(sorry.port, sorry.word, server.forwarding ?? .translation, server)
    }

    private mutating func checkPort(
        _ port: ByteString?, _ word: Word, _ forwarding: BalancerServer.Forwarding,
        _ server: BalancerServer
    ) {
        guard forwarding != .translation, port != server.port else { return }
        findings.error(
            "port", "\(word.text) has another port than the virtual server: only NAT changes it",
            word)
    }

    private mutating func checkReals(_ server: BalancerServer, _ keyword: Word) {
        guard !server.reals.isEmpty else { return }
        var total = 0
        for real in server.reals { total += max(0, min(real.weight, 1_000_000)) }
        let quorum = server.quorum?.value ?? 1
        if quorum > total {
            findings.error(
                "quorum", "the real servers weigh \(total) together: quorum \(quorum) is never met",
                server.quorum?.word ?? keyword)
        }
        if let given = server.hysteresis, given.value >= quorum {
            findings.error(
                "hysteresis", "hysteresis \(given.value) is not below the quorum \(quorum)",
                given.word)
        }
    }

    /// What an SSL block says twice, or a second one says.
    mutating func checkSSL(_ statement: Statement) {
        if sawSSL, let keyword = statement.keyword {
            findings.error("repeated", "SSL was given before", keyword)
        }
        sawSSL = true
        var seen: Set<ByteString> = []
        for line in statement.body {
            guard let word = line.keyword, !seen.insert(word.text).inserted else { continue }
            findings.error("repeated", "\(word.text) was given before", word)
        }
    }
}
