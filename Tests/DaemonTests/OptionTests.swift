import Net
import Testing

@testable import Daemon

@Suite struct OptionTests {
    private func parse(_ words: String...) throws -> Options {
        try Options.parse(words.map { ByteString($0) })
    }

    @Test func theUsualServiceLine() throws {
        let options = try parse("-n", "-l", "-D", "-f", "/a.conf", "-p", "/run/a.pid")
        #expect(options.staysInForeground)
        #expect(options.logsToConsole)
        #expect(options.detail == 1)
        #expect(options.file == "/a.conf")
        #expect(options.pidFile == "/run/a.pid")
        #expect(options.action == .run)
    }

    @Test func lettersCanStandTogetherAndCarryTheirArgument() throws {
        let options = try parse("-nlDDf/a.conf")
        #expect(options.staysInForeground)
        #expect(options.detail == 2)
        #expect(options.file == "/a.conf")
    }

    @Test func longNamesMayBeShortenedWhileUnambiguous() throws {
        #expect(try parse("--use=/a.conf").file == "/a.conf")
        #expect(try parse("--use-file", "/a.conf").file == "/a.conf")
        #expect(throws: UsageError(text: "option '--log' is ambiguous")) { try parse("--log") }
    }

    @Test func configurationTestTakesItsLogOnlyWhenAttached() throws {
        #expect(try parse("-t").action == .test(log: nil))
        #expect(try parse("-t/tmp/log").action == .test(log: "/tmp/log"))
        #expect(try parse("--config-test=/tmp/log").action == .test(log: "/tmp/log"))
    }

    @Test(arguments: [
        ("STOP", 15), ("RELOAD", 1), ("DATA", 10), ("STATS", 12), ("STATS_CLEAR", 63),
        ("JSON", 36),
    ])
    func signalNumbers(name: String, number: Int32) throws {
        #expect(try parse("--signum=\(name)").action == .printSignal(number))
    }

    @Test(arguments: [("3", 152), ("local0", 128), ("user", 8), ("daemon", 24)])
    func facilities(name: String, number: Int32) throws {
        #expect(try parse("-S", name).facility == number)
    }

    @Test func umaskIsReadAsInC() throws {
        #expect(try parse("-u", "022").umask == 18)
        #expect(try parse("-u", "0x12").umask == 18)
        #expect(try parse("-u", "18").umask == 18)
    }

    @Test func whatCannotBeFollowedIsNamed() {
        #expect(throws: UsageError(text: "unknown option '-z'")) { try parse("-z") }
        #expect(throws: UsageError(text: "unknown option '--nope'")) { try parse("--nope") }
        #expect(throws: UsageError(text: "unknown option 'word'")) { try parse("word") }
        #expect(throws: UsageError(text: "option '-f' requires an argument")) { try parse("-f") }
        #expect(throws: UsageError(text: "option '--vrrp=1' does not take an argument")) {
            try parse("--vrrp=1")
        }
    }

    @Test func optionsOfTheOtherHalfAreAcceptedAndRemembered() throws {
        #expect(
            try parse("-x", "-C", "-I").withoutEffect == ["snmp", "check", "dont-release-ipvs"])
    }

    @Test func everyOptionHasOneRow() {
        for option in Option.allCases {
            #expect(optionTable.filter { $0.option == option }.count == 1)
        }
    }
}
