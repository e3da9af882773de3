import Net
import Testing

@testable import Config

/// How the text of a script is split, twice.
@Suite struct ScriptStringTests {
    private func outer(_ text: String) -> [String] {
        outerWords([UInt8](text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    private func words(_ text: String) -> [ByteString] { commandWords([UInt8](text.utf8)) }

    @Test func theFirstOfTheOuterWordsIsTheCommand() {
        #expect(outer("/bin/true") == ["/bin/true"])
        #expect(
            outer("  \"/bin/sh -c 'exit 1'\" nobody nogroup") == [
                "/bin/sh -c 'exit 1'", "nobody", "nogroup",
            ])
        #expect(outer("'/bin/x \"a b\"' root") == ["/bin/x \"a b\"", "root"])
        #expect(outer("\"/bin/x \\\"a b\\\"\"") == ["/bin/x \\\"a b\\\""])
        #expect(outer("\"never closed") == ["never closed"])
        #expect(outer("") == [])
    }

    @Test func quotesGroupAlsoInsideAWord() {
        #expect(words("/bin/sh -c 'exit 1'") == ["/bin/sh", "-c", "exit 1"])
        #expect(words("killall  -0\tnginx") == ["killall", "-0", "nginx"])
        #expect(words("a'b c'\"d e\" ''") == ["ab cd e", ""])
        #expect(words("'it \"is\"'") == ["it \"is\""])
    }

    @Test func nothingIsExpanded() {
        #expect(
            words("echo $HOME * `id` | cat; x && y") == [
                "echo", "$HOME", "*", "`id`", "|", "cat;", "x", "&&", "y",
            ])
    }

    @Test func escapes() {
        #expect(words("\\a\\b\\E\\f\\n\\r\\t\\v") == [ByteString([7, 8, 27, 12, 10, 13, 9, 11])])
        #expect(words("\\101\\x42\\cC\\\\\\q") == [ByteString([0x41, 0x42, 3, 0x5c, 0x71])])
        #expect(words("a\\ b\\\"c") == ["a b\"c"])
        #expect(words("\\x4\\60") == [ByteString([4, 0x30])])
        #expect(words("end\\") == ["end\\"])
    }
}
