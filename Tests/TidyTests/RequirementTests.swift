import Foundation
import Testing

/// docs/rfc.md: every clause names the tests that show it, and each of them is there.
@Suite struct RequirementTests {
    /// The two columns of tests of every row, in cells.
    private func rows(_ page: String) -> [[String]] {
        var rows: [[String]] = []
        for line in page.split(separator: "\n") where line.hasPrefix("|") {
            let cells = line.dropFirst().dropLast().components(separatedBy: "|").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            if cells.count == 5, !cells[0].hasPrefix("--"), cells[3] != "proves it" {
                rows.append(cells)
            }
        }
        return rows
    }

    private func names(_ cell: String) -> [String] {
        cell.isEmpty || cell.hasPrefix("(") ? [] : cell.components(separatedBy: ", ")
    }

    /// `file.case`, where a pair of cases may be made of one name.
    private func hasCase(_ name: String) throws -> Bool {
        let parts = name.components(separatedBy: ".")
        for folder in ["cases", "interop", "vm"] {
            let path = "Tests/blackbox/\(folder)/\(parts[0]).py"
            let file = root.appendingPathComponent(path).path
            guard FileManager.default.fileExists(atPath: file) else { continue }
            let text = try text(of: path)
            if text.contains("\ndef \(parts[1])(") { return true }
            for suffix in ["_martlet_first", "_peer_first"] where parts[1].hasSuffix(suffix) {
                if text.contains("_cases('\(parts[1].dropLast(suffix.count))'") { return true }
            }
        }
        return false
    }

    @Test func everyTestThatIsNamedIsThere() throws {
        var swift = ""
        for file in try files(below: "Tests", ending: ".swift") { swift += try text(of: file) }
        var count = 0
        for row in rows(try text(of: "docs/rfc.md")) {
            for name in names(row[3]) + names(row[4]) {
                count += 1
                let isThere =
                    name.contains(".") ? try hasCase(name) : swift.contains("func \(name)(")
                #expect(isThere, "\(name)")
            }
        }
        #expect(count > 180)
    }

    /// Where there is none the page says why.
    @Test func everyClauseIsShown() throws {
        let rows = rows(try text(of: "docs/rfc.md"))
        #expect(rows.count > 90)
        for row in rows {
            #expect(!row[3].isEmpty, "\(row[2])")
            #expect(!row[4].isEmpty || row[3].hasPrefix("("), "\(row[2])")
        }
    }
}
