import Net
import Testing

@testable import Daemon

@Suite struct ScriptChecksTests {
    private let start = Instant(nanoseconds: 1_000_000_000_000)

    private func table(_ generation: UInt32, _ scripts: (String, String)...) -> KeeperTable {
        var table = KeeperTable()
        table.generation = generation
        for (name, program) in scripts {
            table.scripts.append(
                ScriptEntry(
                    name: ByteString(name),
                    command: ResolvedCommand(words: [ByteString(program)], user: 0, group: 0),
                    interval: .seconds(1), timeout: .seconds(1)))
        }
        return table
    }

    @Test func aReloadStartsNothingTwice() {
        var checks = ScriptChecks(table(1, ("a", "/a"), ("b", "/b")), at: start)
        #expect(checks.due(at: start) == [.start(0), .start(1)])
        let good = ScriptReport(
            success: true, outcome: "exit status 0", duration: .zero, output: "")
        checks.remember(1, good)
        let identity = checks.identities[1]
        var reloaded = ScriptChecks(
            table(2, ("b", "/b"), ("a", "/other")), continuing: checks, at: start)
        // b goes on; a has another command and is another script.
        #expect(reloaded.due(at: start) == [.start(1)])
        #expect(reloaded.position(of: identity) == 0)
        #expect(reloaded.results == [good, nil])
        #expect(!checks.identities.contains(reloaded.identities[1]))
    }

    @Test func whatWasOfAnEarlierConfigurationIsNobodys() {
        let checks = ScriptChecks(table(1, ("a", "/a")), at: start)
        let reloaded = ScriptChecks(table(2), continuing: checks, at: start)
        #expect(reloaded.position(of: checks.identities[0]) == nil)
    }
}

@Suite struct LastLineTests {
    private func last(_ parts: String...) -> ByteString {
        var line = LastLine()
        for part in parts { line.append([UInt8](part.utf8)[...]) }
        return line.text
    }

    @Test func theLastLineIsKept() {
        #expect(last("one\ntwo\n") == "two")
        #expect(last("one\ntw", "o") == "two")
        #expect(last("one\n", "two\n", "\n\n") == "two")
        #expect(last("") == "")
        #expect(last("a\tb\n") == "a b")
    }

    @Test func aLongLineIsCutAtItsEnd() {
        #expect(last(String(repeating: "x", count: 10_000)).count == 160)
        #expect(last(String(repeating: "x\n", count: 10_000), "end\n") == "end")
    }
}

@Suite struct TrackedNumberTests {
    private func number(_ text: String) -> Int? { trackedNumber([UInt8](text.utf8)) }

    @Test func numbersAreReadAsTheCLibraryDoes() {
        #expect(number("10\n") == 10)
        #expect(number("  -20\n") == -20)
        #expect(number("+7") == 7)
        #expect(number("0x1F") == 31)
        #expect(number("017") == 15)
        #expect(number("0") == 0)
        #expect(number("0x") == 0)
        #expect(number("12 apples") == 12)
    }

    @Test func whatIsNoNumberIsNone() {
        #expect(number("") == nil)
        #expect(number("apples") == nil)
        #expect(number("-") == nil)
    }

    @Test func aNumberThatIsTooLargeIsCut() {
        #expect(number("99999999999999999999999999") == 2_147_483_647)
        #expect(number("-99999999999999999999999999") == -2_147_483_647)
    }
}
