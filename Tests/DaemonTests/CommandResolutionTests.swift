import Config
import Net
import Testing

@testable import Daemon

/// What is run for a script's words.
@Suite struct CommandResolutionTests {
    private func resolve(_ words: [ByteString], security: Bool = false) -> (
        ResolvedCommand?, CommandResolution
    ) {
        var globals = Globals()
        globals.scriptSecurity = security
        globals.scriptUser = "root"
        var resolution = CommandResolution(globals)
        let command = resolution.resolve(Command(words: words))
        return (command, resolution)
    }

    @Test func whatBeginsLikeARedirectionIsTheShells() {
        #expect(shellWords(openingAFile: ["</run/ok"]) == ["/bin/sh", "-c", "<'/run/ok'"])
        #expect(
            shellWords(openingAFile: ["</run/it's", "grep", "a b"])
                == ["/bin/sh", "-c", "<'/run/it'\\''s' 'grep' 'a b'"])
        #expect(shellWords(openingAFile: ["/bin/true", "</run/ok"]) == nil)
        #expect(shellWords(openingAFile: ["<"]) == nil)
        #expect(shellWords(openingAFile: []) == nil)
        #expect(resolve(["</run/ok"], security: true).0?.words.first == "/bin/sh")
    }

    @Test func aBareNameIsSoughtInThePath() {
        let (found, _) = resolve(["sh", "-c", "exit 1"])
        #expect(found?.words.dropFirst() == ["-c", "exit 1"])
        #expect(found?.words.first?.bytes.first == UInt8(ascii: "/"))
        let (missing, resolution) = resolve(["no-such-program-anywhere"])
        #expect(missing == nil)
        #expect(
            resolution.problems.map { $0.summary }
                == ["script no-such-program-anywhere will not run: no such program"])
    }

    @Test func aFolderIsNoProgram() {
        #expect(resolve(["/tmp"]).0 == nil)
        #expect(resolve(["/etc/passwd"]).0 == nil)
    }
}
