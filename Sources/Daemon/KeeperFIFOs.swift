import Linux
import Net

/// A notify FIFO that is open. One that we made is removed at the end; one that the administrator
/// made stays.
final class OpenFIFO {
    let entry: FIFOEntry
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
        if fifo.isOurs { Files.remove(path) }
    }
}

extension Keeper {
    /// Opens those that are not open yet, and starts their readers.
    func openFIFOs() {
        for entry in bundle.table.fifos where !fifos.contains(where: { $0.path == entry.path }) {
            do throws(SystemError) {
                fifos.append(try OpenFIFO(entry))
                if let command = entry.script { _ = start(command, .fifoReader(entry.path)) }
            } catch {
                log.write(.error, "cannot open the FIFO \(entry.path): \(error)")
            }
        }
    }

    /// A FIFO that stays configured stays open: its reader notices nothing of a reload.
    func closeFIFOs(except kept: [ByteString] = []) {
        for fifo in fifos where !kept.contains(fifo.path) {
            fifo.removeIfOurs()
            if fifo.hasWaiting { poller.remove(fifo.descriptor) }
            end { $0.purpose == .fifoReader(fifo.path) }
        }
        fifos.removeAll { !kept.contains($0.path) }
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
