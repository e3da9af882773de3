import Net
import VRRP

// vrrp_strict and strict_mode: nothing that the RFC does not allow.
extension Interpreter {
    func isStrict(_ draft: InstanceDraft) -> Bool { draft.isStrict ?? globals.isStrict }

    /// What strict mode does not run at all. Returns whether the instance may run.
    mutating func strictAllows(_ draft: InstanceDraft) -> Bool {
        guard isStrict(draft) else { return true }
        if draft.addresses.isEmpty {
            findings.error(
                "strict-address",
                "strict mode needs a virtual_ipaddress: \(draft.name.text) is left out",
                draft.name)
            return false
        }
        if let word = draft.unicastKeyword, !draft.peers.isEmpty {
            findings.error(
                "strict-unicast",
                "strict mode has no unicast: \(draft.name.text) is left out", word,
                hint: "the RFC knows multicast only; leave strict mode or unicast_peer out")
            return false
        }
        return true
    }

    /// What strict mode changes, with a word about each thing that was written otherwise.
    mutating func applyStrict(
        _ draft: InstanceDraft, _ parameters: inout VirtualRouterParameters
    ) {
        guard isStrict(draft) else { return }
        strictOwner(draft, &parameters)
        if let word = draft.virtualInterface?.macWord {
            report("a MAC other than the RFC's is left out", word)
        }
        if let type = draft.authenticationType, parameters.authentication != .none {
            report("authentication is left out", type.word)
            parameters.authentication = .none
        }
        if let delay = draft.preemptDelay, parameters.preemptDelay > .zero {
            report("preempt_delay is left out", delay.word)
            parameters.preemptDelay = .zero
        }
        if parameters.downTimerAdvertisements != 3 {
            report("down_timer_adverts is 3", draft.name)
            parameters.downTimerAdvertisements = 3
        }
        parameters.answersLowerPriority = false
        parameters.sendsBeforeSteppingDown = false
        parameters.ownerIgnoresAdvertisements = true
        parameters.announcements.lowerPriorityCount = 0
        parameters.announcements.lowerPriorityDelay = .zero
    }

    /// The owner is who starts as master, and nobody else is.
    private mutating func strictOwner(
        _ draft: InstanceDraft, _ parameters: inout VirtualRouterParameters
    ) {
        if parameters.startsAsMaster && !parameters.isOwner, let state = draft.state {
            report("only the owner (priority 255) starts as MASTER: BACKUP is used", state.word)
        }
        if !parameters.startsAsMaster && parameters.isOwner, let state = draft.state {
            report("the owner (priority 255) starts as MASTER", state.word)
        }
        parameters.startsAsMaster = parameters.isOwner
    }

    mutating func report(_ text: String, _ word: Word) {
        findings.error("strict", "strict mode: \(text)", word)
    }
}
