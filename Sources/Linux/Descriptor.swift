import CLinux

/// An open file descriptor with one owner: it is closed where its owner ends, and nowhere else.
package struct Descriptor: ~Copyable, Sendable {
    /// Negative once it was given away.
    package private(set) var rawValue: Int32

    /// Takes over a descriptor that nobody else will close.
    package init(owning rawValue: Int32) { self.rawValue = rawValue }

    /// From a C function that returns a descriptor or a negated error number.
    package init(_ operation: StaticString, _ result: Int32) throws(SystemError) {
        rawValue = try SystemError.check(operation, result)
    }

    /// Gives the descriptor away without closing it.
    package consuming func release() -> Int32 {
        let value = rawValue
        rawValue = -1
        return value
    }

    deinit {
        if rawValue >= 0 { clinux_close(rawValue) }
    }
}
