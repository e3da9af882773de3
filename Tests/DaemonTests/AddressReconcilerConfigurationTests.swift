import Config
import Daemon
import Linux
import Net
import Testing

struct AddressReconcilerConfigurationTests {
    private func line(_ text: String, _ length: Int) -> VirtualAddress {
        VirtualAddress(prefix: Prefix(address: IPAddress(text)!, length: length))
    }

    private func desired(_ line: VirtualAddress, isOwner: Bool = false) -> DesiredAddress {
        DesiredAddress(line, interface: "e0", isOwner: isOwner)
    }

    @Test func aPlainLine() {
        let address = desired(line("10.9.0.1", 24))
        #expect(address.interface == "e0")
        #expect(address.spec.prefix.description == "10.9.0.1/24")
        #expect(address.spec.broadcast == nil)
        #expect(address.spec.proto == 18)
        #expect(address.spec.flags == [])
        #expect(address.isTracked)
        #expect(!address.adopts)
        #expect(desired(line("10.9.0.1", 24), isOwner: true).adopts)
    }

    @Test func everyWordOfTheLine() {
        var configured = line("10.9.0.50", 26)
        configured.interface = "e1"
        configured.scope = 253
        configured.label = "e1:7"
        configured.broadcast = .address(IPv4Address(10, 9, 0, 60))
        configured.isTracked = false
        let address = desired(configured)
        #expect(address.interface == "e1")
        #expect(address.spec.scope == 253)
        #expect(address.spec.label == "e1:7")
        #expect(address.spec.broadcast?.description == "10.9.0.60")
        #expect(!address.isTracked)
    }

    @Test(
        arguments: [
            (Broadcast.allOnes, 24, "10.9.0.255"), (.allZeros, 24, "10.9.0.0"),
            (.allOnes, 26, "10.9.0.63"), (.allOnes, 30, "10.9.0.51"), (.allZeros, 30, "10.9.0.48"),
            (.allOnes, 31, nil), (.allZeros, 32, nil), (.allOnes, 0, "255.255.255.255"),
        ] as [(Broadcast, Int, String?)])
    func broadcastOfThePrefix(wanted: Broadcast, length: Int, expected: String?) {
        var configured = line("10.9.0.50", length)
        configured.broadcast = wanted
        #expect(desired(configured).spec.broadcast?.description == expected)
    }

    @Test func aPeerBringsItsLength() {
        var configured = line("10.9.0.1", 32)
        configured.peer = Prefix(address: IPAddress("10.9.0.2")!, length: 30)
        configured.broadcast = .allOnes
        let spec = desired(configured).spec
        #expect(spec.prefix.description == "10.9.0.1/30")
        #expect(spec.peer?.description == "10.9.0.2")
        #expect(spec.broadcast == nil)
    }

    @Test func flagsAndLifetimes() {
        var configured = line("fd00::1", 128)
        configured.flags = [.home, .managesTemporary, .noPrefixRoute, .autoJoin]
        #expect(desired(configured).spec.flags.rawValue == 0x712)
        configured.detectsDuplicates = true
        #expect(desired(configured).spec.flags.rawValue == 0x710)
        configured.preferredLifetime = .max
        #expect(desired(configured).spec.lifetime?.preferred == UInt32.max)
    }

    @Test func iPv6IsAddedWithoutDAD() {
        #expect(desired(line("fd00::1", 64)).spec.flags == .noDAD)
        #expect(desired(line("fd00::1", 64)).spec.lifetime == nil)
        #expect(desired(line("fd00::1", 128)).spec.lifetime?.preferred == 0)
    }
}
