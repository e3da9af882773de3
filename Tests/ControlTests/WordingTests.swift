import Control
import Net
import Testing
import VRRP

/// One line a transition, which holds its cause: these texts are in logs and scripts' environments.
@Suite struct WordingTests {
    private let names = PlanNames(
        virtualRouters: [
            VirtualRouterParameters(name: "WEB", family: .ipv4, vrid: 51, addresses: []),
            VirtualRouterParameters(name: "DB", family: .ipv4, vrid: 52, addresses: []),
        ], objects: ["script chk_web"])
    private let peer = IPAddress("192.0.2.2")!

    @Test func everyReasonNamesItsCause() {
        let expected: [(TransitionReason, String)] = [
            (.silence(lastMaster: peer), "nothing heard from 192.0.2.2"),
            (.silence(lastMaster: nil), "no master heard"),
            (.masterResigned(peer), "192.0.2.2 resigned"),
            (.preemption(peer), "preempts 192.0.2.2"),
            (.higherPriority(200, from: peer), "192.0.2.2 has the higher priority 200"),
            (.fault(.trackedObject(0)), "script chk_web failed"),
            (.fault(.groupMember(1)), "DB of the group is in fault"),
            (.fault(.interfaceMissing), "the interface does not exist"),
        ]
        for (reason, text) in expected { #expect(reason.text(names) == text) }
    }

    /// Positions come from a plan that may have changed since.
    @Test func anUnknownPositionIsStillASentence() {
        #expect(FaultReason.trackedObject(9).text(names) == "tracked object failed")
        #expect(FaultReason.groupMember(-1).text(names) == "member of the group is in fault")
    }
}
