import Linux
import Net

/// A notify FIFO that is open. One that we made is removed at the end; one that the administrator
/// made stays.
final class OpenFIFO {
    let path: ByteString
    private let fifo: FIFO
    private(set) var dropped: UInt64 = 0

    init(_ entry: FIFOEntry) throws(SystemError) {
        path = entry.path
        fifo = try FIFO(entry.path, user: entry.user, group: entry.group)
    }

    /// Never waits: a line that nobody reads in time is dropped and counted.
    func write(_ line: [UInt8]) {
        if !fifo.write(line) { dropped &+= 1 }
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
                if let command = entry.script { _ = start(command, .fifoReader) }
            } catch {
                log.write(.error, "cannot open the FIFO \(entry.path): \(error)")
            }
        }
    }

    /// A FIFO that stays configured stays open: its reader notices nothing of a reload.
    func closeFIFOs(except kept: [ByteString] = []) {
        for fifo in fifos where !kept.contains(fifo.path) { fifo.removeIfOurs() }
        fifos.removeAll { !kept.contains($0.path) }
    }

    func writeToFIFOs(_ line: [UInt8]) {
        for fifo in fifos { fifo.write(line) }
    }
}
