import Config
import Linux
import Net

/// The text of a configuration as it was read once: the main file, and what each include pattern
/// found. Whoever parses it later parses the same bytes.
struct Archive: Hashable {
    struct Include: Hashable {
        var pattern: ByteString
        var directory: ByteString
        var files: [SourceFile]
    }

    static var empty: Archive { Archive(main: SourceFile(path: "", text: [])) }

    var main: SourceFile
    var includes: [Include] = []
    /// What the key files of auth_hmac hold, as far as they could be read.
    var keyFiles: [SourceFile] = []

    func key(_ path: ByteString) -> [UInt8]? {
        for file in keyFiles where file.path == path { return file.text }
        return nil
    }

    func files(pattern: ByteString, directory: ByteString) -> [SourceFile] {
        for include in includes
        where include.pattern == pattern && include.directory == directory {
            return include.files
        }
        return []
    }
}

/// What the reader of a configuration leaves in a memory file for keeper and engine.
struct Bundle: Hashable {
    var table: KeeperTable
    var archive: Archive

    func encode() -> [UInt8] {
        var writer = ByteWriter()
        table.encode(into: &writer)
        encode(archive.main, into: &writer)
        writer.append(each: archive.includes) { include, writer in
            writer.append(include.pattern)
            writer.append(include.directory)
            writer.append(each: include.files) { encode($0, into: &$1) }
        }
        writer.append(each: archive.keyFiles) { encode($0, into: &$1) }
        // Last, so that it can be read alone.
        table.virtualRouters.encode(into: &writer)
        return writer.bytes
    }

    private func encode(_ file: SourceFile, into writer: inout ByteWriter) {
        writer.append(file.path)
        writer.append(file.text)
    }

    init(table: KeeperTable, archive: Archive) {
        self.table = table
        self.archive = archive
    }

    init(_ bytes: [UInt8]) throws(DecodingError) {
        var reader = ByteReader(bytes)
        table = try KeeperTable(from: &reader)
        archive = Archive(main: try reader.sourceFile())
        archive.includes = try reader.list { (r) throws(DecodingError) in
            Archive.Include(
                pattern: try r.text(), directory: try r.text(),
                files: try r.list { (r) throws(DecodingError) in try r.sourceFile() })
        }
        archive.keyFiles = try reader.list { (r) throws(DecodingError) in try r.sourceFile() }
        table.virtualRouters = try HandoverList(from: &reader)
    }
}

/// What the keeper keeps of it: the table, and the memory file in which the rest waits: the text for
/// whoever parses it next, and what is declared of each virtual router, for when an engine is dead.
struct KeptBundle {
    /// Without `virtualRouters`.
    let table: KeeperTable
    let virtualRouterCount: Int
    let file: Descriptor
    /// How many of the file's last bytes are the hand-over's.
    private let listSize: Int

    init(_ bundle: Bundle, _ file: Descriptor) {
        virtualRouterCount = bundle.table.virtualRouters.count
        listSize = bundle.table.virtualRouters.encodedSize
        table = bundle.table.withoutHandovers
        self.file = file
    }

    /// Read from the file; nil if that cannot be.
    var archive: Archive? { Bundle(file)?.archive }

    /// What the file, which nobody can change, was read to hold; empty if it cannot be read.
    var virtualRouters: HandoverList {
        do throws(SystemError) {
            return HandoverList(reread: try MemoryFile.read(file, last: listSize))
        } catch {
            return HandoverList()
        }
    }
}

extension Bundle {
    /// Nil for anything but a whole bundle.
    init?(_ file: Descriptor) {
        do throws(SystemError) {
            let bytes = try MemoryFile.read(file)
            do throws(DecodingError) { self = try Bundle(bytes) } catch { return nil }
        } catch {
            return nil
        }
    }
}

/// A text that is handed on once: whoever took it decides when it goes, and nobody else has it.
final class ArchiveParcel {
    private var archive: Archive?

    init(_ archive: Archive?) { self.archive = archive }

    func take() -> Archive? {
        defer { archive = nil }
        return archive
    }
}

extension ByteReader {
    fileprivate mutating func sourceFile() throws(DecodingError) -> SourceFile {
        SourceFile(path: try text(), text: try block())
    }
}
