import Net
import VRRP

/// Turns statements into a configuration. Whatever it is given, a configuration comes out; what
/// could not be used is in the findings.
struct Interpreter {
    var findings = Findings()
    var globals = GlobalsDraft()
    var instances: [InstanceDraft] = []
    var groups: [GroupDraft] = []
    var scripts: [ScriptDraft] = []
    var files: [FileDraft] = []
    var processes: [ProcessDraft] = []
    var bfdSessions: [BFDDraft] = []
    /// Of virtual interfaces, each once in the whole text.
    var virtualInterfaceNames: Set<ByteString> = []
    private struct BlockName: Hashable {
        var kind: String
        var name: ByteString
    }

    /// Of blocks with names.
    private var blockNames: Set<BlockName> = []
    /// Of the instances that are left, once all are known; and the group that each is in.
    var positions: [ByteString: Int] = [:]
    var groupOf: [Int: ByteString] = [:]
    var vridClaims = VRIDClaims()
    var trackedNames: Set<ObjectName> = []
    var statics = StaticItems()
    var trackGroups: [TrackGroupDraft] = []
    var names = RoutingNames()
    /// The next preference for rules that name none.
    var automaticPreferences: [Family: UInt32] = [:]

    private var lostGlobals = false
    private var swallowedClose = false
    var sawVirtualServers = false
    var sawSSL = false
    var balancerCommands: [Command] = []

    mutating func interpret(_ item: RootItem) {
        switch item {
        case .statement(let statement): root(statement)
        case .strayClose(let location): strayClose(location)
        }
    }

    private mutating func strayClose(_ location: SourceLocation) {
        if lostGlobals && !swallowedClose {
            swallowedClose = true
            return
        }
        let word = Word(text: "}", location: location, isQuoted: false)
        findings.error(
            "extra-brace", "this } closes nothing", word,
            hint: "remove it, or write the { that it belongs to")
    }

    private mutating func root(_ statement: Statement) {
        guard let keyword = statement.keyword else { return }
        if RootKeyword.named(keyword.text) == nil, RootKeyword.idleKeyword(keyword.text) == nil,
            GlobalKeyword.named(keyword.text) != nil
                || GlobalKeyword.idleKeyword(keyword.text) != nil
        {
            reportLostGlobals(keyword)
            globalStatement(statement)
            return
        }
        guard let known: RootKeyword = accept(statement) else { return }
        switch known {
        case .global_defs: globalsBlock(statement)
        case .vrrp_instance: instanceBlock(statement)
        case .vrrp_sync_group: groupBlock(statement)
        case .vrrp_script: scriptBlock(statement)
        case .vrrp_track_file, .track_file: fileBlock(statement)
        case .vrrp_track_process: processBlock(statement)
        case .track_group: trackGroup(statement)
        case .garp_group: garpGroup(statement)
        case .bfd_instance: bfdBlock(statement)
        case .interface_up_down_delays: linkDelays(statement)
        case .linkbeat_interfaces, .linkbeat_use_polling: linkbeat(keyword)
        case .static_ipaddress, .static_routes, .static_rules: staticBlock(known, statement)
        case .virtual_server: balancerBlock(statement, .virtualServer)
        case .virtual_server_group: balancerBlock(statement, .virtualServerGroup)
        case .SSL: balancerBlock(statement, .ssl)
        }
    }

    private mutating func reportLostGlobals(_ keyword: Word) {
        if lostGlobals { return }
        lostGlobals = true
        findings.warning(
            "lost-global-defs", "\(keyword.text) stands outside of global_defs", keyword,
            hint: "the line 'global_defs {' seems to be lost; read as if it were there")
    }

    /// Whether a block's name is the first of its kind; if not, the block is an error.
    mutating func isFirst(_ kind: String, _ name: Word) -> Bool {
        if blockNames.insert(BlockName(kind: kind, name: name.text)).inserted { return true }
        findings.error(
            "duplicate-name", "\(kind) \(name.text) exists already: this one is ignored", name,
            hint: "give each block a name of its own")
        return false
    }

    /// The keyword of a statement that has an effect and the words and block it needs; else nil,
    /// and the findings say why.
    mutating func accept<Keyword: KeywordSet>(_ statement: Statement) -> Keyword? {
        guard let word = statement.keyword else { return nil }
        if let keyword = Keyword.named(word.text) {
            return hasShape(statement, keyword.shape) ? keyword : nil
        }
        if let idle = Keyword.idleKeyword(word.text) {
            if hasShape(statement, idle.shape) { checkIdle(idle, statement, word) }
            return nil
        }
        var hint = nearest(word.text, among: Keyword.allNames).map { "did you mean \($0)?" }
        if let home = homeOf(word.text) { hint = home }
        if word.text.bytes.starts(with: "//".utf8) {
            hint = "comments start with # or !"
        } else {
            hint = semicolonHint(word) ?? hint
        }
        findings.error("unknown-keyword", "unknown keyword \(word.text)", word, hint: hint)
        return nil
    }

    mutating func hasShape(_ statement: Statement, _ shape: Shape) -> Bool {
        guard let keyword = statement.keyword else { return false }
        let count = statement.values.count
        if count < shape.words.lowerBound {
            if statement.hasBlock { return reportBrace(keyword, isBlock: shape.hasBlock) }
            findings.error(
                "missing-value", "\(keyword.text) needs a value: the line is ignored", keyword,
                hint: "write the value behind \(keyword.text), or remove the line")
            return false
        }
        if shape.words.upperBound >= 1_000_000 { return true }
        if count > shape.words.upperBound {
            reportSurplus(statement.values.dropFirst(shape.words.upperBound), keyword)
        }
        if shape.hasBlock && !statement.hasBlock {
            findings.error(
                "missing-block", "\(keyword.text) needs a block in braces", keyword,
                hint: "write { after \(keyword.text) and } after its last line")
            return false
        }
        if !shape.hasBlock && statement.hasBlock {
            findings.error("unexpected-block", "\(keyword.text) has no block", keyword)
        }
        return true
    }

    private mutating func checkIdle(_ idle: IdleKeyword, _ statement: Statement, _ word: Word) {
        if let range = idle.range, let value = statement.values.first {
            guard let number = seconds(value.text), range.contains(number) else {
                findings.error(
                    "bad-number",
                    "\(word.text) \(value.text) is no number of seconds from "
                        + "\(secondsText(range.lowerBound)) to \(secondsText(range.upperBound))",
                    value)
                return
            }
        }
        if word.text == "lvs_sync_daemon_interface" {
            findings.warning(
                "lvs-daemon-place",
                "\(word.text) is ignored: this daemon does not balance, and it belongs elsewhere",
                word, hint: "keepalived wants lvs_sync_daemon in global_defs")
            return
        }
        if word.text.bytes.starts(with: [UInt8]("lvs_sync_daemon".utf8)) {
            findings.note(
                "virtual-servers",
                "\(word.text) is ignored: this daemon does not balance, and starts no LVS sync daemon",
                word)
            return
        }
        if word.text.bytes.starts(with: [UInt8]("bfd_".utf8)) {
            findings.note(
                "bfd", "\(word.text) is ignored: this daemon speaks no BFD, and tracks none", word)
            return
        }
        findings.note(
            "unsupported", "\(word.text) is not supported yet: it has no effect", word)
    }
}
