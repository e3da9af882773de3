import Linux
import Net
import Testing
import VRRP

// Every reason to refuse an advertisement, for each version and family: the packet that has it, or
// why there can be none. A reason that is added does not compile here until it has a packet.

/// What is wrong about a good advertisement.
private struct Fault {
    var bytes: [UInt8]
    var hopLimit = 255
    var source: IPAddress
    var destination: IPAddress
    var parameters: VirtualRouterParameters
    var header: [UInt8] = []
    /// Heard so often before.
    var repeats = 0
    /// Wall clock of the receiver, in seconds since 1970.
    var clock: Int64 = 0x6b02_dfb4

    init(_ wire: Wire) {
        bytes = wire.message
        source = wire.source
        destination = wire.destination
        parameters = wire.parameters
    }

    /// The reason that the decoder, and then `Freshness`, gives.
    func refusal() throws -> Discard? {
        var freshness = Freshness(parameters)
        do throws(Discard) {
            for _ in 0...repeats { try hear(&freshness, Digest.forTests) }
            return nil
        } catch {
            return error
        }
    }

    private func hear(_ freshness: inout Freshness, _ digest: Digest) throws(Discard) {
        let heard = try Advertisement.decode(
            ReceivedPacket(source: source, destination: destination, hopLimit: hopLimit),
            bytes.span, header: header.span, expecting: AdvertisementExpectation(parameters),
            digest: digest)
        try freshness.admit(
            heard.proof, from: source, window: .seconds(5), at: clock * 1_000_000_000)
        if heard.isIgnored { throw .ownerIgnores }
    }
}

extension Digest {
    fileprivate static var forTests: Digest { try! Digest() }
}

private enum Rung {
    case refused(Fault)
    case impossible(because: String)
}

/// A version and family, with the trailer that another program signed for it.
struct Form: CustomTestStringConvertible, Sendable {
    let wire: Wire
    /// Key 1 is 0, 1, ... 31; the time is 0x6b02dfb4 seconds and 0x90b6 of 65,536.
    let mac: [UInt8]

    var testDescription: String { wire.testDescription }
    var isIPv4: Bool { wire.parameters.family == .ipv4 }
    var isVersion2: Bool { wire.parameters.version == .v2 }

    fileprivate func fault(_ change: (inout Fault) -> Void) -> Rung {
        var fault = Fault(wire)
        change(&fault)
        return .refused(fault)
    }

    /// The bytes of a trailer: type, key, zero, time stamp, MAC.
    fileprivate func trailer(type: UInt8 = 1, key: UInt8 = 1) -> [UInt8] {
        [type, key, 0, 0, 0x6b, 0x02, 0xdf, 0xb4, 0x90, 0xb6, 0, 0] + mac
    }

    fileprivate func signed(
        _ trailer: [UInt8], _ change: (inout Fault) -> Void = { _ in }
    ) -> Rung {
        fault {
            $0.bytes += trailer
            $0.parameters.trailer = TrailerAuthentication(
                keys: [.init(id: 1, secret: (0..<32).map { UInt8($0) })], activeKey: 1,
                window: .seconds(5))
            change(&$0)
        }
    }
}

private let forms = [
    Form(
        wire: version2,
        mac: [
            0x48, 0x78, 0x13, 0x45, 0xb6, 0x05, 0x73, 0x0e, 0xb3, 0xa6, 0x8d, 0x73, 0x85, 0xc6,
            0xdd, 0x3b,
        ]),
    Form(
        wire: version3,
        mac: [
            0x19, 0x0c, 0xae, 0x3c, 0x77, 0x5a, 0x6f, 0x54, 0xa7, 0xa8, 0xa7, 0xa9, 0x77, 0xf2,
            0x9d, 0xc8,
        ]),
    Form(
        wire: version3IPv6,
        mac: [
            0x11, 0xc8, 0x15, 0x9c, 0xfe, 0x3d, 0xea, 0xb1, 0x2e, 0x0b, 0xa8, 0xfe, 0xf9, 0x7b,
            0x6e, 0x95,
        ]),
]

/// The packet that a form has for a reason.
private func row(_ reason: Discard, _ form: Form) -> Rung {
    let family = form.wire.parameters.family.addressSize
    switch reason {
    case .packetTooShort: return form.fault { $0.bytes.removeLast() }
    case .ttl: return form.fault { $0.hopLimit = 254 }
    case .version: return form.fault { $0.bytes = form.wire.changed([0: 0x41]) }
    case .type:
        return form.fault { $0.bytes = form.wire.changed([0: $0.bytes[0] & 0xf0 | 2]) }
    case .packetLength:
        return form.fault { $0.bytes += [UInt8](repeating: 0, count: 100) }
    case .checksum: return form.fault { $0.bytes[6] ^= 1 }
    case .checksumWithoutPseudoHeader:
        if form.isVersion2 { return .impossible(because: "version 2 has no pseudo-header") }
        if !form.isIPv4 {
            return .impossible(because: "nobody leaves the pseudo-header of IPv6 out")
        }
        return form.fault { ($0.bytes[6], $0.bytes[7]) = (0x76, 0x02) }
    case .vrid: return form.fault { $0.bytes = form.wire.changed([1: 52]) }
    case .authenticationType:
        guard form.isVersion2 else {
            return .impossible(because: "version 3 has no authentication type")
        }
        return form.fault { $0.bytes = form.wire.changed([4: 1]) }
    case .authenticationFormat: return form.signed(form.trailer(type: 2))
    case .authenticationMissing: return form.signed([])
    case .unknownKey: return form.signed(form.trailer(key: 9))
    case .authenticationMismatch:
        return form.signed(form.trailer()) { $0.bytes[$0.bytes.count - 1] ^= 0x80 }
    case .stale: return form.signed(form.trailer()) { $0.clock += 6 }
    case .replayed: return form.signed(form.trailer()) { $0.repeats = 1 }
    case .advertisementInterval:
        guard form.isVersion2 else {
            return .impossible(because: "a version 3 backup learns the interval")
        }
        return form.fault { $0.bytes = form.wire.changed([5: 2]) }
    case .destination: return form.fault { $0.parameters.transport = .unicast(peers: []) }
    case .source:
        return form.fault {
            $0.source = IPAddress(form.isIPv4 ? "0.0.0.0" : "::")!
            $0.bytes = form.sum($0.bytes, from: form.wire.source, to: $0.source)
        }
    case .unknownPeer:
        return form.fault {
            $0.parameters.transport = .unicast(peers: [
                IPAddress(form.isIPv4 ? "192.0.2.9" : "fe80::9")!
            ])
            $0.parameters.checksUnicastSource = true
            $0.destination = IPAddress(form.isIPv4 ? "192.0.2.2" : "fe80::2")!
            $0.bytes = form.sum($0.bytes, from: form.wire.destination, to: $0.destination)
        }
    case .addressList:
        return form.fault {
            var elsewhere: [Int: UInt8] = [7 + family: 99]
            if !form.isIPv4 { elsewhere[7 + 2 * family] = 99 }
            $0.bytes = form.wire.changed(elsewhere)
        }
    case .ownerIgnores: return form.fault { $0.parameters.priority = 255 }
    }
}

extension Form {
    /// The sum of a message whose pseudo-header has another address now.
    fileprivate func sum(
        _ bytes: [UInt8], from before: IPAddress, to after: IPAddress
    ) -> [UInt8] {
        if isVersion2 { return bytes }
        var sum = UInt32(0xffff ^ (UInt32(bytes[6]) << 8 | UInt32(bytes[7])))
        for (address, sign) in [(before, UInt32(0xffff)), (after, 0)] {
            let bytes = address.bytes
            for start in stride(from: 0, to: bytes.count, by: 2) {
                sum += sign ^ (UInt32(bytes[start]) << 8 | UInt32(bytes[start + 1]))
            }
        }
        while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
        var result = bytes
        (result[6], result[7]) = (UInt8((0xffff ^ sum) >> 8), UInt8((0xffff ^ sum) & 0xff))
        return result
    }
}

@Suite struct LadderTests {
    @Test(arguments: Discard.allCases, forms)
    func everyReasonOfEveryForm(_ reason: Discard, _ form: Form) throws {
        switch row(reason, form) {
        case .refused(let fault): #expect(try fault.refusal() == reason)
        case .impossible(let because): #expect(!because.isEmpty)
        }
    }

    /// What the rows above change is good before the change: signed and unsigned.
    @Test(arguments: forms) func isHeardWithoutAFault(_ form: Form) throws {
        for case .refused(let fault) in [form.fault { _ in }, form.signed(form.trailer())] {
            #expect(try fault.refusal() == nil)
        }
    }

    /// Version 2 authenticates in two further ways.
    @Test func passwordsAndHeadersAreChecked() throws {
        var password = Fault(version2Password)
        password.bytes = version2Password.changed([12: 0x74])
        #expect(try password.refusal() == .authenticationMismatch)
        password.bytes = version2.message
        #expect(try password.refusal() == .authenticationType)
    }
}
