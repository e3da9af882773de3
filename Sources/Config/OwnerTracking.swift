import Net
import VRRP

// The priority of an address owner never changes, so that weights mean nothing to it.
extension Interpreter {
    /// Scripts and interfaces with a weight are left out, files count as without one.
    mutating func settleOwnerWeights(
        of draft: InstanceDraft, _ entries: [TrackingEntry], in configuration: Configuration
    ) -> [TrackingEntry] {
        var result: [TrackingEntry] = []
        for entry in entries {
            guard let object = configuration.weighted(entry) else {
                result.append(entry)
                continue
            }
            switch object {
            case .interface, .script: reportOwnerWeight(draft, "is left out")
            case .file:
                reportOwnerWeight(draft, "counts as 0")
                result.append(TrackingEntry(object: entry.object, weight: Weight(0)))
            case .process, .bfd, .device, .staticGroup: result.append(entry)
            }
        }
        return result
    }

    private mutating func reportOwnerWeight(_ draft: InstanceDraft, _ what: String) {
        findings.warning(
            "owner-weight",
            "\(draft.name.text) has priority 255, which no weight changes: what it tracks with a "
                + "weight " + what, draft.name,
            hint: "write weight 0: a failure is a fault then; or a priority below 255")
    }
}
