import Linux
import Net
import Testing

struct NetlinkDecodingTests {
    static let address: [UInt8] = [
        60, 0, 0, 0, 20, 0, 2, 0, 7, 0, 0, 0, 0, 0, 0, 0,  // RTM_NEWADDR, multi, sequence 7
        2, 24, 0x80, 253, 3, 0, 0, 0,  // AF_INET, /24, permanent, link scope, interface 3
        8, 0, 1, 0, 192, 0, 2, 9,  // IFA_ADDRESS
        8, 0, 2, 0, 192, 0, 2, 1,  // IFA_LOCAL
        7, 0, 3, 0, 0x65, 0x30, 0, 0,  // IFA_LABEL "e0", one byte of padding
        8, 0, 8, 0, 0x80, 0x02, 0, 0,  // IFA_FLAGS permanent, noprefixroute
        4, 0, 11, 0,  // IFA_PROTO without its byte
    ]

    static let link: [UInt8] = [
        92, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // RTM_NEWLINK
        0, 0, 1, 0, 5, 0, 0, 0, 0xc1, 0, 0, 0, 0, 0, 0, 0,  // interface 5, up, running, noarp
        12, 0, 3, 0, 0x76, 0x72, 0x72, 0x70, 0x2e, 0x35, 0x31, 0,  // IFLA_IFNAME "vrrp.51"
        10, 0, 1, 0, 0, 0, 0x5e, 0, 1, 0x33, 0, 0,  // IFLA_ADDRESS, padding
        8, 0, 4, 0, 0xdc, 5, 0, 0,  // IFLA_MTU 1500
        8, 0, 5, 0, 2, 0, 0, 0,  // IFLA_LINK 2
        20, 0, 18, 0x80,  // IFLA_LINKINFO, nested
        11, 0, 1, 0, 0x6d, 0x61, 0x63, 0x76, 0x6c, 0x61, 0x6e, 0,  // IFLA_INFO_KIND "macvlan"
        4, 0, 2, 0,  // IFLA_INFO_DATA
    ]

    static let vrf: [UInt8] = [
        68, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // RTM_NEWLINK
        0, 0, 1, 0, 9, 0, 0, 0, 0xc1, 0, 0, 0, 0, 0, 0, 0,  // interface 9
        9, 0, 3, 0, 0x62, 0x6c, 0x75, 0x65, 0, 0, 0, 0,  // IFLA_IFNAME "blue", padding
        24, 0, 18, 0x80,  // IFLA_LINKINFO, nested
        8, 0, 1, 0, 0x76, 0x72, 0x66, 0,  // IFLA_INFO_KIND "vrf"
        12, 0, 2, 0x80,  // IFLA_INFO_DATA, nested
        8, 0, 1, 0, 42, 0, 0, 0,  // IFLA_VRF_TABLE 42
    ]

    @Test func aVRFWithItsTable() throws {
        guard case .link(let link) = Self.notices(Self.vrf).first else {
            throw NamespaceRefused()
        }
        #expect(link.name == "blue")
        #expect(link.kind == "vrf")
        #expect(link.vrfTable == 42)
        #expect(link.mode == nil)
    }

    static func notices(_ bytes: [UInt8]) -> [Notice] {
        var reader = NetlinkReader(bytes.span)
        var found: [Notice] = []
        while let header = reader.message(bytes.span) {
            if let notice = Notice(header, in: bytes.span) { found.append(notice) }
        }
        return found
    }

    @Test func anAddressWithItsPeer() throws {
        let found = Self.notices(Self.address)
        guard case .address(let address) = found.first else { throw NamespaceRefused() }
        #expect(found.count == 1)
        #expect(address.interfaceIndex == 3)
        #expect(address.prefix == prefix("192.0.2.1", 24))
        #expect(address.peer == IPAddress("192.0.2.9"))
        #expect(address.scope == 253)
        #expect(address.flags == [.permanent, .noPrefixRoute])
        #expect(address.proto == 0)
    }

    @Test func aLinkWithItsKind() throws {
        guard case .link(let link) = Self.notices(Self.link).first else {
            throw NamespaceRefused()
        }
        #expect(link.index == 5)
        #expect(link.name == "vrrp.51")
        #expect(link.mac?.description == "00:00:5e:00:01:33")
        #expect(link.isUp && link.isRunning && link.hasNoARP && !link.isLoopback)
        #expect(link.mtu == 1_500)
        #expect(link.parent == 2)
        #expect(link.master == nil)
        #expect(link.kind == "macvlan")
    }

    @Test func twoMessagesInOneDatagram() {
        #expect(Self.notices(Self.address + Self.link).count == 2)
    }

    /// Every prefix of a good datagram, and every byte of it replaced: nothing traps, and a
    /// message that is cut off gives nothing.
    @Test func brokenBytesGiveNoNoticeOrAnother() {
        for whole in [Self.address, Self.link] {
            for count in 0..<whole.count {
                #expect(Self.notices([UInt8](whole[..<count])) == [])
            }
            for position in whole.indices {
                for value in [0, 1, 3, 0x7f, 0x80, 0xff] as [UInt8] {
                    var broken = whole
                    broken[position] = value
                    #expect(Self.notices(broken).count <= 2)
                }
            }
        }
    }

    @Test func aLengthBeyondTheDatagramEndsTheWalk() {
        for length in [0, 15, 61, 255] as [UInt8] {
            var bytes = Self.address
            bytes[0] = length
            var reader = NetlinkReader(bytes.span)
            #expect(reader.message(bytes.span) == nil)
        }
        var attributes = NetlinkReader(attributesIn: 16..<60, after: 8)
        #expect(attributes.attribute(Self.address.span)?.payload == 28..<32)
        for length in [0, 3, 37, 255] as [UInt8] {
            var bytes = Self.address
            bytes[24] = length
            var attributes = NetlinkReader(attributesIn: 16..<60, after: 8)
            #expect(attributes.attribute(bytes.span) == nil)
        }
    }

    @Test func prefixLengthBeyondTheFamilyIsRefused() {
        var bytes = Self.address
        bytes[17] = 33
        #expect(Self.notices(bytes) == [])
    }

    @Test func aBridgePortsMessageIsNoLink() {
        var bytes = Self.link
        bytes[16] = 7
        #expect(Self.notices(bytes) == [])
    }
}
