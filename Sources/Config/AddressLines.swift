import Net
import VRRP

// The lines of virtual_ipaddress and unicast_peer, and single addresses of an instance.

extension Interpreter {
    /// `ADDRESS[/LENGTH] option…`
    mutating func virtualAddress(
        _ line: Statement, _ draft: InstanceDraft, isExcluded: Bool
    ) {
        guard let word = line.keyword else { return }
        guard let address = address(line: line) else {
            draft.hasRefusedAddress = draft.hasRefusedAddress || !isExcluded
            return
        }
        if !isExcluded, !fitsFamily(address.prefix.address, draft, word) { return }
        if draft.addresses.contains(where: { isSame($0, address) })
            || draft.excludedAddresses.contains(where: { isSame($0, address) })
        {
            findings.error(
                "duplicate-address", "\(address.prefix) is there already: ignored", word)
        } else if isExcluded {
            draft.excludedAddresses.append(address)
        } else {
            draft.addresses.append(address)
        }
    }

    mutating func address(line: Statement) -> VirtualAddress? {
        guard let word = line.keyword else { return nil }
        if line.hasBlock {
            findings.error("unexpected-block", "an address has no block", word)
        }
        guard let prefix = prefix(word) else {
            findings.error(
                "bad-address", "\(word.text) is no address: the line is ignored", word,
                hint: placeholderHint(word)
                    ?? "an address looks like 192.0.2.10/24 or 2001:db8::10/64")
            return nil
        }
        return options(of: VirtualAddress(prefix: prefix), line)
    }

    func isSame(_ left: VirtualAddress, _ right: VirtualAddress) -> Bool {
        left.prefix == right.prefix && left.interface == right.interface
    }

    /// The first address decides the family of an instance.
    private mutating func fitsFamily(
        _ address: IPAddress, _ draft: InstanceDraft, _ word: Word
    ) -> Bool {
        if let family = draft.family, family != address.family {
            findings.error(
                "address-family", "\(word.text) is of another family than the instance: ignored",
                word, hint: "virtual_ipaddress_excluded takes both families")
            return false
        }
        draft.family = address.family
        return true
    }

    private mutating func prefix(_ word: Word) -> Prefix? {
        let bytes = word.text.bytes
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else {
            return address(word).map { Prefix(address: $0, length: $0.family.addressBits) }
        }
        guard let address = IPAddress(text: bytes[..<slash]) else { return nil }
        let bits = address.family.addressBits
        let text = bytes[(slash + 1)...]
        if let length = naturalNumber(text), length <= bits {
            return Prefix(address: address, length: length)
        }
        let digits = text.prefix { (0x30...0x39).contains($0) }
        if let length = naturalNumber(digits), length <= bits,
            text.dropFirst(digits.count).first ?? 0 > 127
        {
            findings.warning(
                "text-after-address", "the text after \(address)/\(length) is ignored", word,
                hint: "comments start with # or !")
            return Prefix(address: address, length: length)
        }
        findings.error(
            "bad-prefix-length", "\(ByteString(text)) is no prefix length: /\(bits) is used", word,
            hint: semicolonHint(word))
        return Prefix(address: address, length: bits)
    }

    /// Nil: the address is of no use.
    private mutating func options(of plain: VirtualAddress, _ line: Statement) -> VirtualAddress? {
        var address = plain
        var words = line.values
        var knowsInterface = false
        while let word = words.popFirst() {
            guard let option = AddressOption.named(word.text) else {
                words = words.dropFirst(skipIdleOption(word))
                continue
            }
            if option.shape.words.upperBound == 0 {
                mark(option, word, &address)
                continue
            }
            guard let value = words.popFirst() else {
                findings.error("missing-value", "\(word.text) needs a value", word)
                continue
            }
            if option == .dev {
                guard !knowsInterface, let name = interfaceName(value) else {
                    findings.error("bad-device", "dev is wrong here: the address is dropped", word)
                    return nil
                }
                knowsInterface = true
                address.interface = name
            } else {
                set(option, value, &address)
            }
        }
        return address
    }

    /// The number of words that belong to an option without effect.
    private mutating func skipIdleOption(_ word: Word) -> Int {
        guard let idle = AddressOption.idleKeyword(word.text) else {
            let near = nearest(word.text, among: AddressOption.allNames)
            findings.error(
                "unknown-word", "unknown option \(word.text) after an address: ignored", word,
                hint: near.map { "did you mean \($0)?" })
            return 0
        }
        findings.note("unsupported", "\(word.text) is not supported yet: it has no effect", word)
        return idle.shape.words.lowerBound
    }

    private mutating func set(
        _ option: AddressOption, _ value: Word, _ address: inout VirtualAddress
    ) {
        switch option {
        case .scope:
            if let scope = scope(value), isIPv4(address, value) { address.scope = scope }
        case .brd, .broadcast:
            if isIPv4(address, value) { broadcast(value, &address) }
        case .label:
            guard isIPv4(address, value) else { return }
            if value.text.count <= 15 {
                address.label = value.text
            } else {
                findings.error("bad-label", "a label has at most 15 bytes: ignored", value)
            }
        case .peer:
            if let peer = prefix(value), peer.address.family == address.prefix.address.family {
                address.peer = peer
            } else {
                findings.error("bad-address", "\(value.text) cannot be the peer: ignored", value)
            }
        case .preferred_lft: preferredLifetime(value, &address)
        case .track_group: address.group = value.text
        case .dev, .no_track, .use_vmac, .home, .mngtmpaddr, .noprefixroute, .autojoin, .nodad:
            return
        }
    }

    /// An option without a value.
    private mutating func mark(
        _ option: AddressOption, _ word: Word, _ address: inout VirtualAddress
    ) {
        switch option {
        case .no_track: address.isTracked = false
        case .use_vmac: address.usesVirtualMAC = true
        case .noprefixroute: address.flags.insert(.noPrefixRoute)
        case .autojoin: address.flags.insert(.autoJoin)
        case .home: if isIPv6(address, word) { address.flags.insert(.home) }
        case .mngtmpaddr: if isIPv6(address, word) { address.flags.insert(.managesTemporary) }
        case .nodad: if isIPv6(address, word) { address.detectsDuplicates = true }
        case .dev, .scope, .brd, .broadcast, .label, .peer, .preferred_lft, .track_group: return
        }
    }

    private mutating func preferredLifetime(_ word: Word, _ address: inout VirtualAddress) {
        guard isIPv6(address, word) else { return }
        if word.text == "forever" {
            address.preferredLifetime = .max
        } else if let seconds = unsigned(word.text) {
            address.preferredLifetime = seconds
        } else {
            findings.error(
                "bad-number", "preferred_lft \(word.text) is neither seconds nor forever: ignored",
                word)
        }
    }

    private mutating func isIPv6(_ address: VirtualAddress, _ word: Word) -> Bool {
        if address.prefix.address.family == .ipv6 { return true }
        findings.warning("ipv6-only", "\(word.text): this is for IPv6 only: ignored", word)
        return false
    }

    private mutating func isIPv4(_ address: VirtualAddress, _ word: Word) -> Bool {
        if address.prefix.address.family == .ipv4 { return true }
        findings.error("ipv4-only", "\(word.text): this option is for IPv4 only: ignored", word)
        return false
    }

    /// A name of rtnetlink's, or a number.
    private mutating func scope(_ word: Word) -> UInt8? {
        if let number = unsigned(word.text) ?? names.number(word.text, .scope), number <= 255 {
            return UInt8(truncatingIfNeeded: number)
        }
        findings.error("bad-scope", "unknown scope \(word.text): ignored", word)
        return nil
    }

    private mutating func broadcast(_ word: Word, _ address: inout VirtualAddress) {
        if word.text == "+" || word.text == "-" {
            if address.prefix.length <= 30 {
                address.broadcast = word.text == "+" ? .allOnes : .allZeros
            } else {
                findings.error("bad-broadcast", "a /\(address.prefix.length) has none", word)
            }
        } else if let given = IPv4Address(text: word.text.bytes[...]) {
            address.broadcast = .address(given)
        } else {
            findings.error("bad-address", "\(word.text) is no IPv4 address: ignored", word)
        }
    }

    mutating func peer(_ line: Statement, _ draft: InstanceDraft) {
        guard let word = line.keyword else { return }
        guard let address = address(withoutMask(word)) else {
            findings.error("bad-address", "\(word.text) is no address: ignored", word)
            return
        }
        guard fitsFamily(address, draft, word) else { return }
        if draft.peers.contains(address) {
            findings.error("duplicate-address", "\(address) is there already: ignored", word)
            return
        }
        draft.peers.append(address)
        if let range = hopLimits(line) {
            draft.peerHopLimits.append(PeerHopLimits(peer: address, range: range))
        }
    }

    /// min_ttl and max_ttl; nil where there is neither.
    private mutating func hopLimits(_ line: Statement) -> ClosedRange<Int>? {
        var low: Int? = nil
        var high: Int? = nil
        var words = line.values
        while let word = words.popFirst() {
            guard word.text == "min_ttl" || word.text == "max_ttl" else {
                findings.error(
                    "unknown-word", "unknown option \(word.text) after a peer: ignored", word,
                    hint: "min_ttl or max_ttl, and a number")
                continue
            }
            guard let value = words.popFirst() else {
                findings.error("missing-value", "\(word.text) needs a value", word)
                continue
            }
            let number = integer(value, in: 0...255, of: line)
            if word.text == "min_ttl" { low = number ?? low } else { high = number ?? high }
        }
        if low == nil && high == nil { return nil }
        let bounds = (low ?? 0, high ?? 255)
        if bounds.0 <= bounds.1 { return bounds.0...bounds.1 }
        findings.error("bad-value", "min_ttl is above max_ttl: both are ignored", line.keyword)
        return nil
    }

    /// keepalived cuts off a mask, or the end of a range, without a word.
    private mutating func withoutMask(_ word: Word) -> Word {
        let cut = { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "-") }
        guard let end = word.text.bytes.firstIndex(where: cut) else { return word }
        findings.note("mask-ignored", "the mask of \(word.text) is ignored", word)
        var plain = word
        plain.text = ByteString(word.text.bytes[..<end])
        return plain
    }

    /// unicast_src_ip and mcast_src_ip are one setting: the last wins.
    mutating func source(_ word: Word, _ draft: InstanceDraft) {
        guard let address = address(withoutMask(word)) else {
            findings.error(
                "bad-address", "\(word.text) is no address: the interface's own is used", word)
            return
        }
        if fitsFamily(address, draft, word) { draft.source = address }
    }

    mutating func multicastGroup(_ word: Word, _ draft: InstanceDraft) {
        guard let address = address(word), address.isMulticast else {
            findings.error("bad-address", "\(word.text) is no multicast address: ignored", word)
            return
        }
        if case .v6(let group) = address, !group.isLinkLocalMulticast {
            findings.error(
                "bad-address", "\(word.text) is not limited to the link: ignored", word,
                hint: "ff02::/16")
            return
        }
        if fitsFamily(address, draft, word) { draft.multicastGroup = address }
    }
}
