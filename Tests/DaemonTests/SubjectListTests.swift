import Net
import Testing

@testable import Daemon

/// Whom the world is told of, and what it was told last.
@Suite struct SubjectListTests {
    private let command = ResolvedCommand(words: ["/bin/true"], user: 0, group: 0)

    private func entry(_ name: ByteString, command: ResolvedCommand? = nil) -> SubjectEntry {
        var commands = SubjectCommands()
        commands.master = command
        return SubjectEntry(name: name, commands: commands, sendsMail: command != nil)
    }

    private func table(_ generation: UInt32, _ names: [ByteString]) -> KeeperTable {
        var table = KeeperTable()
        table.generation = generation
        for name in names { table.instances.append(entry(name)) }
        return table
    }

    @Test func aListGivesBackItsEntries() {
        let entries = [entry("VI_1"), entry("", command: command), entry("web")]
        var list = SubjectList()
        for entry in entries { list.append(entry) }
        #expect([SubjectEntry](list) == entries)
        #expect(list.name(2) == "web")
        #expect(list.commands(1).master == command)
        #expect(list.commands(2).master == nil)
    }

    @Test func whatWasToldFollowsTheNameWhenPositionsMove() {
        let old = table(1, ["A", "B", "C"])
        let new = table(2, ["C", "D", "A"])
        var told = ToldStates(old)
        told[isGroup: false, 0] = ToldState(state: .master, priority: 100)
        told[isGroup: false, 2] = ToldState(state: .backup, priority: 90)
        told[isGroup: true, 0] = ToldState(state: .fault, priority: 0)
        #expect(told[isGroup: false, 1] == nil)
        told.move(from: old, to: new)
        #expect(told[isGroup: false, 0]?.priority == 90)
        #expect(told[isGroup: false, 1] == nil)
        #expect(told[isGroup: false, 2]?.priority == 100)
        #expect(told[isGroup: true, 0] == nil)
        // Told of once more, it is there already.
        told.move(from: old, to: new)
        #expect(told[isGroup: false, 2]?.priority == 100)
    }
}
