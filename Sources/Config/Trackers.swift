import Net
import VRRP

/// One line of a track_… block.
struct TrackDraft {
    enum Kind {
        case interface
        case script
        case file
        case process
        case bfd
    }

    var kind: Kind
    var name: Word
    /// Nil: that of the object.
    var weight: Weight?
    /// Its block stands above the line, as keepalived wants it.
    var isDefined = true
    /// What follows the name could not be understood: the line counts for nothing.
    var isRefused = false
}

struct ScriptDraft {
    var name: Word
    var command: Command?
    /// check
    var check: BuiltInCheck?
    /// What it says could not be understood.
    var hasBadCheck = false
    var interval = Interval.seconds(1)
    /// Nil: as the interval.
    var timeout: Interval?
    var rise = 1
    var fall = 1
    var weight = Weight(0)
    var startsFailed = false
    var user: ByteString?
    var group: ByteString?
}

struct FileDraft {
    var name: Word
    var path: ByteString?
    var weight = Weight(1)
    var initialValue: Int?
    var overwrites = false
}

struct ProcessDraft {
    var name: Word
    var command: [ByteString] = []
    var weight = Weight(0)
    var fullCommand = false
    /// param_match.
    var parameterMatch: ProcessMatching?
    var quorum = 1
    var quorumMaximum: Int?
    var forkDelay = Interval.zero
    var terminateDelay = Interval.zero
}

extension Interpreter {
    /// `NAME [weight N [reverse]]`, one a line.
    mutating func trackBlock(
        _ kind: TrackDraft.Kind, _ statement: Statement, _ list: inout [TrackDraft]
    ) {
        for line in statement.body {
            guard let name = line.keyword else { continue }
            if kind == .interface && interfaceName(name) == nil { continue }
            if list.contains(where: { $0.kind == kind && $0.name.text == name.text }) {
                findings.error("duplicate-track", "\(name.text) is tracked already", name)
                continue
            }
            if kind == .bfd && !hasSession(name) { continue }
            var draft = TrackDraft(kind: kind, name: name)
            draft.isDefined = isDefined(draft)
            trackOptions(line, &draft)
            if !draft.isRefused { list.append(draft) }
        }
    }

    private mutating func trackOptions(_ line: Statement, _ draft: inout TrackDraft) {
        guard let option = line.values.first else { return }
        let range = draft.kind == .file || draft.kind == .process ? -254...254 : -253...253
        if option.text == "weight" {
            draft.weight = weight(line.values.dropFirst(), in: range, of: line)
        } else {
            draft.isRefused = true
            findings.error(
                "unknown-word",
                "\(option.text) after \(draft.name.text) is unknown: the line is ignored", option,
                hint: "only weight may follow; comments start with # or !")
        }
    }

    mutating func scriptBlock(_ statement: Statement) {
        guard let name = statement.values.first else { return }
        findings.block = ByteString("vrrp_script \(name.text)")
        if isFirst("vrrp_script", name) {
            var draft = ScriptDraft(name: name)
            for inner in statement.body { scriptStatement(inner, &draft) }
            scripts.append(draft)
        }
        findings.block = ""
    }

    private mutating func scriptStatement(_ statement: Statement, _ draft: inout ScriptDraft) {
        guard let keyword: ScriptKeyword = accept(statement) else { return }
        switch keyword {
        case .script:
            draft.command = command(statement)
            draft.command?.user = nil
            draft.command?.group = nil
        case .check:
            draft.check = builtInCheck(statement)
            draft.hasBadCheck = draft.check == nil
        case .interval: draft.interval = scriptTime(statement) ?? draft.interval
        case .timeout: draft.timeout = scriptTime(statement, zeroIsUnset: true)
        case .weight:
            draft.weight =
                weight(statement.values, in: -253...253, of: statement) ?? draft.weight
        case .rise: draft.rise = integer(statement, in: 1...1_000_000) ?? 1
        case .fall: draft.fall = integer(statement, in: 1...1_000_000) ?? 1
        case .user:
            draft.user = statement.values.first?.text
            draft.group = statement.values.dropFirst().first?.text
        case .init_fail: draft.startsFailed = true
        }
    }

    private mutating func scriptTime(
        _ statement: Statement, zeroIsUnset: Bool = false
    ) -> Interval? {
        let longest = Interval.seconds(1_000_000)
        guard let word = statement.values.first, seconds(word.text) == .zero else {
            return interval(statement, in: .milliseconds(1)...longest)
        }
        findings.error(
            "bad-number", "\(statement.keyword?.text ?? "") must not be 0: 1 s is used", word)
        return .seconds(1)
    }

    mutating func fileBlock(_ statement: Statement) {
        guard let name = statement.values.first else { return }
        findings.block = ByteString("vrrp_track_file \(name.text)")
        if isFirst("track_file", name) {
            var draft = FileDraft(name: name)
            for inner in statement.body { fileStatement(inner, &draft) }
            files.append(draft)
        }
        findings.block = ""
    }

    private mutating func fileStatement(_ statement: Statement, _ draft: inout FileDraft) {
        guard let keyword: FileKeyword = accept(statement) else { return }
        switch keyword {
        case .file: draft.path = statement.values.first?.text
        case .weight:
            let range = -2_147_483_647...2_147_483_647
            draft.weight = weight(statement.values, in: range, of: statement) ?? draft.weight
        case .init_file: initialValue(statement, &draft)
        }
    }

    private mutating func initialValue(_ statement: Statement, _ draft: inout FileDraft) {
        draft.initialValue = 0
        for word in statement.values {
            if word.text == "overwrite" {
                draft.overwrites = true
            } else if let value = Config.integer(word.text) {
                draft.initialValue = value
            } else {
                findings.error("unknown-word", "unknown option \(word.text) of init_file", word)
            }
        }
    }

    mutating func processBlock(_ statement: Statement) {
        guard let name = statement.values.first else { return }
        findings.block = ByteString("vrrp_track_process \(name.text)")
        if isFirst("track_process", name) {
            var draft = ProcessDraft(name: name)
            for inner in statement.body { processStatement(inner, &draft) }
            processes.append(draft)
        }
        findings.block = ""
    }

    private mutating func processStatement(_ statement: Statement, _ draft: inout ProcessDraft) {
        guard let keyword: ProcessKeyword = accept(statement) else { return }
        let delays = Interval.zero...Interval.seconds(3600)
        switch keyword {
        case .process: draft.command = statement.values.map { $0.text }
        case .weight:
            draft.weight =
                weight(statement.values, in: -254...254, of: statement) ?? draft.weight
        case .quorum: draft.quorum = integer(statement, in: 1...65535) ?? 1
        case .quorum_max: draft.quorumMaximum = integer(statement, in: 0...65535)
        case .fork_delay: draft.forkDelay = interval(statement, in: delays) ?? .zero
        case .terminate_delay: draft.terminateDelay = interval(statement, in: delays) ?? .zero
        case .delay:
            draft.forkDelay = interval(statement, in: delays) ?? .zero
            draft.terminateDelay = draft.forkDelay
        case .full_command: draft.fullCommand = true
        case .param_match: draft.parameterMatch = parameterMatch(statement)
        }
    }

    private mutating func parameterMatch(_ statement: Statement) -> ProcessMatching? {
        guard let word = statement.values.first else { return nil }
        if word.text == "initial" { return .initial }
        if word.text == "partial" { return .partial }
        findings.error(
            "bad-value", "unknown param_match \(word.text): parameters must be equal", word,
            hint: "initial or partial")
        return nil
    }
}
