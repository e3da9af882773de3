import Net

// `encap`: lightweight tunnels.
extension Interpreter {
    func encapsulation(_ words: inout OptionWords) -> Route.Encapsulation? {
        guard let word = words.value() else { return nil }
        if word.text == "mpls" { return mpls(&words) }
        if word.text == "ip" { return tunnel(.ipv4, &words).map { .ip($0) } }
        if word.text == "ip6" { return tunnel(.ipv6, &words).map { .ip($0) } }
        if word.text == "ila" { return locator(&words).map { .ila($0) } }
        words.fail(
            "bad-encapsulation", "unknown encap \(word.text)", at: word,
            hint: "mpls, ip, ip6 or ila")
        return nil
    }

    private func mpls(_ words: inout OptionWords) -> Route.Encapsulation? {
        guard let word = words.value() else { return nil }
        var labels: [UInt32] = []
        for part in word.text.bytes.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        {
            guard let label = unsigned(ByteString(part)), label < 1 << 20 else {
                words.fail("bad-label", "\(word.text) is no stack of MPLS labels", at: word)
                return nil
            }
            labels.append(label)
        }
        let ttl = words.skip("ttl") ? words.octet() : nil
        return .mpls(labels: labels, ttl: ttl)
    }

    private func tunnel(_ family: Family, _ words: inout OptionWords) -> Route.Tunnel? {
        var tunnel = Route.Tunnel(family: family)
        while words.mistake == nil {
            if words.skip("id") {
                guard let word = words.value() else { return nil }
                tunnel.identifier = unsigned64(word.text)
                if tunnel.identifier == nil { words.fail("bad-number", "bad tunnel id", at: word) }
            } else if words.skip("src") {
                tunnel.source = words.address()
            } else if words.skip("dst") {
                tunnel.destination = words.address()
            } else if words.skip("tos") || words.skip("tc") {
                tunnel.trafficClass = words.octet()
            } else if words.skip("ttl") || words.skip("hoplimit") {
                tunnel.timeToLive = words.octet()
            } else if words.skip("flags") {
                tunnel.flags = words.number(upTo: 0xffff).map { UInt16(truncatingIfNeeded: $0) }
            } else {
                break
            }
        }
        for address in [tunnel.source, tunnel.destination] {
            if let address, address.family != family {
                words.fail("address-family", "\(address) is of another family than the tunnel")
            }
        }
        return tunnel
    }

    /// Four groups of 16 bits, as the upper half of an IPv6 address.
    private func locator(_ words: inout OptionWords) -> UInt64? {
        guard let word = words.value() else { return nil }
        if case .v6(let address)? = IPAddress(text: (word.text.bytes + [0x3a, 0x3a])[...]) {
            return address.high
        }
        words.fail("bad-locator", "\(word.text) is no ILA locator", at: word)
        return nil
    }
}
