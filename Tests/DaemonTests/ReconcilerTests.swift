import Daemon
import Linux
import Net
import Testing

struct AddressReconcilerTests {
    // Being wanted.

    @Test func wantedAddressesAreAddedInOrder() {
        var kernel = Kernel()
        kernel.want("10.9.0.2/24", "10.9.0.1/24", "10.9.0.3/24")
        #expect(kernel.turn() == ["add 10.9.0.2/24", "add 10.9.0.1/24", "add 10.9.0.3/24"])
        #expect(kernel.outcomes == [.added, .added, .added])
        #expect(kernel.turn() == [])
        #expect(kernel.reconciler.deadline == nil)
        #expect(kernel.reconciler.isHeld(key("10.9.0.1/24")))
    }

    @Test func aBatchHasItsLimit() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24", "10.9.0.2/24", "10.9.0.3/24")
        #expect(kernel.turn(limit: 2) == ["add 10.9.0.1/24", "add 10.9.0.2/24"])
        #expect(kernel.reconciler.deadline == at(0))
        #expect(kernel.turn(limit: 2) == ["add 10.9.0.3/24"])
    }

    @Test func theOperationNamesTheInterfacesNumber() throws {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        let operation = try #require(kernel.reconciler.nextBatch(limit: 64, at: at(0)).first)
        guard case .add(let spec) = operation.change else { throw Unexpected() }
        #expect(spec.interfaceIndex == 3)
    }

    @Test func whatIsThereAlreadyIsOursAsWithKeepalived() {
        var kernel = Kernel()
        kernel.present = ["10.9.0.1/24"]
        kernel.want("10.9.0.1/24")
        #expect(kernel.turn() == ["add 10.9.0.1/24"])
        #expect(kernel.outcomes == [.added])
        kernel.unwant("10.9.0.1/24")
        #expect(kernel.turn() == ["remove 10.9.0.1/24"])
        #expect(kernel.present == [])
    }

    @Test func unwantedAddressesAreRemoved() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24", "10.9.0.2/24")
        _ = kernel.turn()
        kernel.reconciler.unwantAll(by: 0, at: at(1))
        #expect(kernel.turn(1) == ["remove 10.9.0.1/24", "remove 10.9.0.2/24"])
        #expect(kernel.outcomes == [.removed, .removed])
        #expect(kernel.turn(2) == [])
        #expect(kernel.reconciler.deadline == nil)
    }

    @Test func whatWasNeverAddedIsNotRemoved() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        kernel.unwant("10.9.0.1/24")
        #expect(kernel.turn() == [])
    }

    @Test func wantedAgainBeforeItsRemovalStays() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        kernel.unwant("10.9.0.1/24")
        kernel.want("10.9.0.1/24")
        #expect(kernel.turn() == ["add 10.9.0.1/24"])
        #expect(kernel.outcomes == [.added])
    }

    @Test func anAddressOfTwoRoutersLeavesWithTheLast() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        kernel.reconciler.want(.address(desired("10.9.0.1/24")), by: 5, at: at(0))
        #expect(kernel.reconciler.routers(wanting: key("10.9.0.1/24")) == [0, 5])
        _ = kernel.turn()
        kernel.unwant("10.9.0.1/24")
        #expect(kernel.turn() == [])
        kernel.reconciler.unwant(key("10.9.0.1/24"), by: 5, at: at(0))
        #expect(kernel.turn() == ["remove 10.9.0.1/24"])
    }

    @Test func anotherLabelMeansRemovingFirst() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        var changed = desired("10.9.0.1/24")
        changed.spec.label = "e0:1"
        kernel.reconciler.want(.address(changed), by: 0, at: at(0))
        #expect(kernel.turn() == ["remove 10.9.0.1/24"])
        #expect(kernel.turn() == ["add 10.9.0.1/24"])
        #expect(kernel.outcomes == [.added])
    }

    // An owner's.

    @Test func anOwnersAddressThatWasThereIsLeftAtTheEnd() {
        var kernel = Kernel()
        kernel.present = ["10.9.0.1/24"]
        kernel.want("10.9.0.1/24", "10.9.0.2/24", adopts: true)
        _ = kernel.turn()
        #expect(kernel.outcomes == [.adopted, .added])
        kernel.reconciler.unwantAll(by: 0, at: at(1))
        #expect(kernel.turn(1) == ["remove 10.9.0.2/24"])
        #expect(kernel.present == ["10.9.0.1/24"])
    }

    @Test func anOwnersAddressOfOursIsNotAdoptedLater() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24", adopts: true)
        _ = kernel.turn()
        kernel.unwant("10.9.0.1/24")
        kernel.want("10.9.0.1/24", adopts: true)
        _ = kernel.turn()
        #expect(kernel.outcomes == [.added])
        kernel.unwant("10.9.0.1/24")
        #expect(kernel.turn() == ["remove 10.9.0.1/24"])
    }

    @Test func anOwnersAddressThatComesWithItsInterfaceIsAdopted() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24", adopts: true)
        _ = kernel.turn()
        kernel.reconciler.interfaceGone(3)
        // The interface's own set-up was faster than we.
        kernel.reconciler.interfacePresent("e0", index: 4, at: at(1))
        #expect(kernel.turn(1) == ["add 10.9.0.1/24"])
        kernel.unwant("10.9.0.1/24")
        #expect(kernel.turn(1) == [])
    }

    // Somebody removes it.

    @Test func threeTimesAtOnceThenPaced() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        var now: Int64 = 10
        var waits: [Int64] = []
        for _ in 0..<10 {
            let note = kernel.steal("10.9.0.1/24", now)
            guard case .removedByOthers(_, _, let returns) = note else { break }
            let wait = (returns - at(now)).nanoseconds / 1_000_000_000
            waits.append(wait)
            if wait > 0 { #expect(kernel.turn(now + wait - 1) == []) }
            #expect(kernel.reconciler.deadline == at(now + wait))
            #expect(kernel.turn(now + wait) == ["add 10.9.0.1/24"])
            #expect(kernel.outcomes == [.repaired])
            now += wait + 1
        }
        #expect(waits == [0, 0, 0, 1, 2, 4, 8, 16, 30, 30])
    }

    @Test func theNoteCountsTheRepairs() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        _ = kernel.steal("10.9.0.1/24", 1)
        _ = kernel.turn(1)
        #expect(
            kernel.steal("10.9.0.1/24", 2)
                == .removedByOthers(key("10.9.0.1/24"), repairs: 1, returns: at(2)))
    }

    @Test func aQuietMinuteForgives() {
        for (quiet, wait) in [(59, 1), (60, 0)] as [(Int64, Int64)] {
            var kernel = Kernel()
            kernel.want("10.9.0.1/24")
            _ = kernel.turn()
            for second in [1, 2, 3] as [Int64] {
                _ = kernel.steal("10.9.0.1/24", second)
                _ = kernel.turn(second)
            }
            _ = kernel.steal("10.9.0.1/24", 3 + quiet)
            #expect(kernel.reconciler.deadline == at(3 + quiet + wait))
        }
    }

    @Test func pacedForEachAddressAlone() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24", "10.9.0.2/24")
        _ = kernel.turn()
        for second in [1, 2, 3, 4] as [Int64] {
            _ = kernel.steal("10.9.0.1/24", second)
            _ = kernel.turn(second)
        }
        _ = kernel.steal("10.9.0.2/24", 4)
        #expect(kernel.turn(4) == ["add 10.9.0.2/24"])
        #expect(kernel.turn(5) == ["add 10.9.0.1/24"])
    }

    @Test func aLateNoticeOfOurOwnRemovalIsNoRepair() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        // It is there again by the time we read that it went.
        _ = kernel.reconciler.noticedRemoval(info("10.9.0.1/24"), at: at(1))
        #expect(kernel.turn(1) == ["add 10.9.0.1/24"])
        #expect(kernel.outcomes == [.stillThere])
    }

    @Test func whatWasStillThereCountsAsNoRepair() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        for second in [1, 2, 3] as [Int64] {
            _ = kernel.reconciler.noticedRemoval(info("10.9.0.1/24"), at: at(second))
            _ = kernel.turn(second)
        }
        #expect(
            kernel.steal("10.9.0.1/24", 4)
                == .removedByOthers(key("10.9.0.1/24"), repairs: 0, returns: at(4)))
    }

    @Test func aNoticeNeverReplacesARemoval() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        kernel.unwant("10.9.0.1/24")
        #expect(kernel.reconciler.noticedRemoval(info("10.9.0.1/24"), at: at(1)) == nil)
        #expect(kernel.turn(1) == ["remove 10.9.0.1/24"])
    }

    @Test func broughtBackBySomebodyElse() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        _ = kernel.steal("10.9.0.1/24", 1)
        kernel.present.insert("10.9.0.1/24")
        kernel.reconciler.noticed(info("10.9.0.1/24"))
        #expect(kernel.turn(1) == [])
    }

    @Test func untrackedIsAbandoned() {
        var kernel = Kernel()
        kernel.reconciler.want(.address(desired("10.9.0.1/24", isTracked: false)), by: 0, at: at(0))
        _ = kernel.turn()
        #expect(kernel.steal("10.9.0.1/24", 1) == .abandoned(key("10.9.0.1/24")))
        #expect(kernel.turn(1) == [])
        #expect(kernel.reconciler.deadline == nil)
        // The next transition brings it back.
        kernel.reconciler.want(.address(desired("10.9.0.1/24", isTracked: false)), by: 0, at: at(2))
        #expect(kernel.turn(2) == ["add 10.9.0.1/24"])
    }

    @Test func othersAddressesAreNoneOfOurs() {
        var kernel = Kernel()
        kernel.reconciler.noticed(info("10.9.0.77/24"))
        #expect(kernel.reconciler.noticedRemoval(info("10.9.0.77/24"), at: at(1)) == nil)
        // Same address, another prefix length.
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        #expect(kernel.reconciler.noticedRemoval(info("10.9.0.1/32"), at: at(1)) == nil)
        #expect(kernel.turn(1) == [])
    }

    // Failures: EACCES 13.

    @Test func failuresAreTriedAgainEverMoreSlowly() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        kernel.refusal = 13
        var now: Int64 = 0
        for wait in [1, 2, 4, 8, 16, 30, 30] as [Int64] {
            #expect(kernel.turn(now) == ["add 10.9.0.1/24"])
            #expect(kernel.outcomes == [.failed(errno: 13, retry: at(now + wait))])
            #expect(kernel.turn(now + wait - 1) == [])
            now += wait
        }
        kernel.refusal = 0
        #expect(kernel.turn(now) == ["add 10.9.0.1/24"])
        #expect(kernel.outcomes == [.added])
    }

    @Test func aRemovalThatFailsIsTriedAgain() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        _ = kernel.turn()
        kernel.unwant("10.9.0.1/24")
        kernel.refusal = 105
        #expect(kernel.turn() == ["remove 10.9.0.1/24"])
        #expect(kernel.outcomes == [.failed(errno: 105, retry: at(1))])
        kernel.refusal = 0
        #expect(kernel.turn(1) == ["remove 10.9.0.1/24"])
        #expect(kernel.present == [])
    }

    @Test func anAdditionWithoutAnswerMayBeThere() {
        var kernel = Kernel()
        kernel.want("10.9.0.1/24")
        kernel.refusal = 11
        _ = kernel.turn()
        kernel.refusal = 0
        kernel.unwant("10.9.0.1/24")
        #expect(kernel.turn() == ["remove 10.9.0.1/24"])
    }

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

// MARK: A kernel with one interface, e0, whose number is 3

struct Unexpected: Error {}

func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

private func prefix(_ text: String) -> Prefix {
    let parts = text.split(separator: "/")
    return Prefix(address: IPAddress(String(parts[0]))!, length: Int(parts[1])!)
}

private func key(_ text: String) -> HoldingKey {
    .address(AddressKey(interface: "e0", prefix: prefix(text)))
}

private func info(_ text: String) -> AddressInfo {
    AddressInfo(interfaceIndex: 3, prefix: prefix(text))
}

private func desired(
    _ text: String, on interface: ByteString = "e0", isTracked: Bool = true, adopts: Bool = false
) -> DesiredAddress {
    DesiredAddress(
        interface: interface, spec: AddressSpec(interfaceIndex: 0, prefix: prefix(text)),
        isTracked: isTracked, adopts: adopts)
}

private var routeHolding: Holding {
    var route = Route(destination: prefix("10.0.0.0/8"))
    route.hops = [Route.Hop(gateway: IPAddress("10.9.0.9"))]
    return .route(route, isTracked: true)
}

private var ruleHolding: Holding {
    .rule(Rule(family: .ipv4, preference: 5, action: .lookup(table: 7)), isTracked: true)
}

private let ruleText = "from all priority 5 lookup 7"

extension HoldingKey {
    /// An address without its interface.
    fileprivate var text: String {
        guard case .address(let key) = self else { return description }
        return key.prefix.description
    }
}

private struct Kernel {
    var reconciler = Reconciler()
    var present: Set<String> = []
    /// Answers everything with this errno; 0 for none.
    var refusal: Int32 = 0
    var outcomes: [HoldingOutcome] = []

    init() { reconciler.interfacePresent("e0", index: 3, at: at(0)) }

    mutating func want(_ texts: String..., adopts: Bool = false) {
        for text in texts {
            reconciler.want(.address(desired(text, adopts: adopts)), by: 0, at: at(0))
        }
    }

    mutating func wantAll() {
        want("10.9.0.1/24")
        reconciler.want(routeHolding, by: 0, at: at(0))
        reconciler.want(ruleHolding, by: 0, at: at(0))
    }

    mutating func unwant(_ text: String) { reconciler.unwant(key(text), by: 0, at: at(0)) }

    /// Executes what is asked, and gives it as text.
    mutating func turn(_ seconds: Int64 = 0, limit: Int = 64) -> [String] {
        var story: [String] = []
        outcomes = []
        for operation in reconciler.nextBatch(limit: limit, at: at(seconds)) {
            let errno: Int32
            let text = operation.key.text
            switch operation.change {
            case .add, .renew, .addRoute, .addRule:
                story.append("add \(text)")
                errno = refusal != 0 ? refusal : present.insert(text).inserted ? 0 : 17
            case .remove, .removeRoute, .removeRule:
                story.append("remove \(text)")
                errno = refusal != 0 ? refusal : present.remove(text) != nil ? 0 : 99
            }
            outcomes.append(reconciler.confirm(operation, errno: errno, at: at(seconds)))
        }
        return story
    }

    /// Somebody removes an address.
    mutating func steal(_ text: String, _ seconds: Int64) -> HoldingNote? {
        present.remove(text)
        return reconciler.noticedRemoval(info(text), at: at(seconds))
    }
}
