import Linux
import Net

/// Enough to tell one text from another without keeping it: how long it is, and its FNV-1a digest.
struct TextPrint: Hashable {
    private let count: Int
    private let digest: UInt64

    init(_ text: [UInt8]) {
        count = text.count
        digest = text.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

// The state file, as the keeper keeps it.
extension Keeper {
    /// A transition: the state file is out of date. It is written in this turn, so that a kill finds
    /// it true; where hundreds follow because a peer failed, then once more a moment later.
    func askForRecord() { recordDue = recordDue ?? max(Clock.boot(), recordPause) }

    func recordMasters(at now: Instant) {
        guard let recordDue, recordDue <= now else { return }
        self.recordDue = nil
        recordPause = now + .milliseconds(20)
        // Slots and table may be of two generations for now.
        if pending == nil { record() } else { askForRecord() }
    }

    /// At once: before anything is done that a kill must not leave unnamed.
    func record() {
        guard pending == nil else { return askForRecord() }
        var held = leftovers
        held.add(standing)
        held.add(mastered)
        held.add(promised)
        write(held)
    }

    /// At the end. What no engine came to remove is left to the next start.
    func closeStateFile() {
        if leftovers.isEmpty { stateFile.remove() } else { write(leftovers) }
    }

    private func write(_ held: Leftovers) {
        let text = StateFile.text(held)
        let print = TextPrint(text)
        guard print != recorded else { return }
        recorded = print
        do throws(SystemError) {
            try stateFile.write(text)
        } catch {
            log.write(.warning, "cannot write \(stateFile.path): \(error)")
        }
    }

    /// What is there while an engine runs, and what settings were before.
    private var standing: Leftovers {
        var held = bundle.table.standing
        held.localIGMP = localIGMP
        let promoted = (0..<bundle.virtualRouterCount).filter { slots.promoted(by: $0) != 0 }
        guard !promoted.isEmpty else { return held }
        let declared = bundle.virtualRouters
        for index in promoted where declared[index].promotesSecondaries {
            let interface = PromotedInterface(
                name: declared[index].interface, index: slots.promoted(by: index))
            if !held.promoted.contains(interface) { held.promoted.append(interface) }
        }
        return held
    }

    /// What is mastered now. Adopted addresses are not ours to remove.
    private var mastered: Leftovers {
        var held = Leftovers()
        let declared = bundle.virtualRouters
        for index in slots.masters(count: declared.count) {
            let isAdopted = slots.state(of: index)?.hasAdopted ?? true
            let entry = declared[index]
            for address in entry.addresses where !(address.isOwners && isAdopted) {
                held.addresses.append(address)
            }
            held.routes += entry.routes
            held.rules += entry.rules
        }
        return held
    }

    /// What an engine may add while it takes a configuration over, before it says so. Whether an
    /// owner would find or add an address, nobody knows yet.
    func additions(of new: KeptBundle) -> Leftovers {
        var held = new.table.standing
        let old = bundle.virtualRouters
        var masters: [ByteString: HandoverEntry] = [:]
        for index in slots.masters(count: old.count) { masters[old[index].name] = old[index] }
        for entry in new.virtualRouters {
            guard let before = masters[entry.name], before != entry else { continue }
            held.addresses += entry.addresses.filter { !$0.isOwners }
            held.routes += entry.routes
            held.rules += entry.rules
        }
        return held
    }
}
