import Net
import VRRP

/// A vrrp_sync_group as written.
struct GroupDraft {
    var name: Word
    var members: [Word] = []
    var tracking: [TrackDraft] = []
    var usesMemberWeights = false
    var notify = NotifyCommands()
    var notifiesPriorities: Bool?
    var sendsMail: Bool?
}

extension Interpreter {
    mutating func groupBlock(_ statement: Statement) {
        guard let name = statement.values.first else { return }
        findings.block = ByteString("vrrp_sync_group \(name.text)")
        if isFirst("vrrp_sync_group", name) {
            var draft = GroupDraft(name: name)
            for inner in statement.body { groupStatement(inner, &draft) }
            groups.append(draft)
        }
        findings.block = ""
    }

    private mutating func groupStatement(_ statement: Statement, _ draft: inout GroupDraft) {
        guard let keyword: GroupKeyword = accept(statement) else { return }
        switch keyword {
        case .group: members(statement, &draft)
        case .track_interface: trackBlock(.interface, statement, &draft.tracking)
        case .track_script: trackBlock(.script, statement, &draft.tracking)
        case .track_file: trackBlock(.file, statement, &draft.tracking)
        case .track_process: trackBlock(.process, statement, &draft.tracking)
        case .track_bfd: trackBlock(.bfd, statement, &draft.tracking)
        case .notify_master: notify(statement, &draft.notify.master)
        case .notify_backup: notify(statement, &draft.notify.backup)
        case .notify_fault: notify(statement, &draft.notify.fault)
        case .notify_stop: notify(statement, &draft.notify.stop)
        case .notify: notify(statement, &draft.notify.any)
        case .notify_priority_changes:
            draft.notifiesPriorities = boolean(statement) ?? draft.notifiesPriorities
        case .smtp_alert: draft.sendsMail = boolean(statement) ?? draft.sendsMail
        case .sync_group_tracking_weight, .global_tracking: draft.usesMemberWeights = true
        }
    }

    private mutating func members(_ statement: Statement, _ draft: inout GroupDraft) {
        if !draft.members.isEmpty {
            findings.error("repeated", "group was given before: ignored", statement.keyword)
            return
        }
        for line in statement.body { draft.members += line.words }
    }
}
