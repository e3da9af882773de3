import Advice
import Config
import Testing

/// docs/martlet.conf.5 held against the parser's own table.
@Suite struct ManualTests {
    /// Below a heading, up to the next one.
    private func part(_ heading: String, of page: String) -> [Substring] {
        let lines = page.split(separator: "\n")
        guard let start = lines.firstIndex(where: { $0 == heading }) else { return [] }
        return [Substring](
            lines[(start + 1)...].prefix { !$0.hasPrefix(".Ss ") && !$0.hasPrefix(".Sh ") })
    }

    /// The words that stand behind Cm.
    private func keywords(in lines: [Substring]) -> Set<String> {
        var found: Set<String> = []
        for line in lines where line.hasPrefix(".") {
            var isKeyword = false
            for word in line.dropFirst().split(separator: " ") {
                if word.count == 2, word.first?.isUppercase == true {
                    isKeyword = word == "Cm"
                } else if isKeyword {
                    found.insert(String(word))
                }
            }
        }
        return found
    }

    @Test func theManualNamesEveryKeywordInItsSection() throws {
        let page = try text(of: "docs/martlet.conf.5")
        let idle = keywords(
            in: part(".Sh KEYWORDS WITHOUT EFFECT", of: page)
                + part(".Sh VIRTUAL SERVERS", of: page))
        #expect(idle.count > 60)
        for (block, names) in keywordTable() {
            let section = part(".Ss \(block.isEmpty ? "root" : block)", of: page)
            #expect(!section.isEmpty, "\(block)")
            let named = keywords(in: section).union(idle)
            for name in names {
                let isNamed = named.contains(name)
                #expect(isNamed, "\(block): \(name)")
            }
        }
    }

    /// docs/martletctl.8 held against the table of lints, both ways.
    @Test func theManualExplainsEveryLint() throws {
        let page = try text(of: "docs/martletctl.8")
        let entries = part(".Sh LINTS", of: page).filter { $0.hasPrefix(".It Cm ") }
        let named = entries.map { String($0.dropFirst(".It Cm ".count)) }
        #expect(Set(named) == Set(Lint.allCases.map { $0.rawValue }))
        #expect(named.count == Set(named).count)
    }

    /// docs/martlet-findings.7 held against the codes in the sources, both ways.
    @Test func theManualExplainsEveryFinding() throws {
        let page = try text(of: "docs/martlet-findings.7")
        let entries = part(".Sh CODES", of: page).filter { $0.hasPrefix(".It Cm ") }
        let named = entries.map { String($0.dropFirst(".It Cm ".count)) }
        #expect(named == named.sorted())
        #expect(named.count == Set(named).count)
        let reading = ["ConfigurationReading", "ConfigurationTest", "Check"]
        let paths =
            try files(below: "Sources/Config", ending: ".swift")
            + reading.map { "Sources/Daemon/\($0).swift" }
        var reported: Set<String> = []
        var literals: Set<String> = []
        for path in paths {
            let source = try text(of: path)
            reported.formUnion(
                source.matches(
                    of:
                        /(?:error|warning|note|fail|report|append|missing)\(\s*\(?\s*"([a-z0-9]+(?:-[a-z0-9]+)*)"/
                )
                .map { String($0.1) })
            reported.formUnion(
                source.matches(
                    of: /\.(?:error|warning|note|security),\s*"([a-z0-9]+(?:-[a-z0-9]+)*)"/
                )
                .map { String($0.1) })
            literals.formUnion(
                source.matches(of: /"([a-z0-9]+(?:-[a-z0-9]+)*)"/).map { String($0.1) })
        }
        #expect(reported.count > 120)
        reported.formUnion(literals.filter { $0.contains("-") }.subtracting(words))
        #expect(reported.subtracting(named) == [])
        #expect(Set(named).subtracting(literals) == [])
    }

    /// Words with a hyphen that are no codes.
    private var words: Set<String> {
        [
            "flag-1", "flag-2", "flag-3", "sh-port", "sh-fallback", "mh-port", "mh-fallback",
            "ipv6-icmp", "martlet-engine", "receive-only", "ttl-propagate", "tunnel-id",
        ]
    }
}
