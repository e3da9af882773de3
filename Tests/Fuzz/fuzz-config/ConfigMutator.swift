import Config

// What the fuzzer does to configurations, and the plain tests too: changes that keep most of the
// grammar, since bytes by chance hardly ever get past the first keyword.

/// Changes a text, statement by statement; the same seed makes the same change.
struct ConfigMutator {
    private enum Change: CaseIterable {
        case insert, remove, duplicate, swap, move, replaceValue, replaceKeyword, addWord, nest
        case loseBrace, grow
    }

    /// `{` ends a line that opens a block, `}` stands alone where it is closed.
    private var lines: [[UInt8]] = []
    private var random: UInt64

    init(seed: UInt64) { random = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    /// One to four changes; what does not fit into the limit is cut off.
    mutating func mutate(_ text: [UInt8], limit: Int) -> [UInt8] {
        lines = text.split(separator: newline, omittingEmptySubsequences: false).map { [UInt8]($0) }
        for _ in 0...draw(4) { change() }
        return [UInt8](lines.joined(separator: [newline]).prefix(limit))
    }

    private mutating func change() {
        guard !lines.isEmpty, let change = Change.allCases.randomElement(using: &self) else {
            return insert()
        }
        switch change {
        case .insert: insert()
        case .remove: lines.removeSubrange(statement())
        case .duplicate:
            let range = statement()
            lines.insert(contentsOf: lines[range], at: range.upperBound)
        case .swap: swap()
        case .move:
            let range = statement()
            let moved = lines[range]
            lines.removeSubrange(range)
            lines.insert(contentsOf: moved, at: draw(lines.count + 1))
        case .replaceValue: editWord { $1 > 0 ? $0.value() : nil }
        case .replaceKeyword: replaceKeyword()
        case .addWord: editWord { _, _ in nil }
        case .nest: nest()
        case .loseBrace: loseBrace()
        case .grow: grow()
        }
    }

    private mutating func insert() {
        let place = draw(lines.count + 1)
        // Mostly one that belongs there.
        let block = draw(8) == 0 ? anyBlock() : block(at: place)
        var line = keyword(of: block)
        for _ in 0..<draw(4) { line += [blank] + value() }
        lines.insert(contentsOf: draw(6) == 0 ? [line + opening, [closing]] : [line], at: place)
    }

    /// Two statements change places.
    private mutating func swap() {
        let one = statement()
        let other = statement()
        let (first, last) = one.lowerBound < other.lowerBound ? (one, other) : (other, one)
        guard first.upperBound <= last.lowerBound else { return }
        let moved = [[UInt8]](lines[first])
        let replaced = [[UInt8]](lines[last])
        lines.replaceSubrange(last, with: moved)
        lines.replaceSubrange(first, with: replaced)
    }

    private mutating func replaceKeyword() {
        let place = draw(lines.count)
        let end = lines[place].firstIndex { $0 == blank } ?? lines[place].count
        let name = keyword(of: draw(4) == 0 ? anyBlock() : block(at: place))
        lines[place].replaceSubrange(..<end, with: name)
    }

    /// A statement gets a block around it.
    private mutating func nest() {
        let range = statement()
        var line = keyword(of: draw(2) == 0 ? "" : anyBlock())
        if draw(2) == 0 { line += [blank] + value() }
        lines.insert([closing], at: range.upperBound)
        lines.insert(line + opening, at: range.lowerBound)
    }

    private mutating func loseBrace() {
        let braces = lines.indices.filter { isClosing(lines[$0]) || isOpening(lines[$0]) }
        guard let place = braces.randomElement(using: &self) else { return }
        if isClosing(lines[place]) {
            lines.remove(at: place)
        } else {
            lines[place].removeLast()
        }
    }

    /// What makes more of a line, or less.
    private mutating func grow() {
        let place = draw(lines.count)
        let before = [
            "@node1 ", "@^node1 ", "~SEQ(v, 1, 1, 3) ", "~SEQ(v, 5) ~SEQ(w, 0, 2, 6) ",
            "~LST(v, a, b) ", "$V=", "include ", "# ",
        ].randomElement(using: &self)
        lines[place].insert(contentsOf: [UInt8]((before ?? "").utf8), at: 0)
        if draw(3) == 0 { lines[place] += [UInt8](" $v${v}\\".utf8) }
    }

    /// Replaces the word at a position, or adds one where the closure has none.
    private mutating func editWord(_ replacement: (inout ConfigMutator, Int) -> [UInt8]?) {
        let place = draw(lines.count)
        var words = lines[place].split(separator: blank).map { [UInt8]($0) }
        guard !words.isEmpty else { return }
        let position = draw(words.count)
        if let new = replacement(&self, position) {
            words[position] = new
        } else {
            words.insert(value(), at: draw(words.count + 1))
        }
        lines[place] = [UInt8](words.joined(separator: [blank]))
    }

    // MARK: What is where

    /// A line, and all of its block where it opens one.
    private mutating func statement() -> Range<Int> {
        let start = draw(lines.count)
        guard isOpening(lines[start]) else { return start..<(start + 1) }
        var depth = 0
        for place in start..<lines.count {
            if isOpening(lines[place]) { depth += 1 }
            if isClosing(lines[place]) { depth -= 1 }
            if depth == 0 { return start..<(place + 1) }
        }
        return start..<(start + 1)
    }

    /// The keyword of the block that a line is in.
    private func block(at place: Int) -> String {
        var names: [String] = []
        for line in lines[..<place] {
            if isOpening(line) {
                let word = line.split(whereSeparator: { $0 == blank || $0 == 9 }).first ?? []
                names.append(String(decoding: word, as: UTF8.self))
            } else if isClosing(line) {
                _ = names.popLast()
            }
        }
        return names.last ?? ""
    }

    private func isOpening(_ line: [UInt8]) -> Bool { line.last == opening.last }

    private func isClosing(_ line: [UInt8]) -> Bool {
        line.contains(closing) && !line.contains { $0 > blank && $0 != closing }
    }

    // MARK: What is put there

    private mutating func anyBlock() -> String {
        keywordTable().randomElement(using: &self)?.block ?? ""
    }

    private mutating func keyword(of block: String) -> [UInt8] {
        let table = keywordTable()
        let names = (table.first { $0.block == block } ?? table[draw(table.count)]).names
        return [UInt8]((names.randomElement(using: &self) ?? "").utf8)
    }

    private mutating func value() -> [UInt8] {
        switch draw(10) {
        case 0: [UInt8](repeating: UInt8(ascii: "x"), count: draw(40))
        case 1: [UInt8]("\(Int(truncatingIfNeeded: next()) >> draw(64))".utf8)
        default: [UInt8]((values.randomElement(using: &self) ?? "").utf8)
        }
    }

    private var values: [String] {
        [
            "0", "1", "2", "50", "51", "100", "254", "255", "256", "-1", "-253", "65536",
            "4294967295", "9223372036854775807", "1.5", "0.01", "40.96", "1e9", "00", "+7", "5;",
            "MASTER", "BACKUP", "master", "PASS", "AH", "on", "off", "true", "no", "weight",
            "reverse", "VI_1", "VI_2", "G", "s", "f", "p", "eth0", "lo", "default", "all", "any",
            "192.0.2.10", "192.0.2.10/24", "192.0.2.10/33", "0.0.0.0/0", "224.0.0.18", "ff02::12",
            "2001:db8::10/64", "fe80::10", "::/0", "192.0.2.1-9", "02:00:00:00:00:05", "{", "}",
            "dev", "via", "nexthop", "table", "label", "brd", "track_group", "file:/k", "hex:00ff",
            "\"a b\"", "\"", "'", "\\", "#", "!", "$V", "${V}", "${_RANDOM 1 5}", "~SEQ(v,1,1,9)",
            "\u{a0}", "\u{3000}", "\u{feff}", "/bin/true", "</dev/tcp/192.0.2.1/80", "TCP", "80",
        ]
    }

    private mutating func draw(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }
}

extension ConfigMutator: RandomNumberGenerator {
    mutating func next() -> UInt64 {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return random
    }
}

private let newline = UInt8(ascii: "\n")
private let blank = UInt8(ascii: " ")
private let closing = UInt8(ascii: "}")
private let opening = [UInt8](" {".utf8)
