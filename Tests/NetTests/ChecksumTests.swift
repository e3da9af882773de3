import Net
import Testing

// RFC 1071.

private func sum(_ bytes: [UInt8]) -> UInt16 {
    var checksum = Checksum()
    checksum.add(bytes.span)
    return checksum.value
}

/// The example of RFC 1071 section 3: 0001 f203 f4f5 f6f7 sums up to ddf2.
@Test func theExampleOfTheRFC() {
    #expect(sum([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]) == 0x220d)
}

@Test func anIPv4Header() {
    let header: [UInt8] = [
        0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0x00, 0x00,  // checksum: 0
        0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7,
    ]
    #expect(sum(header) == 0xb861)
    var whole = header
    (whole[10], whole[11]) = (0xb8, 0x61)
    #expect(sum(whole) == 0)
}

@Test func nothingAndCarriesAndAnOddByte() {
    #expect(sum([]) == 0xffff)
    #expect(sum([0xff, 0xff, 0xff, 0xff]) == 0)
    #expect(sum([UInt8](repeating: 0xff, count: 65_536)) == 0)
    #expect(sum([0x01]) == 0xfeff)
}
