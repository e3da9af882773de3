import CLinux
import Net

/// Standard output and standard error of a program that talks to a person.
package enum Console {
    package static func output(_ text: String) { output([UInt8](text.utf8)) }
    /// Why it could not be written; nil: it was.
    @discardableResult
    package static func output(_ bytes: [UInt8]) -> SystemError? { write(bytes, to: 1) }
    package static func error(_ text: String) { error([UInt8](text.utf8)) }
    package static func error(_ bytes: [UInt8]) { _ = write(bytes, to: 2) }

    /// Whether somebody looks at standard error.
    package static var isTerminal: Bool { isTerminal("/proc/self/fd/2") }
    /// Whether somebody looks at standard output.
    package static var isOutputTerminal: Bool { isTerminal("/proc/self/fd/1") }

    private static func isTerminal(_ descriptor: ByteString) -> Bool {
        guard let path = Files.realPath(descriptor) else { return false }
        return path.bytes.starts(with: "/dev/pts/".utf8) || path.bytes.starts(with: "/dev/tty".utf8)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> SystemError? {
        do throws(SystemError) {
            try MemoryFile.write(bytes, to: descriptor)
            return nil
        } catch {
            return error
        }
    }
}
