import Daemon
import Linux
import Net
import Testing

/// Routes and rules.
struct ReconcilerRouteTests {
    // Routes and rules.

    @Test func addressesRoutesRulesAndBack() {
        var kernel = Kernel()
        kernel.wantAll()
        #expect(
            kernel.turn() == [
                "add 10.9.0.1/24", "add route 10.0.0.0/8 via 10.9.0.9", "add rule \(ruleText)",
            ])
        kernel.reconciler.unwantAll(by: 0, at: at(1))
        #expect(
            kernel.turn(1) == [
                "remove rule \(ruleText)", "remove route 10.0.0.0/8 via 10.9.0.9",
                "remove 10.9.0.1/24",
            ])
        #expect(kernel.present == [])
    }

    @Test func aStolenRouteComesBackAndIsNamed() {
        var kernel = Kernel()
        kernel.wantAll()
        _ = kernel.turn()
        kernel.present.remove("route 10.0.0.0/8 via 10.9.0.9")
        let gone = RouteInfo(destination: prefix("10.0.0.0/8"), table: 254)
        #expect(
            kernel.reconciler.noticedRemoval(gone, at: at(5)) == [
                .removedByOthers(routeHolding.key, repairs: 0, returns: at(5))
            ])
        #expect(kernel.turn(5) == ["add route 10.0.0.0/8 via 10.9.0.9"])
        #expect(kernel.outcomes == [.repaired])
        let other = RouteInfo(destination: prefix("10.0.0.0/8"), table: 7)
        #expect(kernel.reconciler.noticedRemoval(other, at: at(6)) == [])
    }

    @Test func aStolenRuleComesBackAndIsNamed() {
        var kernel = Kernel()
        kernel.wantAll()
        _ = kernel.turn()
        let gone = RuleInfo(family: .ipv4, preference: 5)
        #expect(
            kernel.reconciler.noticedRemoval(gone, at: at(5)) == [
                .removedByOthers(ruleHolding.key, repairs: 0, returns: at(5))
            ])
        // The notice was of another with the same preference: nothing is repaired.
        #expect(kernel.turn(5) == ["add rule \(ruleText)"])
        #expect(kernel.outcomes == [.stillThere])
    }

    @Test func whatTheKernelDropsInSilenceIsAskedForAgain() {
        var kernel = Kernel()
        kernel.wantAll()
        _ = kernel.turn()
        kernel.present.remove("route 10.0.0.0/8 via 10.9.0.9")
        kernel.reconciler.verify(at: at(3)) { _ in true }
        #expect(
            kernel.turn(3) == ["add route 10.0.0.0/8 via 10.9.0.9", "add rule \(ruleText)"])
        #expect(kernel.outcomes == [.repaired, .stillThere])
    }

    @Test func aRouteOfTwoRoutersLeavesWithTheLast() {
        var kernel = Kernel()
        kernel.reconciler.want(routeHolding, by: 0, at: at(0))
        kernel.reconciler.want(routeHolding, by: 5, at: at(0))
        _ = kernel.turn()
        kernel.reconciler.unwantAll(by: 0, at: at(1))
        #expect(kernel.turn(1) == [])
        kernel.reconciler.unwantAll(by: 5, at: at(1))
        #expect(kernel.turn(1) == ["remove route 10.0.0.0/8 via 10.9.0.9"])
    }

    @Test func aRouteOverAnInterfaceWaitsForIt() {
        var kernel = Kernel()
        var route = Route(destination: prefix("10.0.0.0/8"))
        route.hops = [Route.Hop(interface: "e9")]
        kernel.reconciler.want(.route(route, isTracked: true), by: 0, at: at(0))
        #expect(kernel.turn() == [])
        kernel.reconciler.interfacePresent("e9", index: 9, at: at(5))
        #expect(kernel.turn(5) == ["add route 10.0.0.0/8 dev e9"])
        kernel.present = []
        kernel.reconciler.interfaceGone(9)
        #expect(kernel.turn(6) == [])
        kernel.reconciler.interfacePresent("e9", index: 10, at: at(7))
        #expect(kernel.turn(7) == ["add route 10.0.0.0/8 dev e9"])
        #expect(kernel.outcomes == [.repaired])
    }

    @Test func aRouteWithAnotherMetricOfItsPacketsIsMadeAnew() {
        var kernel = Kernel()
        kernel.wantAll()
        _ = kernel.turn()
        guard case .route(var route, _) = routeHolding else { return }
        route.metrics = [Route.Metric(.mtu, 1400)]
        kernel.reconciler.want(.route(route, isTracked: true), by: 0, at: at(1))
        #expect(kernel.turn(1) == ["remove route 10.0.0.0/8 via 10.9.0.9"])
        #expect(kernel.turn(1) == ["add route 10.0.0.0/8 via 10.9.0.9"])
    }

    @Test func declaredRoutesThatNobodyWantsGo() {
        var kernel = Kernel()
        kernel.reconciler.want(ruleHolding, by: 0, at: at(0))
        kernel.reconciler.removeLeftovers([routeHolding, ruleHolding], at: at(0))
        #expect(
            kernel.turn() == ["add rule \(ruleText)", "remove route 10.0.0.0/8 via 10.9.0.9"])
        #expect(kernel.turn(1) == [])
    }
}
