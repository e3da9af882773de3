import Daemon
import Foundation
import Testing

@Suite struct DocumentTests {
    /// `--name` of every line of the usage text.
    private var longOptions: [String] {
        usageText().split(separator: "\n").compactMap { line in
            guard let start = line.range(of: "--") else { return nil }
            return String(line[start.upperBound...].prefix { $0.isLetter || "-_".contains($0) })
        }
    }

    @Test func theManualNamesEveryOption() throws {
        let manual = try text(of: "docs/martletd.8")
        #expect(longOptions.count > 40)
        for option in longOptions {
            let isNamed = manual.contains("Fl -\(option) ") || manual.contains("Fl -\(option)\n")
            #expect(isNamed, "--\(option)")
        }
    }

    @Test func thePlacesThatTheArchitectureNamesAreThere() throws {
        let page = try text(of: "docs/architecture.md")
        var named = 0
        for word in page.split(whereSeparator: { " `()|,\n".contains($0) })
        where word.hasPrefix("Sources/") || word.hasPrefix("Tests/") {
            named += 1
            let path = root.appendingPathComponent(String(word)).path
            #expect(FileManager.default.fileExists(atPath: path), "\(word)")
        }
        #expect(named > 5)
    }

    /// A relative link leads to a file.
    @Test func linksLeadSomewhere() throws {
        let pages = try ["README.md", "CHANGELOG.md"] + files(below: "docs", ending: ".md")
        for page in pages {
            let folder = root.appendingPathComponent(page).deletingLastPathComponent()
            for piece in try text(of: page).components(separatedBy: "](").dropFirst() {
                let target = piece.prefix { $0 != ")" && $0 != "#" }
                guard !target.isEmpty, !target.hasPrefix("http") else { continue }
                let path = folder.appendingPathComponent(String(target)).path
                #expect(FileManager.default.fileExists(atPath: path), "\(page): \(target)")
            }
        }
    }

    @Test func decisionsAreNumberedAndGiveTheirReasons() throws {
        let pages = try files(below: "docs/adr", ending: ".md")
        for (position, page) in pages.enumerated() {
            let number = String(format: "docs/adr/%04d-", position + 1)
            #expect(page.hasPrefix(number), "\(page)")
            for part in ["**Problem.**", "**Decision.**"] {
                #expect(try text(of: page).contains(part), "\(page): \(part)")
            }
        }
        #expect(pages.count >= 5)
    }
}
