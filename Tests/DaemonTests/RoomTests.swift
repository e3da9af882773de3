import Config
import Linux
import Net
import Testing
import VRRP

@testable import Daemon

/// What there is for each virtual router or address is small: thousands of them are held.
@Suite struct RoomTests {
    @Test func whatThereIsThousandsOfIsSmall() {
        #expect(MemoryLayout<HoldingKey>.size == 26)
        #expect(MemoryLayout<Holding>.size == 8)
        #expect(MemoryLayout<Reconciler.Entry>.stride == 48)
        #expect(MemoryLayout<VirtualAddress>.stride == 40)
        #expect(MemoryLayout<DesiredAddress>.stride == 56)
        #expect(MemoryLayout<Instance>.stride == 64)
        #expect(MemoryLayout<VirtualRouterParameters>.stride == 112)
        #expect(MemoryLayout<VirtualRouter>.stride == 224)
        #expect(MemoryLayout<Port>.stride == 152)
    }

    @Test func aPortCountsDiscardsFromTheFirst() {
        let parameters = VirtualRouterParameters(
            name: "VI_1", family: .ipv4, vrid: 51, addresses: [])
        var port = Port(
            identity: 1, SharedParameters(parameters),
            of: Instance(
                name: "VI_1", interface: "eth0",
                location: SourceLocation(file: 0, line: 1, column: 1)))
        #expect(port.discards.isEmpty)
        port.count(.checksum)
        port.count(.checksum)
        #expect(port.discards[Int(Discard.checksum.rawValue)] == 2)
        #expect(port.discards.reduce(0, +) == 2)
        port.clearDiscards()
        #expect(port.discards.isEmpty)
    }

    @Test func ownersComeAndGoInTheirOrder() {
        var owners = Owners()
        #expect(owners.isEmpty)
        for router in [5, 3, 5, 0] { owners.insert(router) }
        #expect(owners.all == [5, 3, 0])
        #expect(owners.contains(0))
        owners.remove(5)
        owners.remove(7)
        #expect(owners.all == [3, 0])
        owners.remove(0)
        owners.remove(3)
        #expect(owners.isEmpty)
        #expect(!owners.contains(3))
    }

    @Test func handOverEntriesComeBackFromTheirBytes() {
        var list = HandoverList()
        for vrid in UInt8(1)...3 { list.append(entry(vrid)) }
        #expect(list.count == 3)
        #expect(list.map { $0.parameters.vrid } == [1, 2, 3])
        #expect(list[1] == entry(2))
        list[1].group = 4
        #expect(list.map { $0.group } == [-1, 4, -1])
        #expect(list[2] == entry(3))
    }

    @Test func whatAHandOverNeedsStaysInTheMemoryFile() throws {
        var table = KeeperTable()
        for vrid in UInt8(1)...3 { table.virtualRouters.append(entry(vrid)) }
        let bundle = Bundle(table: table, archive: .empty)
        let file = try MemoryFile.create("bundle", bundle.encode())
        let kept = KeptBundle(bundle, file)
        #expect(kept.virtualRouterCount == 3)
        #expect(kept.table.virtualRouters.isEmpty)
        #expect(kept.virtualRouters == table.virtualRouters)
        #expect(kept.archive == .empty)
    }

    @Test func oneTextIsToldFromAnotherWithoutKeepingIt() {
        #expect(TextPrint([1, 2]) == TextPrint([1, 2]))
        #expect(TextPrint([1, 2]) != TextPrint([2, 1]))
        #expect(TextPrint([0]) != TextPrint([0, 0]))
        #expect(TextPrint([]) != TextPrint([0]))
    }

    private func entry(_ vrid: UInt8) -> HandoverEntry {
        let address = IPAddress.v4(IPv4Address(10, 0, 0, vrid))
        return HandoverEntry(
            name: ByteString("VI_\(vrid)"), interface: "eth0", group: -1,
            parameters: VirtualRouterParameters(
                name: ByteString("VI_\(vrid)"), family: .ipv4, vrid: vrid, addresses: [address]),
            addresses: [
                DeclaredAddress(
                    prefix: Prefix(address: address, length: 24), interface: "eth0",
                    isOwners: false)
            ])
    }

    @Test func planAndRouterShareParameters() {
        var plan = RouterPlan()
        plan.virtualRouters = [
            VirtualRouterParameters(name: "VI_1", family: .ipv4, vrid: 51, addresses: [])
        ]
        let copy = plan
        #expect(
            copy.virtualRouters.reference(at: 0) === plan.virtualRouters.reference(at: 0))
        plan.virtualRouters[0].priority = 7
        #expect(copy.virtualRouters[0].priority == 100)
        #expect(plan.virtualRouters[0].priority == 7)
        #expect(plan != copy)
        plan.virtualRouters[0].priority = 100
        #expect(plan == copy)
    }
}
