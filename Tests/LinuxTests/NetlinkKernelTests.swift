import Glibc
import Linux
import Net
import Testing

@Suite(.enabled(if: mayUnshare), .serialized)
struct NetlinkKernelTests {
    @Test func loopbackOfAFreshNamespace() throws {
        try inNamespace {
            let requests = try openRequests()
            let links = try requests.links()
            let lo = try #require(links.first)
            #expect(lo.index == 1)
            #expect(lo.name == "lo")
            #expect(lo.isLoopback)
            #expect(!lo.isUp)
            #expect(lo.mtu == 65_536)
            #expect(lo.kind == nil)
            #expect(try requests.addresses() == [])

            try requests.setLink(1, up: true)
            #expect(try requests.link("lo").isUp)
            let addresses = try requests.addresses()
            #expect(addresses.map(\.prefix) == [prefix("127.0.0.1", 8), prefix("::1", 128)])
            #expect(addresses.map(\.scope) == [254, 254])
            try requests.setLink(1, up: false)
            #expect(try !requests.link("lo").isUp)
        }
    }

    @Test func attributesArriveAsAsked() throws {
        try inNamespace {
            ip("link add v0 type veth peer name v1")
            let requests = try openRequests()
            let v0 = try requests.link("v0")
            var four = AddressSpec(interfaceIndex: v0.index, prefix: prefix("10.9.0.50", 26))
            four.label = "v0:7"
            four.scope = 253
            four.broadcast = IPv4Address(10, 9, 0, 63)
            var peered = AddressSpec(interfaceIndex: v0.index, prefix: prefix("10.9.1.1", 32))
            peered.peer = IPAddress("10.9.1.2")
            let six = AddressSpec(interfaceIndex: v0.index, prefix: prefix("fd00::50", 64))
            let host = AddressSpec(interfaceIndex: v0.index, prefix: prefix("fd00::51", 128))
            var errors: [Int32] = []
            requests.apply([.add(four), .add(peered), .add(six), .add(host)], errors: &errors)
            #expect(errors == [0, 0, 0, 0])

            let all = try requests.addresses()
            let first = try #require(all.first { $0.prefix == four.prefix })
            #expect(first.interfaceIndex == v0.index)
            #expect(first.scope == 253)
            #expect(first.proto == 18)
            #expect(first.peer == nil)
            #expect(first.flags == .permanent)
            #expect(all.first { $0.prefix == peered.prefix }?.peer == IPAddress("10.9.1.2"))
            let sixth = try #require(all.first { $0.prefix == six.prefix })
            #expect(sixth.flags.contains(.noDAD))
            #expect(!sixth.flags.contains(.tentative))
            #expect(!sixth.flags.contains(.deprecated))
            let last = try #require(all.first { $0.prefix == host.prefix })
            #expect(last.flags.contains(.deprecated))

            requests.apply(
                [.remove(four), .remove(peered), .remove(six), .remove(host)], errors: &errors)
            #expect(errors == [0, 0, 0, 0])
            #expect(try requests.addresses() == [])
        }
    }

    @Test func twoHundredAddressesInBatchesOf64() throws {
        try inNamespace {
            let requests = try openRequests()
            let notices = try NetlinkNotices()
            let specs = (1...200).map { number in
                AddressSpec(interfaceIndex: 1, prefix: prefix("10.9.0.\(number)", 32))
            }
            var errors: [Int32] = []
            requests.apply(specs.map { .add($0) }, errors: &errors)
            #expect(errors == [Int32](repeating: 0, count: 64))
            for start in [64, 128, 192] {
                requests.apply(
                    specs[start...].map { .add($0) }, errors: &errors)
            }
            #expect(errors.count == 8)
            #expect(try requests.addresses().count == 200)
            let (added, end) = notices.all()
            #expect(end == .drained)
            #expect(added.count == 200)
            guard case .address(let last) = added.last else { throw NamespaceRefused() }
            #expect(last.prefix == prefix("10.9.0.200", 32))

            for start in [0, 64, 128, 192] {
                requests.apply(specs[start...].map { .remove($0) }, errors: &errors)
            }
            #expect(try requests.addresses() == [])
            #expect(notices.all().0.count == 200)
            #expect(requests.longestWait > .zero)
            #expect(requests.longestWait < .seconds(2))
        }
    }

    @Test func ownAdditionsAreNotTold() throws {
        try inNamespace {
            let requests = try openRequests()
            let stranger = try openRequests()
            let notices = try NetlinkNotices()
            try notices.ignoreAdditions(by: requests)
            func spec(_ text: String, _ length: Int) -> AddressSpec {
                AddressSpec(interfaceIndex: 1, prefix: prefix(text, length))
            }
            var errors: [Int32] = []
            let ours = spec("10.9.0.1", 24)
            // The stranger's is a secondary one of ours.
            stranger.apply([.add(spec("10.8.0.1", 32))], errors: &errors)
            requests.apply([.add(ours)], errors: &errors)
            stranger.apply([.add(spec("10.9.0.2", 24))], errors: &errors)
            ip("addr add 10.7.0.1/32 dev lo")
            let (added, _) = notices.all()
            #expect(
                added.addresses == [
                    prefix("10.8.0.1", 32), prefix("10.9.0.2", 24), prefix("10.7.0.1", 32),
                ])

            // Of removals everything is told, and what the kernel does to others for them.
            requests.apply([.remove(ours)], errors: &errors)
            #expect(errors == [0])
            #expect(notices.all().0.removedAddresses.contains(ours.prefix))
        }
    }

    /// EEXIST 17, EINVAL 22, ENODEV 19, EADDRNOTAVAIL 99.
    @Test func eachMessageHasItsOwnErrno() throws {
        try inNamespace {
            let requests = try openRequests()
            func spec(_ text: String, on index: Int32 = 1) -> AddressSpec {
                AddressSpec(interfaceIndex: index, prefix: prefix(text, 32))
            }
            var errors: [Int32] = []
            requests.apply(
                [
                    .add(spec("10.9.0.1")),
                    .add(spec("10.9.0.1")),
                    .add(spec("10.9.0.2", on: 77)),
                    .remove(spec("10.9.0.3")),
                    .renew(spec("10.9.0.1")),
                    .remove(spec("10.9.0.1")),
                    .remove(spec("10.9.0.4", on: 77)),
                ], errors: &errors)
            #expect(errors == [0, 17, 19, 99, 0, 0, 19])
            requests.apply([], errors: &errors)
            #expect(errors == [])
        }
    }

    @Test func lifetimeEndsAnAddressAndRenewingProlongsIt() throws {
        try inNamespace {
            let requests = try openRequests()
            var spec = AddressSpec(interfaceIndex: 1, prefix: prefix("10.9.0.1", 32))
            spec.lifetime = .init(preferred: 30, valid: 30)
            var errors: [Int32] = []
            requests.apply([.add(spec), .renew(spec)], errors: &errors)
            #expect(errors == [0, 0])
            let address = try #require(try requests.addresses().first)
            #expect(!address.flags.contains(.permanent))
        }
    }

    @Test func linksComeAreRenamedAndGo() throws {
        try inNamespace {
            let requests = try openRequests()
            let notices = try NetlinkNotices()
            ip("link add v0 type veth peer name v1")
            let v0 = try requests.link("v0")
            #expect(v0.kind == "veth")
            #expect(v0.mac != nil)
            #expect(v0.parent == (try requests.link("v1").index))
            ip("link set v0 name eth7")
            ip("link del eth7")
            var story: [String] = []
            for notice in notices.all().0 {
                switch notice {
                case .link(let link) where link.index == v0.index:
                    if story.last != "\(link.name)" { story.append("\(link.name)") }
                case .linkRemoved(let link) where link.index == v0.index:
                    story.append("\(link.name) gone")
                default: break
                }
            }
            #expect(story == ["v0", "eth7", "eth7 gone"])
        }
    }

    /// A port that leaves its bridge is told of by an RTM_DELLINK of family AF_BRIDGE.
    @Test func leavingABridgeIsNoRemoval() throws {
        try inNamespace {
            ip("link add v0 type veth peer name v1")
            ip("link add br0 type bridge")
            let requests = try openRequests()
            let notices = try NetlinkNotices()
            ip("link set v0 master br0")
            #expect(try requests.link("v0").master == requests.link("br0").index)
            ip("link set v0 nomaster")
            #expect(try requests.link("v0").master == nil)
            for notice in notices.all().0 {
                if case .linkRemoved(let link) = notice { Issue.record("\(link.name) removed") }
            }
        }
    }

    @Test func carrierAndUpAreTwoThings() throws {
        try inNamespace {
            ip("link add v0 type veth peer name v1")
            let requests = try openRequests()
            let v0 = try requests.link("v0").index
            try requests.setLink(v0, up: true)
            try eventually { try requests.link("v0").isUp && !requests.link("v0").isRunning }
            try requests.setLink(requests.link("v1").index, up: true)
            try eventually { try requests.link("v0").isRunning }
        }
    }

    @Test func macvlanWithTheVirtualRoutersMAC() throws {
        try inNamespace {
            ip("link add v0 type veth peer name v1")
            let requests = try openRequests()
            let parent = try requests.link("v0").index
            let mac = MACAddress.virtualRouter(51, .ipv4)
            try requests.add(
                VirtualLink(
                    name: "vrrp.51", mode: .privateMACVLAN, mac: mac, group: nil), on: parent)
            let link = try requests.link("vrrp.51")
            #expect(link.mac?.description == "00:00:5e:00:01:33")
            #expect(link.kind == "macvlan")
            #expect(link.parent == parent)
            ip("-d link show vrrp.51 | grep -q 'macvlan mode private'")

            try requests.setLinkLocalGeneration(link.index, enabled: false)
            try requests.setLink(parent, up: true)
            try requests.setLink(requests.link("v1").index, up: true)
            try requests.setLink(link.index, up: true)
            #expect(
                try requests.addresses().filter { $0.interfaceIndex == link.index } == [])

            #expect(throws: SystemError.self) {
                try requests.add(
                    VirtualLink(
                        name: "vrrp.51", mode: .privateMACVLAN, mac: mac, group: nil), on: parent)
            }
            try requests.deleteLink(link.index)
            #expect(try requests.links().count == 3)
            #expect(throws: SystemError.self) { try requests.deleteLink(link.index) }
        }
    }

    /// A group that is nobody's takes several links with it, and nothing else.
    @Test func severalLinksGoAtOnce() throws {
        try inNamespace {
            ip("link add v0 type veth peer name v1")
            let requests = try openRequests()
            let parent = try requests.link("v0").index
            var indices: [Int32] = []
            for vrid in UInt8(1)...3 {
                let name = ByteString("vrrp.\(vrid)")
                let mac = MACAddress.virtualRouter(vrid, .ipv4)
                try requests.add(
                    VirtualLink(name: name, mode: .privateMACVLAN, mac: mac, group: nil),
                    on: parent)
                if vrid != 2 { indices.append(try requests.link(name.description).index) }
            }
            try requests.deleteLinks(indices, by: 77)
            let left = try requests.links().map { $0.name.description }
            #expect(left.sorted() == ["lo", "v0", "v1", "vrrp.2"])
            #expect(throws: SystemError.self) { try requests.deleteLinks(indices, by: 77) }
        }
    }

    @Test func lostNoticesAreTold() throws {
        try inNamespace {
            let requests = try openRequests()
            let notices = try NetlinkNotices(receiveBuffer: 4_096)
            let specs = (1...60).map { number in
                KernelChange.add(
                    AddressSpec(interfaceIndex: 1, prefix: prefix("10.9.0.\(number)", 32)))
            }
            var errors: [Int32] = []
            requests.apply(specs, errors: &errors)
            let (seen, end) = notices.all()
            #expect(end == .overflowed)
            #expect(seen.count > 0)
            #expect(seen.count < 60)
            #expect(try requests.addresses().count == 60)
            // Works on after it.
            requests.apply(
                [.remove(AddressSpec(interfaceIndex: 1, prefix: prefix("10.9.0.1", 32)))],
                errors: &errors)
            let (later, laterEnd) = notices.all()
            #expect(laterEnd == .drained)
            #expect(later.count == 1)
        }
    }

    @Test func theBudgetLeavesTheRestForLater() throws {
        try inNamespace {
            let requests = try openRequests()
            let notices = try NetlinkNotices()
            let specs = (1...10).map { number in
                KernelChange.add(
                    AddressSpec(interfaceIndex: 1, prefix: prefix("10.9.0.\(number)", 32)))
            }
            var errors: [Int32] = []
            requests.apply(specs, errors: &errors)
            var count = 0
            #expect(notices.receive(budget: 4) { _ in count += 1 } == .pending)
            #expect(count == 4)
            #expect(notices.receive { _ in count += 1 } == .drained)
            #expect(count == 10)
        }
    }

    /// Any process can send to our port; the kernel alone is believed.
    @Test func otherSendersAreNotHeard() throws {
        try inNamespace {
            let requests = try openRequests()
            let notices = try NetlinkNotices()
            try sendForgedNotice(to: notices.descriptor)
            #expect(notices.all().0 == [])
            var errors: [Int32] = []
            requests.apply(
                [.add(AddressSpec(interfaceIndex: 1, prefix: prefix("10.9.0.1", 32)))],
                errors: &errors)
            #expect(notices.all().0.count == 1)
        }
    }
}

/// Sends an RTM_NEWADDR for 10.9.0.9/32 on interface 1 from another socket.
private func sendForgedNotice(to descriptor: Int32) throws {
    // struct sockaddr_nl: family, padding, port, groups.
    var name = [UInt8](repeating: 0, count: 12)
    var size = socklen_t(12)
    let found = name.withUnsafeMutableBytes {
        getsockname(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, &size)
    }
    #expect(found == 0)
    name.replaceSubrange(8..<12, with: [0, 0, 0, 0])
    let forged: [UInt8] = [
        32, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // length, RTM_NEWADDR
        2, 32, 0, 0, 1, 0, 0, 0,  // AF_INET, /32, interface 1
        8, 0, 2, 0, 10, 9, 0, 9,  // IFA_LOCAL
    ]
    let sender = socket(16, Int32(SOCK_RAW.rawValue), 0)
    defer { close(sender) }
    let sent = name.withUnsafeBytes {
        sendto(
            sender, forged, forged.count, 0,
            $0.assumingMemoryBound(to: sockaddr.self).baseAddress, 12)
    }
    #expect(sent == 32)
}

extension [Notice] {
    fileprivate var addresses: [Prefix] {
        compactMap { if case .address(let address) = $0 { address.prefix } else { nil } }
    }

    fileprivate var removedAddresses: [Prefix] {
        compactMap { if case .addressRemoved(let address) = $0 { address.prefix } else { nil } }
    }
}
