import Net

/// vrrp_rx_bufs_policy and vrrp_rx_bufs_multiplier: how much the kernel keeps for a socket that is
/// not read at once.
package struct ReceiveBuffers: Hashable, Sendable {
    package enum Policy: Hashable, Sendable {
        /// The interface's largest packet.
        case mtu
        /// The instance's own advertisement.
        case advertisement
        case bytes(Int)
    }

    /// Nil: as large as the number of instances needs.
    package var policy: Policy?
    /// Packets for each instance.
    package var multiplier = 3

    package init() {}
}

extension Interpreter {
    mutating func receiveBuffers(_ keyword: GlobalKeyword, _ statement: Statement) {
        guard let word = statement.values.first else { return }
        if keyword == .vrrp_rx_bufs_multiplier {
            let value = integer(statement, in: 1...1000)
            globals.values.receiveBuffers.multiplier =
                value ?? globals.values.receiveBuffers.multiplier
        } else if word.text == "MTU" {
            globals.values.receiveBuffers.policy = .mtu
        } else if word.text == "ADVERT" {
            globals.values.receiveBuffers.policy = .advertisement
        } else if Config.integer(word.text) == nil {
            findings.error(
                "bad-policy", "unknown vrrp_rx_bufs_policy \(word.text)", word,
                hint: "MTU, ADVERT or a number of bytes")
        } else if let value = integer(statement, in: 1...(1 << 24)) {
            globals.values.receiveBuffers.policy = .bytes(value)
        }
    }
}
