import Net
import VRRP

// What a track_… line names has to be defined above it: keepalived looks a name up when it reads
// the line, and a check that suddenly counted could take an address from a service that runs.
extension Interpreter {
    func isDefined(_ draft: TrackDraft) -> Bool {
        draft.kind == .interface || draft.kind == .bfd
            || names(draft.kind).contains(draft.name.text)
    }

    /// Of the blocks read so far.
    func names(_ kind: TrackDraft.Kind) -> [ByteString] {
        switch kind {
        case .interface: []
        case .script: scripts.map { $0.name.text }
        case .file: files.map { $0.name.text }
        case .process: processes.map { $0.name.text }
        case .bfd: bfdSessions.map { $0.name.text }
        }
    }

    /// Returns whether the name is defined, but too late.
    mutating func reportLateDefinition(_ draft: TrackDraft) -> Bool {
        guard !draft.isDefined, names(draft.kind).contains(draft.name.text) else { return false }
        findings.error(
            "defined-later", "\(draft.name.text) is defined further down: this line is ignored",
            draft.name, hint: "move the block of \(draft.name.text) above this one")
        return true
    }
}
