import Daemon
import Linux
import Net
import Testing

/// Interfaces that come and go, dumps of everything, and what a predecessor left.
struct ReconcilerInterfaceTests {
    // Interfaces that come and go.

    @Test func waitsForItsInterface() {
        var kernel = Kernel()
        kernel.reconciler.want(.address(desired("10.9.0.1/24", on: "e9")), by: 0, at: at(0))
        #expect(kernel.turn() == [])
        #expect(kernel.reconciler.deadline == nil)
        kernel.reconciler.interfacePresent("e9", index: 9, at: at(5))
        #expect(kernel.reconciler.deadline == at(5))
        #expect(kernel.turn(5) == ["add 10.9.0.1/24"])
        #expect(kernel.outcomes == [.added])
    }

    @Test func comesBackWithItsInterfaceUnderANewNumber() throws {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24", "10.9.0.2/24")
        _ = kernel.turn()
        kernel.present = []
        kernel.reconciler.interfaceGone(3)
        #expect(kernel.turn(1) == [])
        #expect(kernel.reconciler.deadline == nil)
        #expect(!kernel.reconciler.isHeld(key("10.9.0.1/24")))
        kernel.reconciler.interfacePresent("e0", index: 12, at: at(2))
        #expect(kernel.turn(2) == ["add 10.9.0.1/24", "add 10.9.0.2/24"])
        #expect(kernel.outcomes == [.repaired, .repaired])
        // The old number means nothing any more.
        #expect(kernel.reconciler.noticedRemoval(info("10.9.0.1/24"), at: at(3)) == nil)
    }

    @Test func unwantedWhileItsInterfaceIsAway() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        kernel.reconciler.interfaceGone(3)
        kernel.unwant("10.9.0.1/24")
        kernel.reconciler.interfacePresent("e0", index: 4, at: at(1))
        #expect(kernel.turn(1) == [])
    }

    @Test func aRenamedInterfaceKeepsNothingOfOurs() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        kernel.reconciler.interfacePresent("eth7", index: 3, at: at(1))
        #expect(kernel.turn(1) == ["remove 10.9.0.1/24"])
        #expect(kernel.present == [])
        kernel.reconciler.interfacePresent("e0", index: 4, at: at(2))
        #expect(kernel.turn(2) == ["add 10.9.0.1/24"])
    }

    /// Its routes stay over the same number; the one of ours goes before the address does.
    @Test func aRenamedInterfaceKeepsNoRouteOfOurs() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        kernel.reconciler.want(routeOver("e0"), by: 0, at: at(0))
        _ = kernel.turn()
        kernel.reconciler.interfacePresent("eth7", index: 3, at: at(1))
        #expect(kernel.turn(1) == ["remove route 10.0.0.0/8 dev eth7", "remove 10.9.0.1/24"])
        kernel.reconciler.interfacePresent("e0", index: 4, at: at(2))
        #expect(kernel.turn(2) == ["add 10.9.0.1/24", "add route 10.0.0.0/8 dev e0"])
    }

    /// A route of a VRF waits for it, and goes to the table that it has.
    @Test func aRouteOfAVRFGoesToItsTable() throws {
        var kernel = Kernel()
        kernel.reconciler.want(routeOver("e0", vrf: "blue"), by: 0, at: at(0))
        #expect(kernel.turn() == [])
        #expect(kernel.reconciler.deadline == nil)
        kernel.reconciler.interfacePresent("blue", index: 7, table: 42, at: at(1))
        let operation = try #require(kernel.reconciler.nextBatch(limit: 64, at: at(1)).first)
        guard case .addRoute(let spec) = operation.change else { throw Unexpected() }
        #expect(spec.route.table == 42)
        #expect(kernel.reconciler.confirm(operation, errno: 0, at: at(1)) == .added)
        // Somebody removes it.
        var info = RouteInfo(destination: prefix("10.0.0.0/8"), table: 42)
        info.kind = 1
        #expect(kernel.reconciler.noticedRemoval(info, at: at(2)).count == 1)
        info.table = 254
        #expect(kernel.reconciler.noticedRemoval(info, at: at(2)).isEmpty)
    }

    private func routeOver(_ interface: ByteString, vrf: ByteString? = nil) -> Holding {
        var route = Route(destination: prefix("10.0.0.0/8"))
        route.hops = [Route.Hop(interface: interface)]
        route.vrf = vrf
        return .route(route, isTracked: true)
    }

    // Dumps.

    @Test func aDumpShowsWhatNoNoticeTold() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24", "10.9.0.2/24")
        _ = kernel.turn()
        kernel.present = ["10.9.0.2/24", "10.9.0.99/24"]
        let notes = kernel.reconciler.resynchronise(
            links: [LinkInfo(index: 3, name: "e0")],
            addresses: [info("10.9.0.2/24"), info("10.9.0.99/24")], at: at(9))
        #expect(
            notes == [.removedByOthers(key("10.9.0.1/24"), repairs: 0, returns: at(9))])
        #expect(kernel.turn(9) == ["add 10.9.0.1/24"])
    }

    @Test func aDumpWithoutTheInterface() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        #expect(
            kernel.reconciler.resynchronise(links: [], addresses: [], at: at(1)) == [])
        #expect(kernel.turn(1) == [])
        _ = kernel.reconciler.resynchronise(
            links: [LinkInfo(index: 8, name: "e0")], addresses: [], at: at(2))
        kernel.present = []
        #expect(kernel.turn(2) == ["add 10.9.0.1/24"])
    }

    // Leftovers.

    @Test func leftoversOfADeadPredecessorGo() {
        var kernel = Kernel()
        kernel.present = [
            "10.9.0.1/24", "10.9.0.2/24", "10.9.0.3/24", "10.9.0.4/32", "10.9.0.5/24",
        ]
        kernel.want("10.9.0.2/24")
        let declared = [
            desired("10.9.0.1/24"), desired("10.9.0.2/24"), desired("10.9.0.3/24", adopts: true),
            desired("10.9.0.4/24"), desired("10.9.0.5/24", on: "e9"),
        ]
        let present = kernel.present.sorted().map { info($0) }
        let removed = kernel.reconciler.removeLeftovers(
            present: present, declared: declared, at: at(0))
        #expect(removed == [key("10.9.0.1/24")])
        #expect(kernel.turn() == ["add 10.9.0.2/24", "remove 10.9.0.1/24"])
    }

    @Test func oneRemovalASecond() {
        var kernel = Kernel()
        for (time, count) in [(0, 1), (500, 0), (1_000, 1)] as [(Int64, Int)] {
            kernel.present = ["10.9.0.1/24"]
            let now = Instant(nanoseconds: time * 1_000_000)
            let removed = kernel.reconciler.removeLeftovers(
                present: [info("10.9.0.1/24")], declared: [desired("10.9.0.1/24")], at: now)
            #expect(removed.count == count)
            _ = kernel.turn(2)
        }
    }
}
