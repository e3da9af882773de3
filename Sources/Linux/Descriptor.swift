import CLinux

/// A file descriptor that closes itself.
package struct Descriptor: ~Copyable, Sendable {
    package let rawValue: Int32

    package init(_ rawValue: Int32) { self.rawValue = rawValue }

    deinit { _ = clinux_close(rawValue) }
}
