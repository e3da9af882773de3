import Net

// How fast gratuitous ARP and Neighbor Advertisements may follow each other.
extension Interpreter {
    /// Seconds with decimals down to a microsecond.
    mutating func gap(_ statement: Statement) -> Interval? {
        let gap = interval(statement, in: .microseconds(1)...(.seconds(4294)))
        if let gap, gap >= .seconds(1) {
            findings.warning(
                "long-gap", "with \(secondsText(gap)) s between frames announcing takes long",
                statement.keyword)
        }
        return gap
    }

    /// `[all] SECONDS`
    mutating func extraAnnouncement(_ statement: Statement) -> ExtraAnnouncement? {
        guard let word = statement.values.last else { return nil }
        var includesOwn = false
        if statement.values.count == 2, let first = statement.values.first {
            guard first.text == "all" else {
                findings.error(
                    "unknown-word", "\(first.text) is not known here", first, hint: "all")
                return nil
            }
            includesOwn = true
        }
        guard let seconds = integer(word, in: 1...86400, of: statement) else { return nil }
        return ExtraAnnouncement(interval: .seconds(Int64(seconds)), includesOwn: includesOwn)
    }

    mutating func garpGroup(_ statement: Statement) {
        findings.block = "garp_group"
        defer { findings.block = "" }
        var group = AnnouncementGroup()
        for line in statement.body {
            guard let keyword: GarpGroupKeyword = accept(line) else { continue }
            switch keyword {
            case .garp_interval: group.gaps.arp = gap(line) ?? .zero
            case .gna_interval: group.gaps.neighbor = gap(line) ?? .zero
            case .interface: if let word = line.values.first { member(word, &group) }
            case .interfaces:
                for inner in line.body { for word in inner.words { member(word, &group) } }
            }
        }
        if group.interfaces.isEmpty || group.gaps == AnnouncementGaps() {
            findings.error(
                "empty-group", "a garp_group needs an interval and an interface: it is left out",
                statement.keyword)
        } else {
            globals.values.announcementGroups.append(group)
        }
    }

    private mutating func member(_ word: Word, _ group: inout AnnouncementGroup) {
        guard let name = interfaceName(word) else { return }
        for other in globals.values.announcementGroups where other.interfaces.contains(name) {
            findings.error("member-of-two", "\(name) is in another garp_group already", word)
            return
        }
        Config.add(name, to: &group.interfaces)
    }
}

enum GarpGroupKeyword: String, KeywordSet {
    static let index = KeywordIndex<Self>()
    case garp_interval, gna_interval, interface, interfaces

    var shape: Shape { self == .interfaces ? .block : .value }
    static var idle: [IdleKeyword] { [] }
}
