import Daemon
import Net
import Testing

struct VirtualLinkTests {
    /// The alias is how a successor, the keeper and --cleanup know what the parent had.
    @Test func aliasOfALinkOfOurs() {
        let settings = ParentSettings(arpIgnore: 2, arpFilter: 0, arpAnnounce: 1)
        #expect(
            settings.alias
                == "martlet (parent before: arp_ignore 2 arp_filter 0 arp_announce 1)")
        #expect(ParentSettings(alias: settings.alias) == settings)
    }

    @Test(arguments: [
        "", "martlet", "uplink (parent before: arp_ignore 2 arp_filter 0 arp_announce 1)",
        "martlet (parent before: arp_ignore x arp_filter 0 arp_announce 1)",
        "martlet (parent before: arp_ignore 2 arp_filter -1 arp_announce 1)",
        "martlet (parent before: arp_ignore 2 arp_filter 99999999999 arp_announce 1)",
    ])
    func aliasOfSomebodyElse(_ text: String) {
        #expect(ParentSettings(alias: ByteString(text)) == nil)
    }

    @Test func noAlias() {
        #expect(ParentSettings(alias: nil) == nil)
    }

    /// Two machines with one virtual MAC must not make one link-local address of it; nor may it be
    /// the parent's own (…ff:fe…).
    @Test func linkLocalOfAVirtualLink() {
        let mac = MACAddress(0x0050_56ab_cdef)
        #expect(
            IPAddress.v6(virtualLinkLocal(parent: mac, vrid: 51)).description
                == "fe80::250:5656:33ab:cdef")
        #expect(
            IPAddress.v6(virtualLinkLocal(parent: mac, vrid: 255)).description
                == "fe80::250:5656:ffab:cdef")
    }
}
