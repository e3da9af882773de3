import CLinux
package import Net

/// What the process was started with.
package enum Arguments {
    /// The program's name and its arguments, byte by byte.
    package static func all() -> [ByteString] {
        var words: [ByteString] = []
        for index in 0..<clinux_argument_count() {
            words.append(unsafe ByteString(clinux_argument(index)) ?? "")
        }
        return words
    }

    /// "NAME=value", each.
    package static func environment() -> [ByteString] {
        var entries: [ByteString] = []
        var index: Int32 = 0
        while let entry = unsafe ByteString(clinux_environment(index)) {
            entries.append(entry)
            index += 1
        }
        return entries
    }

    package static func environment(_ name: String) -> ByteString? {
        let start = [UInt8]("\(name)=".utf8)
        for entry in environment() where entry.bytes.starts(with: start) {
            return ByteString(entry.bytes.dropFirst(start.count))
        }
        return nil
    }
}
