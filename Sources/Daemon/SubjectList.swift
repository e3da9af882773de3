import Net

/// The instances or the groups, as far as the world is told of them, in little memory: the keeper
/// has one for each of thousands, and looks at it only when there is something to tell.
struct SubjectList: Hashable {
    /// One behind the other.
    private var names: [UInt8] = []
    /// Where each ends in `names`.
    private var ends: [UInt32] = []
    private var sendMail: [Bool] = []
    /// Of those that have any.
    private var commands: [Int32: Rare<SubjectCommands>] = [:]

    mutating func reserveCapacity(_ count: Int) {
        ends.reserveCapacity(count)
        sendMail.reserveCapacity(count)
    }

    mutating func append(_ entry: SubjectEntry) {
        if entry.commands != SubjectCommands() {
            commands[Int32(clamping: count)] = Rare(wrappedValue: entry.commands)
        }
        names += entry.name.bytes
        ends.append(UInt32(clamping: names.count))
        sendMail.append(entry.sendsMail)
    }

    func name(_ position: Int) -> ByteString {
        let start = position == 0 ? 0 : Int(ends[position - 1])
        return ByteString(names[start..<Int(ends[position])])
    }

    func position(of wanted: ByteString) -> Int? {
        ends.indices.first { name($0) == wanted }
    }

    func commands(_ position: Int) -> SubjectCommands {
        commands[Int32(clamping: position)]?.wrappedValue ?? SubjectCommands()
    }
}

extension SubjectList: RandomAccessCollection, ExpressibleByArrayLiteral {
    init(arrayLiteral entries: SubjectEntry...) { for entry in entries { append(entry) } }

    var startIndex: Int { 0 }
    var endIndex: Int { ends.count }

    subscript(position: Int) -> SubjectEntry {
        SubjectEntry(
            name: name(position), commands: commands(position), sendsMail: sendMail[position])
    }
}

/// What the world was told last of each instance and group, by their positions in the table.
struct ToldStates {
    /// Of the table whose positions these are.
    private var generation: UInt32
    private var instances: [ToldState?] = []
    private var groups: [ToldState?] = []

    init(_ table: KeeperTable) { generation = table.generation }

    /// Nil for one that nothing was told of.
    subscript(isGroup isGroup: Bool, position: Int) -> ToldState? {
        get {
            let list = isGroup ? groups : instances
            return list.indices.contains(position) ? list[position] : nil
        }
        set {
            if isGroup {
                ToldStates.put(newValue, at: position, of: &groups)
            } else {
                ToldStates.put(newValue, at: position, of: &instances)
            }
        }
    }

    private static func put(_ state: ToldState?, at position: Int, of list: inout [ToldState?]) {
        while list.count <= position { list.append(nil) }
        list[position] = state
    }

    /// A reload: names stay, positions move.
    mutating func move(from old: KeeperTable, to new: KeeperTable) {
        guard generation != new.generation else { return }
        generation = new.generation
        instances = ToldStates.moved(instances, from: old.instances, to: new.instances)
        groups = ToldStates.moved(groups, from: old.groups, to: new.groups)
    }

    private static func moved(
        _ states: [ToldState?], from old: SubjectList, to new: SubjectList
    ) -> [ToldState?] {
        var byName: [ByteString: ToldState] = [:]
        for (position, state) in states.enumerated() where position < old.count {
            byName[old.name(position)] = state
        }
        return new.indices.map { byName[new.name($0)] }
    }
}
