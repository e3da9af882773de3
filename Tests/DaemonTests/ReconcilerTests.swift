import Daemon
import Linux
import Net
import Testing

/// What is wanted and what is not, and an owner's.
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
}
