import Linux
import Net
import Testing

@testable import Daemon

/// A table by keys whose empty places cost next to nothing: held against a dictionary.
@Suite struct HoldingTableTests {
    private func holding(_ number: Int) -> Holding {
        let address = IPv4Address(UInt32(truncatingIfNeeded: 0x0a00_0000 + number / 2))
        return .address(
            DesiredAddress(
                interface: number % 2 == 0 ? "eth0" : "eth1",
                spec: AddressSpec(
                    interfaceIndex: 0, prefix: Prefix(address: .v4(address), length: 32))))
    }

    private func entry(_ number: Int, serial: UInt32 = 0) -> Reconciler.Entry {
        Reconciler.Entry(desired: holding(number), owners: Owners(number), serial: serial)
    }

    @Test func givesBackWhatItWasGiven() {
        var table = HoldingTable()
        #expect(table.isEmpty)
        #expect(table[holding(0).key] == nil)
        table[holding(0).key] = entry(0, serial: 7)
        table[holding(1).key] = entry(1, serial: 8)
        #expect(table.count == 2)
        #expect(table[holding(0).key]?.serial == 7)
        #expect(table[holding(1).key]?.serial == 8)
        #expect(table[holding(2).key] == nil)
        table[holding(0).key]?.serial = 9
        #expect(table[holding(0).key]?.serial == 9)
        table[holding(0).key] = nil
        #expect(table[holding(0).key] == nil)
        #expect(table[holding(1).key]?.serial == 8)
        #expect(table.count == 1)
    }

    /// A thousand virtual routers that take over one after the other, with 255 addresses each.
    @Test func whoReservesALittleMoreEachTimeMovesTheTableAFewTimes() {
        var table = HoldingTable()
        var capacities: Set<Int> = []
        for router in 0..<1_000 {
            table.reserveCapacity(table.count + 255)
            capacities.insert(table.capacity)
            for number in 0..<255 {
                let entry = entry(router * 255 + number)
                table[entry.desired.key] = entry
            }
        }
        #expect(table.count == 255_000)
        #expect(capacities.count <= 12)
    }

    @Test func agreesWithADictionaryAfter20000Changes() {
        var table = HoldingTable()
        var dictionary: [HoldingKey: UInt32] = [:]
        var random: UInt64 = 1
        for step in 0..<20_000 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let number = Int(random >> 33) % 300
            let key = holding(number).key
            if random >> 62 == 0 {
                table[key] = nil
                dictionary[key] = nil
            } else {
                table[key] = entry(number, serial: UInt32(step))
                dictionary[key] = UInt32(step)
            }
        }
        #expect(table.count == dictionary.count)
        for number in 0..<300 {
            let key = holding(number).key
            #expect(table[key]?.serial == dictionary[key])
        }
        #expect(Set(table.map { $0.desired.key }) == Set(dictionary.keys))
    }

    @Test func findsRoutesAndRules() {
        let rule = Rule(family: .ipv4, preference: 5, action: .lookup(table: 254))
        let route = Route(destination: Prefix(address: .v4(.any), length: 0))
        let held: [Holding] = [
            .rule(rule, isTracked: true), .route(route, isTracked: false), holding(3),
        ]
        var table = HoldingTable()
        table.reserveCapacity(1000)
        for holding in held {
            table[holding.key] = Reconciler.Entry(
                desired: holding, owners: Owners(1), serial: 1)
        }
        for holding in held { #expect(table[holding.key]?.desired == holding) }
        for holding in held { table[holding.key] = nil }
        #expect(table.isEmpty)
    }
}
