import Net
import Testing

// Addresses as text, both ways: the shortest form of RFC 5952 is written, every form is read.

@Test(arguments: [
    ("0.0.0.0", "0.0.0.0"), ("192.0.2.1", "192.0.2.1"), ("255.255.255.255", "255.255.255.255"),
    ("::", "::"), ("::1", "::1"), ("fe80::1", "fe80::1"), ("2001:DB8::A", "2001:db8::a"),
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("ff02:0:0:0:0:0:0:12", "ff02::12"),
])
func addressesAreReadAndWritten(_ text: String, _ shortest: String) {
    #expect(IPAddress(text)?.description == shortest)
}

@Test(arguments: [
    "", ".", ":", ":::", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.-4", "1..2.3", "1.2.3.4 ",
    "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::g", "1::2::3", "fe80::1%eth0", ":1", "1:",
])
func whatIsNoAddressIsNone(_ text: String) {
    #expect(IPAddress(text) == nil)
}

@Test func bytesAreInNetworkOrder() {
    #expect(IPAddress("192.0.2.1")?.bytes == [192, 0, 2, 1])
    #expect(
        IPAddress("2001:db8::102")?.bytes
            == [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x02])
    #expect(IPAddress(bytes: [192, 0, 2, 1])?.description == "192.0.2.1")
    #expect(IPAddress(bytes: [192, 0, 2]) == nil)
}

/// The election's tie-break compares as unsigned numbers.
@Test func addressesAreOrderedAsNumbers() {
    let rising = ["9.0.0.0", "10.0.0.0", "127.255.255.255", "128.0.0.0", "192.0.2.255"]
    let addresses = rising.compactMap { IPAddress($0) }
    #expect(addresses.sorted() == addresses)
    #expect(addresses.count == 5)
}

@Test func multicastAndLinkLocalAreKnown() {
    let multicast = ["224.0.0.18", "239.255.255.255", "ff02::12"].compactMap { IPAddress($0) }
    for address in multicast { #expect(address.isMulticast, "\(address.description)") }
    let local = ["169.254.0.1", "fe80::1", "febf::1"].compactMap { IPAddress($0) }
    for address in local { #expect(address.isLinkLocal, "\(address.description)") }
    let neither = ["223.255.255.255", "240.0.0.1", "fec0::1", "2001:db8::1"].compactMap {
        IPAddress($0)
    }
    for address in neither { #expect(!address.isMulticast && !address.isLinkLocal) }
    #expect(multicast.count + local.count + neither.count == 10)
}

@Test func prefixesHaveALength() {
    #expect(Prefix(text: [UInt8]("192.0.2.1/24".utf8)[...])?.length == 24)
    #expect(Prefix(text: [UInt8]("2001:db8::/128".utf8)[...])?.length == 128)
    for bad in ["192.0.2.1/33", "2001:db8::/129", "192.0.2.1/", "192.0.2.1/x", "/24"] {
        #expect(Prefix(text: [UInt8](bad.utf8)[...]) == nil, "\(bad)")
    }
}
