import Net

// The values of a balancer's statements: nothing is done with them, but a mistake is found here as
// well. Ranges are keepalived's.
extension Interpreter {
    mutating func checkValue(_ statement: Statement, of block: BalancerBlock) {
        guard let keyword = statement.keyword, let value = statement.values.first else { return }
        let name = keyword.text.description
        switch name {
        case "delay_loop", "connect_timeout":
            _ = interval(statement, in: .microseconds(1)...(.seconds(9_000_000)))
        case "delay_before_retry", "warmup":
            _ = interval(statement, in: .zero...(.seconds(9_000_000)))
        case "persistence_timeout": _ = integer(statement, in: 1...2_678_400)
        case "quorum": _ = integer(statement, in: 1...Int(UInt32.max))
        case "hysteresis", "uthreshold", "lthreshold", "fwmark":
            _ = integer(statement, in: 0...Int(UInt32.max))
        case "retry": _ = integer(statement, in: (isServer(block) ? 1 : 0)...Int(UInt32.max))
        case "weight":
            if block == .realServer { _ = integer(statement, in: 0...Int(UInt32.max)) }
        case "misc_timeout": _ = integer(statement, in: 0...4294)
        case "connect_port", "bind_port": _ = integer(statement, in: 1...65535)
        case "connect_ip", "bindto", "sorry_server": plainAddress(value)
        case "smtp_alert", "log_all_failures", "fast_recovery", "enable_sni":
            _ = boolean(statement)
        case "alpha", "inhibit_on_failure":
            if block != .virtualServer { _ = boolean(statement) }
        case "quorum_up", "quorum_down", "notify_up", "notify_down", "misc_path":
            if let command = command(statement) { balancerCommands.append(command) }
        default: break
        }
    }

    private func isServer(_ block: BalancerBlock) -> Bool {
        block == .virtualServer || block == .realServer
    }

    private mutating func plainAddress(_ word: Word) {
        guard address(word) == nil else { return }
        findings.error(
            "bad-address", "\(word.text) is no address: the line is ignored", word,
            hint: placeholderHint(word))
    }
}
