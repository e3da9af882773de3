import CLinux

/// An open file descriptor: closed when the last one who holds it lets go. A class, since a value
/// that cannot be copied cannot leave its module in the small build.
package final class Descriptor: Sendable {
    package let rawValue: Int32

    /// Takes over a descriptor that nobody else will close.
    package init(owning rawValue: Int32) { self.rawValue = rawValue }

    deinit {
        if rawValue >= 0 { clinux_close(rawValue) }
    }
}
