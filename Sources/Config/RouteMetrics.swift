import Net

// The metrics of a route.
extension Interpreter {
    func metric(
        _ option: RouteOption, _ words: inout OptionWords, _ draft: inout RouteDraft
    ) {
        guard let kind = metricKind(option) else { return }
        let isLocked = words.skip("lock")
        let value: UInt32? =
            switch option {
            case .features: features(&words)
            case .rtt: milliseconds(&words, &draft).map { $0 * 8 }
            case .rttvar: milliseconds(&words, &draft).map { $0 * 4 }
            case .rto_min: milliseconds(&words, &draft)
            case .hoplimit: words.number(upTo: 255)
            case .quickack, .fastopen_no_cookie: words.number(upTo: 1)
            default: words.number(upTo: .max)
            }
        guard let value else { return }
        draft.route.metrics.removeAll { $0.kind == kind }
        draft.route.metrics.append(Route.Metric(kind, value, isLocked: isLocked))
    }

    private func metricKind(_ option: RouteOption) -> Route.MetricKind? {
        switch option {
        case .mtu: .mtu
        case .window: .window
        case .rtt: .rtt
        case .rttvar: .rttvar
        case .ssthresh: .ssthresh
        case .cwnd: .cwnd
        case .advmss: .advmss
        case .reordering: .reordering
        case .hoplimit: .hoplimit
        case .initcwnd: .initcwnd
        case .features: .features
        case .rto_min: .rto_min
        case .initrwnd: .initrwnd
        case .quickack: .quickack
        case .fastopen_no_cookie: .fastopen_no_cookie
        default: nil
        }
    }

    private func features(_ words: inout OptionWords) -> UInt32? {
        guard let word = words.value() else { return nil }
        if word.text == "ecn" { return 1 }
        words.fail("bad-feature", "unknown feature \(word.text)", at: word, hint: "ecn")
        return nil
    }

    /// `N`, `Nms` or `Ns`; less than the kernel's smallest 200 ms becomes that.
    private func milliseconds(_ words: inout OptionWords, _ draft: inout RouteDraft) -> UInt32? {
        guard let word = words.value() else { return nil }
        let digits = word.text.bytes.prefix { (0x30...0x39).contains($0) }
        let unit = ByteString(word.text.bytes[digits.count...])
        guard let number = naturalNumber(digits), number <= 500_000_000,
            unit.isEmpty || unit == "ms" || unit == "s"
        else {
            words.fail("bad-number", "\(word.text) is no time", at: word, hint: "200ms or 1s")
            return nil
        }
        let value = unit == "s" ? min(number, 500_000) * 1_000 : number
        if value < 200 {
            draft.notes.append(("short-time", "\(word.text) is below 200 ms: 200 ms is used", word))
        }
        return UInt32(truncatingIfNeeded: max(value, 200))
    }
}
