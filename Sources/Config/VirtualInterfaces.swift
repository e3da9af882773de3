import Net
import VRRP

/// use_vmac or use_ipvlan as written.
struct VirtualInterfaceDraft: Hashable {
    var word: Word
    var isMACVLAN: Bool
    var name: Word?
    /// Nil: that of the RFC.
    var mac: MACAddress?
    /// Where it is written.
    var macWord: Word?
    var mode = VirtualInterface.IPVLANMode.bridge
    var address: Prefix?
    var group: UInt32?
}

// use_vmac [[name] INTERFACE] [MAC] [netlink_notify_msg] [group NUMBER]
// use_ipvlan [[name] INTERFACE] [ADDRESS] [bridge|private|vepa] [group NUMBER]
extension Interpreter {
    mutating func virtualInterface(
        _ keyword: InstanceKeyword, _ statement: Statement, _ draft: InstanceDraft
    ) {
        guard let word = statement.keyword else { return }
        if let earlier = draft.virtualInterface {
            findings.error(
                "virtual-interface", "\(earlier.word.text) was given before: ignored", word)
            return
        }
        var result = VirtualInterfaceDraft(word: word, isMACVLAN: keyword == .use_vmac)
        var words = statement.values
        while let option = words.popFirst() {
            if option.text == "name" || option.text == "group" {
                guard let value = words.popFirst() else {
                    findings.error("missing-value", "\(option.text) needs a value", option)
                    break
                }
                if option.text == "name" {
                    nameVirtualInterface(value, &result)
                } else {
                    result.group = interfaceGroup(value)
                }
            } else {
                virtualInterfaceOption(option, &result, draft)
            }
        }
        draft.virtualInterface = result
    }

    private mutating func virtualInterfaceOption(
        _ word: Word, _ result: inout VirtualInterfaceDraft, _ draft: InstanceDraft
    ) {
        if result.isMACVLAN {
            // keepalived tells other programs of a link with it; the kernel does so anyway.
            if word.text == "netlink_notify_msg" { return }
            if word.text.bytes.contains(UInt8(ascii: ":")) {
                result.mac = virtualMAC(word, draft)
                if result.mac != nil { result.macWord = word }
                return
            }
        } else if word.text == "bridge" || word.text == "private" || word.text == "vepa" {
            result.mode =
                word.text == "private" ? .isolated : word.text == "vepa" ? .vepa : .bridge
            return
        } else if let prefix = addressPrefix(word) {
            result.address = prefix
            return
        }
        nameVirtualInterface(word, &result)
    }

    private mutating func nameVirtualInterface(
        _ word: Word, _ result: inout VirtualInterfaceDraft
    ) {
        if result.name != nil {
            findings.error(
                "unknown-word", "unknown option \(word.text) after \(result.word.text): ignored",
                word)
        } else if interfaceName(word) != nil {
            result.name = word
        }
    }

    private func addressPrefix(_ word: Word) -> Prefix? {
        if let prefix = Prefix(text: word.text.bytes[...]) { return prefix }
        return IPAddress(text: word.text.bytes[...]).map {
            Prefix(address: $0, length: $0.family.addressBits)
        }
    }

    /// Six bytes, or five and the VRID.
    private mutating func virtualMAC(_ word: Word, _ draft: InstanceDraft) -> MACAddress? {
        let parts = word.text.bytes.split(
            separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 5 || parts.count == 6 else { return badMAC(word) }
        var value: UInt64 = 0
        for part in parts {
            guard (1...2).contains(part.count) else { return badMAC(word) }
            var byte: UInt64 = 0
            for character in part {
                guard let digit = hexadecimalDigit(character) else { return badMAC(word) }
                byte = byte << 4 | UInt64(digit)
            }
            value = value << 8 | byte
        }
        var count = parts.count
        if count == 5, let vrid = draft.vrid {
            value = value << 8 | UInt64(vrid.value)
            count = 6
        }
        guard count == 6, value >> 40 & 1 == 0, value != 0 else { return badMAC(word) }
        return MACAddress(value)
    }

    private mutating func badMAC(_ word: Word) -> MACAddress? {
        findings.error(
            "bad-mac", "\(word.text) cannot be a virtual MAC: that of the RFC is used", word,
            hint: "six bytes of a single station, or five after virtual_router_id")
        return nil
    }

    /// Names of /etc/iproute2/group are not looked up.
    private mutating func interfaceGroup(_ word: Word) -> UInt32? {
        if word.text == "default" { return 0 }
        if let number = Config.integer(word.text), (0...0xffff_ffff).contains(number) {
            return UInt32(number)
        }
        findings.error(
            "bad-group", "the interface group \(word.text) is no number: the parent's is used", word
        )
        return nil
    }
}

// After the whole text was read.
extension Interpreter {
    mutating func setVirtualInterfaces(_ draft: InstanceDraft, _ instance: inout Instance) {
        let vrid = draft.vrid?.value ?? 0
        let family = draft.family ?? .ipv4
        var addresses = instance.addresses.array
        var excluded = instance.excludedAddresses
        if let own = draft.virtualInterface {
            instance.virtualInterface = complete(
                own, vrid, family, instance.interface, isStrict: isStrict(draft))
            instance.sendsFromVirtualInterface = sendsFromVirtualInterface(draft)
            reportNoAddress(own, family, instance)
            place(&addresses, instance)
            place(&excluded, instance)
        } else if let word = draft.sendsFromParent {
            findings.warning("no-vmac", "vmac_xmit_base means nothing without use_vmac", word)
        }
        let separates = draft.separatesAddresses
        give(&addresses, separates, vrid, &instance)
        give(&excluded, separates, vrid, &instance)
        instance.addresses = Few(addresses)
        instance.excludedAddresses = excluded
    }

    private mutating func reportNoAddress(
        _ draft: VirtualInterfaceDraft, _ family: Family, _ instance: Instance
    ) {
        guard !draft.isMACVLAN, family == .ipv4, draft.address == nil, instance.source == nil
        else { return }
        findings.warning(
            "ipvlan-address", "the interface of use_ipvlan has no address to send from",
            draft.word, hint: "write one behind use_ipvlan: keepalived stays in fault without")
    }

    /// As keepalived: a VMAC carries the addresses of its own family that would be on its parent,
    /// also where `dev` names that; those of the other family stay there.
    private func place(_ addresses: inout [VirtualAddress], _ instance: Instance) {
        guard case .macvlan = instance.virtualInterface?.kind,
            let own = instance.addresses.first?.prefix.address.family
        else { return }
        for index in addresses.indices where !addresses[index].usesVirtualMAC {
            let isAlien = addresses[index].prefix.address.family != own
            let interface = addresses[index].interface
            if isAlien {
                addresses[index].interface = interface ?? instance.interface
            } else if interface == instance.interface {
                addresses[index].interface = nil
            }
        }
    }

    private mutating func sendsFromVirtualInterface(_ draft: InstanceDraft) -> Bool {
        if let word = draft.unicastKeyword, draft.virtualInterface?.isMACVLAN == true,
            draft.sendsFromParent == nil
        {
            findings.warning(
                "unicast-vmac",
                "\(draft.name.text): unicast advertisements leave by the interface itself", word,
                hint: "write vmac_xmit_base beside use_vmac: keepalived asks for it")
            return false
        }
        if !draft.peers.isEmpty { return false }
        guard let word = draft.sendsFromParent else { return true }
        if draft.isStrict ?? globals.isStrict {
            findings.error("strict", "vmac_xmit_base is not allowed in strict mode: ignored", word)
            return true
        }
        return false
    }

    private mutating func complete(
        _ draft: VirtualInterfaceDraft, _ vrid: UInt8, _ family: Family, _ parent: ByteString,
        isStrict: Bool
    ) -> VirtualInterface? {
        guard let name = name(draft.name, globals.virtualInterfacePrefix, vrid, family) else {
            return nil
        }
        let given = isStrict ? nil : draft.mac
        let kind: VirtualInterface.Kind =
            draft.isMACVLAN
            ? .macvlan(given ?? .virtualRouter(vrid, family)) : .ipvlan(draft.mode)
        var result = VirtualInterface(name: name, parent: parent, kind: kind)
        result.group = draft.group
        result.address = draft.address
        return result
    }

    /// The one given, or the first free of PREFIX.VRID, PREFIX6.VRID (IPv6), PREFIX1.VRID ...
    private mutating func name(
        _ given: Word?, _ prefix: ByteString, _ vrid: UInt8, _ family: Family
    ) -> ByteString? {
        if let given {
            if virtualInterfaceNames.insert(given.text).inserted { return given.text }
            findings.error(
                "duplicate-interface", "two virtual interfaces cannot be called \(given.text)",
                given, hint: "without a name each gets one of its own")
        }
        let infixes = [""] + (family == .ipv6 ? ["6"] : []) + (1...255).map { "\($0)" }
        for infix in infixes {
            let name = prefix + ByteString("\(infix).\(vrid)")
            if name.count <= 15, virtualInterfaceNames.insert(name).inserted { return name }
        }
        return nil
    }

    /// Interfaces for addresses that shall have one apart from the instance's: by their own
    /// use_vmac, or under use_vmac_addr where their interface or family is another.
    private mutating func give(
        _ addresses: inout [VirtualAddress], _ separates: Bool, _ vrid: UInt8,
        _ instance: inout Instance
    ) {
        for index in addresses.indices {
            let family = addresses[index].prefix.address.family
            let parent = addresses[index].interface ?? instance.interface
            guard
                addresses[index].usesVirtualMAC
                    || separates && isElsewhere(addresses[index], instance)
            else { continue }
            let kind = VirtualInterface.Kind.macvlan(.virtualRouter(vrid, family))
            // One for all addresses of a family on a parent.
            if let same = instance.allVirtualInterfaces.first(where: {
                $0.parent == parent && $0.kind == kind
            }) {
                addresses[index].interface = same.name
                continue
            }
            let prefix = globals.addressInterfacePrefix ?? globals.virtualInterfacePrefix
            guard let name = name(nil, prefix, vrid, family) else { continue }
            instance.addressInterfaces.append(
                VirtualInterface(name: name, parent: parent, kind: kind))
            addresses[index].interface = name
        }
    }

    private func isElsewhere(_ address: VirtualAddress, _ instance: Instance) -> Bool {
        if let interface = address.interface, interface != instance.interface { return true }
        guard let first = instance.addresses.first else { return false }
        return address.prefix.address.family != first.prefix.address.family
    }
}
