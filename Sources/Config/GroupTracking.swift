import Net
import VRRP

// What members of a sync group track themselves: without sync_group_tracking_weight only what has
// no weight counts, since the members go together.
extension Interpreter {
    /// Interfaces become faults, and so does a file that has the usual one; everything else that
    /// has a weight is left out.
    mutating func settleMemberWeights(
        of draft: InstanceDraft, _ entries: [TrackingEntry], in configuration: Configuration
    ) -> [TrackingEntry] {
        var result: [TrackingEntry] = []
        for entry in entries {
            guard let object = configuration.weighted(entry) else {
                result.append(entry)
                continue
            }
            switch object {
            case .interface:
                reportMemberWeight(draft, "is a fault when it fails")
                result.append(TrackingEntry(object: entry.object, weight: Weight(0)))
                // keepalived adds it before it drops it: the peer's priority has it.
                if entry.weight.value > 0, !entry.weight.isReversed {
                    result.append(
                        TrackingEntry(
                            object: entry.object, weight: entry.weight, countsInGroup: true))
                }
            case .file where entry.weight == Weight(1):
                result.append(TrackingEntry(object: entry.object, weight: Weight(0)))
            // Always of weight 0.
            case .device, .staticGroup: result.append(entry)
            case .file, .script, .process, .bfd: reportMemberWeight(draft, "is left out")
            }
        }
        return result
    }

    private mutating func reportMemberWeight(_ draft: InstanceDraft, _ what: String) {
        findings.enter(instance: draft.name.text)
        findings.warning(
            "member-weight",
            "\(draft.name.text) is in a sync group: what it tracks with a weight "
                + what, draft.name,
            hint: "track it in the group, or write sync_group_tracking_weight there")
    }
}

extension Configuration {
    /// What an entry tracks, if its weight is not 0.
    func weighted(_ entry: TrackingEntry) -> TrackedObject? {
        guard entry.weight.value != 0, trackedObjects.indices.contains(entry.object) else {
            return nil
        }
        return trackedObjects[entry.object]
    }
}
