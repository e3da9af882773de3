import Linux
import Net

/// A notify FIFO that is open. One that we made is removed at the end; one that the administrator
/// made stays.
final class OpenFIFO {
    private(set) var entry: FIFOEntry
    private let fifo: FIFO
    private(set) var dropped: UInt64 = 0
    /// Lines that a full FIFO did not take, one for each instance or group: the latest of a state
    /// takes the place of the one before.
    private var waiting: [(subject: Subject, line: [UInt8])] = []

    init(_ entry: FIFOEntry) throws(SystemError) {
        self.entry = entry
        fifo = try FIFO(entry.path, user: entry.user, group: entry.group)
    }

    var path: ByteString { entry.path }
    var descriptor: Int32 { fifo.descriptor }
    var hasWaiting: Bool { !waiting.isEmpty }

    /// Never waits. A line that nobody reads in time is dropped and counted, but not the latest
    /// state of anybody: that is written as soon as there is room.
    func write(_ line: [UInt8], of subject: Subject, isState: Bool) {
        if waiting.isEmpty && fifo.write(line) { return }
        guard isState else {
            dropped &+= 1
            return
        }
        if let place = waiting.firstIndex(where: { $0.subject == subject }) {
            waiting.remove(at: place)
            dropped &+= 1
        }
        waiting.append((subject, line))
    }

    func writeWhatWaits() {
        while let first = waiting.first, fifo.write(first.line) { waiting.removeFirst() }
    }

    func removeIfOurs() {
        if fifo.isOurs && fifo.isStill(at: path) { Files.remove(path) }
    }

    /// Whether it stays open for that entry, with another reader perhaps.
    func serves(_ other: FIFOEntry) -> Bool {
        path == other.path && entry.user == other.user && entry.group == other.group
            && fifo.isStill(at: path)
    }

    /// Gives whether it has another reader now.
    func serve(_ other: FIFOEntry) -> Bool {
        defer { entry = other }
        return entry.script != other.script
    }
}

extension Keeper {
    /// Those that are configured are open and have their readers. One that stays as it is, and whose
    /// reader lives, notices nothing of a reload.
    func settleFIFOs() {
        let wanted = bundle.table.fifos
        closeFIFOs { fifo in !wanted.contains { fifo.serves($0) } }
        for entry in wanted {
            if let fifo = fifos.first(where: { $0.path == entry.path }) {
                if fifo.serve(entry) { endReader(of: entry.path) }
            } else if !open(entry) {
                continue
            }
            startReader(of: entry)
        }
    }

    private func open(_ entry: FIFOEntry) -> Bool {
        do throws(SystemError) {
            fifos.append(try OpenFIFO(entry))
            return true
        } catch {
            log.write(.error, "cannot open the FIFO \(entry.path): \(error)")
            return false
        }
    }

    private func startReader(of entry: FIFOEntry) {
        guard let command = entry.script,
            !children.contains(where: {
                $0.purpose == .fifoReader(entry.path) && $0.killAt == nil
            })
        else { return }
        _ = start(command, .fifoReader(entry.path))
    }

    private func endReader(of path: ByteString) { end { $0.purpose == .fifoReader(path) } }

    func closeFIFOs(where isMeant: (OpenFIFO) -> Bool = { _ in true }) {
        for fifo in fifos where isMeant(fifo) {
            fifo.removeIfOurs()
            if fifo.hasWaiting { poller.remove(fifo.descriptor) }
            endReader(of: fifo.path)
        }
        fifos.removeAll(where: isMeant)
    }

    func writeToFIFOs(_ line: [UInt8], of subject: Subject, _ state: NotifiedState) {
        for fifo in fifos {
            let waited = fifo.hasWaiting
            fifo.write(line, of: subject, isState: state.isState || state.isLast)
            if fifo.hasWaiting && !waited { watchForRoom(fifo) }
        }
    }

    private func watchForRoom(_ fifo: OpenFIFO) {
        log.write(.warning, "the FIFO \(fifo.path) is full: its reader is behind")
        do throws(SystemError) {
            try poller.addWritable(fifo.descriptor, token: Token.fifos)
        } catch {
            log.write(.error, "the FIFO \(fifo.path) cannot be watched: \(error)")
        }
    }

    /// One of them takes more.
    func writeWhatWaits() {
        for fifo in fifos where fifo.hasWaiting {
            fifo.writeWhatWaits()
            if !fifo.hasWaiting { poller.remove(fifo.descriptor) }
        }
    }

    /// fifo_write_vrrp_states_on_reload.
    func writeStatesOnReload() {
        guard bundle.table.repeatsStatesOnReload else { return }
        for isGroup in [false, true] {
            let entries = isGroup ? bundle.table.groups : bundle.table.instances
            for (position, entry) in entries.enumerated() {
                let subject = Subject(isGroup: isGroup, name: entry.name)
                guard let told = lastStates[isGroup: isGroup, position], !told.isOver else {
                    continue
                }
                let line = entry.line(isGroup: isGroup, told.state, told.priority)
                for fifo in fifos { fifo.write(line, of: subject, isState: true) }
            }
        }
    }
}

extension NotifiedState {
    /// Nothing follows it.
    var isLast: Bool { self == .stop || self == .deleted }
}
