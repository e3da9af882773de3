import Foundation
import Testing

/// The package's folder, found from this file's own place.
let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

func text(of path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
}

/// Paths below a folder, relative to the package.
func files(below folder: String, ending: String) throws -> [String] {
    let names = try FileManager.default.subpathsOfDirectory(
        atPath: root.appendingPathComponent(folder).path)
    return names.filter { $0.hasSuffix(ending) }.map { folder + "/" + $0 }.sorted()
}

@Suite struct ModuleTests {
    /// What each module may import: docs/architecture.md, "Modules: arrows one way".
    static let arrows: [(module: String, imports: Set<String>)] = [
        ("Net", []),
        ("VRRP", ["Net"]),
        ("Config", ["VRRP", "Net"]),
        ("Control", ["VRRP", "Net"]),
        ("Linux", ["Net", "CNetlink", "CLinux"]),
        ("Mail", ["Net"]),
        ("Foresight", ["Config", "VRRP", "Net"]),
        ("Advice", ["Config", "Foresight", "VRRP", "Net"]),
        (
            "Daemon",
            ["Advice", "Config", "Control", "Foresight", "Linux", "Mail", "VRRP", "Net"]
        ),
        ("martlet", ["Daemon"]),
        ("martlet-mail", ["CMail", "Mail", "Net"]),
    ]

    private func imports(of path: String) throws -> [String] {
        var found: [String] = []
        for line in try text(of: path).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let position = words.firstIndex(of: "import"), position < 2,
                position + 1 < words.count
            else { continue }
            found.append(String(words[position + 1]))
        }
        return found
    }

    @Test(arguments: arrows) func importsOnlyWhatItsArrowsAllow(
        module: String, allowed: Set<String>
    ) throws {
        let sources = try files(below: "Sources/\(module)", ending: ".swift")
        #expect(!sources.isEmpty)
        for source in sources {
            for name in try imports(of: source) {
                #expect(allowed.contains(name), "\(source) imports \(name)")
            }
        }
    }

    @Test func everySourceFolderHasItsArrows() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: root.appendingPathComponent("Sources").path)
        let known = Set(Self.arrows.map { $0.module } + ["CLinux", "CMail"])
        for folder in folders { #expect(known.contains(folder), "Sources/\(folder)") }
    }

    /// The core's switches name every case: a new state or event must be thought of everywhere.
    @Test func theCoreCannotTrapAndHasNoWildcards() throws {
        for source in try files(below: "Sources/VRRP", ending: ".swift") {
            for (number, line) in try text(of: source).split(
                separator: "\n", omittingEmptySubsequences: false
            ).enumerated() {
                for word in ["fatalError(", "try!", "as!", "precondition(", "unowned"] {
                    #expect(!line.contains(word), "\(source):\(number + 1): \(word)")
                }
            }
        }
    }
}
