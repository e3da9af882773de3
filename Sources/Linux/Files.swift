import CLinux
package import Net

/// What may be known of a file without opening it.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file
        case directory
        case link
        case other
    }

    package var user: UInt32
    package var group: UInt32
    package var kind: Kind
    /// The twelve permission bits.
    package var permissions: UInt32
    /// When its content was changed last: nanoseconds since 1970.
    package var modified: Int64

    init(_ raw: clinux_status) {
        user = raw.user
        group = raw.group
        permissions = raw.mode & 0o7777
        modified = raw.modified
        switch raw.mode & 0o170000 {
        case 0o100000: kind = .file
        case 0o040000: kind = .directory
        case 0o120000: kind = .link
        default: kind = .other
        }
    }
}

package enum Files {
    /// A whole file; EFBIG beyond the limit, in bytes.
    package static func read(
        _ path: ByteString, limit: Int = 64 << 20
    ) throws(SystemError) -> [UInt8] {
        let raw = unsafe path.withCText { unsafe clinux_open_read($0) }
        let file = Descriptor(owning: try check(raw, "open"))
        return try readAll(file.rawValue, limit: limit)
    }

    static func readAll(_ descriptor: Int32, limit: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        // In one piece, where it is known how much comes.
        bytes.reserveCapacity(min(Int(clamping: clinux_file_size(descriptor)), limit))
        var part = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = unsafe part.withUnsafeMutableBufferPointer { part in
                unsafe clinux_read(descriptor, part.baseAddress, UInt(part.count))
            }
            guard count >= 0 else { throw SystemError("read", code: clinux_errno()) }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw SystemError("read", code: 27) }
            bytes += part[0..<count]
        }
    }

    /// Puts a new file in the place of whatever is there, or leaves all as it was.
    ///
    /// - Parameter mode: permissions, before the umask.
    package static func replace(
        _ path: ByteString, with bytes: [UInt8], mode: Int32
    ) throws(SystemError) {
        let suffix = [UInt8](".\(Process.identifier).tmp".utf8)
        let temporary = ByteString(path.bytes + suffix)
        remove(temporary)
        let raw = unsafe temporary.withCText { unsafe clinux_create($0, mode) }
        let file = Descriptor(owning: try check(raw, "open"))
        do throws(SystemError) {
            try MemoryFile.write(bytes, to: file.rawValue)
            let result = unsafe temporary.withCText { from in
                unsafe path.withCText { to in unsafe clinux_rename(from, to) }
            }
            try check(result, "rename")
        } catch {
            remove(temporary)
            throw error
        }
    }

    /// Writes a whole file where it is, made if it is not there; never through a link.
    package static func write(
        _ path: ByteString, _ bytes: [UInt8], mode: Int32
    ) throws(SystemError) {
        let raw = unsafe path.withCText { unsafe clinux_open_write($0, mode) }
        let file = Descriptor(owning: try check(raw, "open"))
        try MemoryFile.write(bytes, to: file.rawValue)
    }

    /// The names in a directory; none where it cannot be read.
    package static func names(in directory: ByteString) -> [ByteString] {
        let found = GlobResult()
        let context = unsafe Unmanaged.passUnretained(found).toOpaque()
        _ = unsafe directory.withCText { directory in
            unsafe clinux_list(directory, context) { context, name in
                guard let context = unsafe context else { return }
                let found = unsafe Unmanaged<GlobResult>.fromOpaque(context).takeUnretainedValue()
                if let name = unsafe ByteString(name) { found.paths.append(name) }
            }
        }
        return found.paths
    }

    package static func remove(_ path: ByteString) {
        _ = unsafe path.withCText { unsafe clinux_unlink($0) }
    }

    /// Of the path itself, also where it is a link.
    package static func status(_ path: ByteString) throws(SystemError) -> FileStatus {
        var raw = clinux_status()
        let result = unsafe path.withCText { unsafe clinux_status($0, &raw) }
        try check(result, "stat")
        return FileStatus(raw)
    }

    /// Of what the path leads to.
    package static func targetStatus(_ path: ByteString) throws(SystemError) -> FileStatus {
        var raw = clinux_status()
        let result = unsafe path.withCText { unsafe clinux_target_status($0, &raw) }
        try check(result, "stat")
        return FileStatus(raw)
    }

    /// The absolute path without links.
    package static func realPath(_ path: ByteString) -> ByteString? {
        let raw = unsafe path.withCText { unsafe clinux_real_path($0) }
        defer { unsafe clinux_free(raw) }
        return unsafe ByteString(raw.map { unsafe UnsafePointer($0) })
    }

    /// The files that a pattern names, sorted; a relative pattern starts in the directory.
    package static func glob(_ pattern: ByteString, in directory: ByteString) -> [ByteString] {
        var whole = pattern
        if pattern.bytes.first != UInt8(ascii: "/"), !directory.isEmpty {
            whole = ByteString(directory.bytes + [UInt8(ascii: "/")] + pattern.bytes)
        }
        let found = GlobResult()
        let context = unsafe Unmanaged.passUnretained(found).toOpaque()
        _ = unsafe whole.withCText { pattern in
            unsafe clinux_glob(pattern, context) { context, path in
                guard let context = unsafe context else { return }
                let found = unsafe Unmanaged<GlobResult>.fromOpaque(context).takeUnretainedValue()
                if let path = unsafe ByteString(path) { found.paths.append(path) }
            }
        }
        return found.paths
    }
}

private final class GlobResult {
    var paths: [ByteString] = []
}

/// A pid file that its process holds locked: a second daemon sees it, also where the first was
/// killed and the file is still there.
package final class PidFile {
    private let path: ByteString
    private let file: Descriptor

    /// EWOULDBLOCK (11): a running process holds it.
    package init(_ path: ByteString) throws(SystemError) {
        self.path = path
        PidFile.makeDirectory(of: path)
        let raw = unsafe path.withCText { unsafe clinux_lock_file($0) }
        file = Descriptor(owning: try check(raw, "open"))
    }

    private static func makeDirectory(of path: ByteString) {
        guard let slash = path.bytes.lastIndex(of: UInt8(ascii: "/")), slash > 0 else { return }
        let directory = ByteString(path.bytes[0..<slash])
        _ = unsafe directory.withCText { unsafe clinux_make_directory($0) }
    }

    package func write(_ pid: Int32) throws(SystemError) {
        try check(clinux_rewind(file.rawValue), "lseek")
        try check(clinux_truncate(file.rawValue), "ftruncate")
        try MemoryFile.write([UInt8]("\(pid)\n".utf8), to: file.rawValue)
    }

    package func remove() { Files.remove(path) }
}
