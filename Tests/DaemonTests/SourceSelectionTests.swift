import Daemon
import Linux
import Net
import Testing

struct SourceSelectionTests {
    private func source(
        _ family: Family, _ addresses: [AddressInfo], virtual: [String] = [],
        configured: String? = nil, tracked: Bool = false
    ) -> String? {
        SourceSelection.source(
            family: family, configured: configured.flatMap { IPAddress($0) },
            tracksConfigured: tracked, addresses: addresses,
            virtual: SortedAddresses(virtual.compactMap { IPAddress($0) }))?.description
    }

    private func info(_ text: String, _ flags: AddressInfo.Flags = .permanent) -> AddressInfo {
        let address = IPAddress(text)!
        var info = AddressInfo(
            interfaceIndex: 3,
            prefix: Prefix(address: address, length: address.family == .ipv4 ? 24 : 64))
        info.flags = flags
        return info
    }

    @Test func noAddressNoSource() {
        #expect(source(.ipv4, []) == nil)
        #expect(source(.ipv6, []) == nil)
        #expect(source(.ipv4, [info("fe80::1")]) == nil)
        #expect(source(.ipv6, [info("10.9.0.1")]) == nil)
    }

    @Test func theFirstPrimaryAddress() {
        let addresses = [
            info("10.9.0.7", .secondary), info("10.9.0.5"), info("10.9.0.1"), info("fe80::1"),
        ]
        #expect(source(.ipv4, addresses) == "10.9.0.5")
    }

    @Test func aWiderScopeBeforeANarrowOneThatTheKernelListsFirst() {
        var local = info("10.9.0.1")
        local.scope = 253
        #expect(source(.ipv4, [local, info("10.9.0.5")]) == "10.9.0.5")
        #expect(source(.ipv4, [local]) == "10.9.0.1")
        #expect(source(.ipv4, [local, info("10.9.0.7", .secondary)]) == "10.9.0.1")
    }

    @Test func neverAVirtualAddress() {
        let addresses = [info("10.9.0.1"), info("10.9.0.5")]
        #expect(source(.ipv4, addresses, virtual: ["10.9.0.1"]) == "10.9.0.5")
        #expect(source(.ipv4, addresses, virtual: ["10.9.0.1", "10.9.0.5"]) == nil)
    }

    @Test func aSecondaryAddressWhereThePrimaryIsVirtual() {
        let addresses = [info("10.9.0.1"), info("10.9.0.5", .secondary)]
        #expect(source(.ipv4, addresses, virtual: ["10.9.0.1"]) == "10.9.0.5")
    }

    @Test func theConfiguredSourceNeedNotBeThere() {
        #expect(source(.ipv4, [info("10.9.0.5")], configured: "10.9.0.99") == "10.9.0.99")
    }

    @Test func underTrackSrcIPItMust() {
        let addresses = [info("10.9.0.5"), info("10.9.0.6")]
        #expect(source(.ipv4, addresses, configured: "10.9.0.99", tracked: true) == nil)
        #expect(source(.ipv4, addresses, configured: "10.9.0.6", tracked: true) == "10.9.0.6")
    }

    @Test func linkLocalOfIPv6() {
        let addresses = [info("fd00::5"), info("fe80::5"), info("fe80::6")]
        #expect(source(.ipv6, addresses) == "fe80::5")
        #expect(source(.ipv6, addresses, virtual: ["fe80::5"]) == "fe80::6")
    }

    @Test(arguments: [0x40, 0x48, 0x20] as [UInt32])
    func tentativeFailedOrDeprecatedIsNone(flags: UInt32) {
        #expect(source(.ipv6, [info("fe80::5", .init(rawValue: flags))]) == nil)
    }
}
