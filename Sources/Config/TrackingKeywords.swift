enum GroupKeyword: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case group, track_interface, track_script, track_file, track_process, track_bfd
    case notify_master, notify_backup, notify_fault, notify_stop, notify
    case smtp_alert, notify_priority_changes, sync_group_tracking_weight, global_tracking

    var shape: Shape {
        switch self {
        case .group, .track_interface, .track_script, .track_file, .track_process, .track_bfd:
            .block
        case .notify_master, .notify_backup, .notify_fault, .notify_stop, .notify: .command
        case .smtp_alert, .notify_priority_changes: .boolean
        case .sync_group_tracking_weight, .global_tracking: .flag
        }
    }

    static var idle: [IdleKeyword] {
        []
    }
}

enum ScriptKeyword: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case script, check, interval, timeout, weight, rise, fall, user, init_fail

    var shape: Shape {
        switch self {
        case .script, .interval, .timeout, .rise, .fall: .value
        case .check: .words(2...8)
        case .weight, .user: .words(1...2)
        case .init_fail: .flag
        }
    }

    static var idle: [IdleKeyword] { [] }
}

enum FileKeyword: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case file, weight, init_file

    var shape: Shape {
        switch self {
        case .file: .value
        case .weight: .words(1...2)
        case .init_file: .words(0...2)
        }
    }

    static var idle: [IdleKeyword] { [] }
}

enum ProcessKeyword: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case process, weight, quorum, quorum_max, fork_delay, terminate_delay, delay, full_command
    case param_match

    var shape: Shape {
        switch self {
        case .process: .words(1...64)
        case .weight: .words(1...2)
        case .quorum, .quorum_max, .fork_delay, .terminate_delay, .delay, .param_match: .value
        case .full_command: .flag
        }
    }

    static var idle: [IdleKeyword] { [] }
}
