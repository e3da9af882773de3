import CLinux
package import Net

/// What /proc says of a process.
package struct ProcessImage: Hashable, Sendable {
    /// The name of /proc/PID/comm, 15 bytes at most.
    package var name: ByteString
    /// Its command line; empty where that was not asked for, or it has none.
    package var words: [ByteString]

    package init(name: ByteString, words: [ByteString] = []) {
        self.name = name
        self.words = words
    }
}

package enum ProcessList {
    /// Every process there is, the dead that nobody has buried included.
    package static func all() -> [Int32] {
        var pids: [Int32] = []
        for name in Files.names(in: "/proc") {
            if let pid = Int32(name.description) { pids.append(pid) }
        }
        return pids
    }

    /// Nil where there is none, or it is dead.
    package static func image(of pid: Int32, withWords: Bool) -> ProcessImage? {
        do throws(SystemError) {
            let status = try Files.read(ByteString("/proc/\(pid)/stat"), limit: 4096)
            guard let open = status.firstIndex(of: UInt8(ascii: "(")),
                let close = status.lastIndex(of: UInt8(ascii: ")")), open < close
            else { return nil }
            let state = status.dropFirst(close + 2).first
            if state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") { return nil }
            var image = ProcessImage(name: ByteString(status[(open + 1)..<close]))
            if withWords { image.words = try words(of: pid) }
            return image
        } catch {
            return nil
        }
    }

    private static func words(of pid: Int32) throws(SystemError) -> [ByteString] {
        let line = try Files.read(ByteString("/proc/\(pid)/cmdline"), limit: 1 << 20)
        var words = line.split(separator: 0, omittingEmptySubsequences: false)
        if words.last?.isEmpty == true { words.removeLast() }
        return words.map { ByteString($0) }
    }
}
