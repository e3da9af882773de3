import Config
import Foundation
import Net
import Testing

@testable import Daemon

/// Which commands run, and as what; needs root, as the daemon does.
@Suite struct CommandResolutionTests {
    private func resolve(_ words: [ByteString], user: ByteString) -> (ResolvedCommand?, [String]) {
        var globals = Globals()
        globals.scriptUser = user
        var resolution = CommandResolution(globals)
        let command = resolution.resolve(Command(words: words))
        return (command, resolution.problems.map { $0.text })
    }

    @Test func aBareNameIsLookedUpForRootOnly() {
        #expect(resolve(["true", "x"], user: "root").0?.words.count == 2)
        let (command, problems) = resolve(["true", "x"], user: "nobody")
        #expect(command == nil)
        #expect(problems == ["names are looked up in PATH for root only: write its whole path"])
        #expect(resolve(["/bin/true"], user: "nobody").0 != nil)
    }

    @Test(arguments: [(0o755, true), (0o750, false), (0o700, false), (0o711, true)])
    func itsUserHasToBeAllowedToRunIt(mode: Int, runs: Bool) throws {
        let path = NSTemporaryDirectory() + "martlet-" + UUID().uuidString
        let made = FileManager.default.createFile(
            atPath: path, contents: Data("#!/bin/sh".utf8), attributes: [.posixPermissions: mode])
        try #require(made)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect((resolve([ByteString(path)], user: "nobody").0 != nil) == runs)
        #expect(resolve([ByteString(path)], user: "root").0 != nil)
    }

    @Test func aPathIsShownWithoutDetours() {
        #expect(resolve(["/etc/../bin//true"], user: "root").0?.words == ["/usr/bin/true"])
        #expect(resolve(["/usr/./bin/true"], user: "root").0?.words == ["/usr/bin/true"])
        #expect(resolve(["/bin/true"], user: "root").0?.words == ["/bin/true"])
    }

    @Test func aLineForTheShell() {
        let (command, problems) = resolve(["</dev/tcp/192.0.2.1/80", "x"], user: "nobody")
        #expect(command?.words == ["/bin/sh", "-c", "<'/dev/tcp/192.0.2.1/80' 'x'", "sh"])
        #expect(command?.shellLine == "</dev/tcp/192.0.2.1/80 'x'")
        #expect(problems == [])
        let written = ResolvedCommand(
            words: ["/bin/sh", "-c", "</dev/tcp/192.0.2.1/80"], user: 0, group: 0)
        #expect(written.shellLine == nil)
    }
}
