import Daemon
import Linux
import Net
import Testing

/// An interface that comes up is asked at once for what it refused while it was down.
@Test func whatALinkRefusedIsAskedForWhenItComesUp() throws {
    let start = Instant(nanoseconds: 0)
    let soon = Instant(nanoseconds: 10_000_000)
    let prefix = Prefix(address: try #require(IPAddress("192.0.2.1")), length: 24)
    var reconciler = Reconciler()
    reconciler.interfacePresent("v0", index: 3, at: start)
    reconciler.want(
        .address(
            DesiredAddress(
                interface: "v0", spec: AddressSpec(interfaceIndex: 0, prefix: prefix))),
        by: 0, at: start)
    let operation = try #require(reconciler.nextBatch(limit: 64, at: start).first)
    _ = reconciler.confirm(operation, errno: 100, at: start)
    #expect(reconciler.nextBatch(limit: 64, at: soon).isEmpty)
    reconciler.linkCameUp("v1", at: soon)
    #expect(reconciler.nextBatch(limit: 64, at: soon).isEmpty)
    reconciler.linkCameUp("v0", at: soon)
    #expect(reconciler.nextBatch(limit: 64, at: soon).count == 1)
}
