import CLinux

/// What the kernel refused: the operation as people know it ("bind", "open /proc/net/arp") and the
/// error number, which is positive.
package struct SystemError: Error, CustomStringConvertible, Sendable {
    package let operation: StaticString
    package let code: Int32

    package init(_ operation: StaticString, code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// "bind: Address already in use"
    package var description: String { "\(operation): \(SystemError.text(code))" }

    /// "Address already in use"
    package static func text(_ code: Int32) -> String {
        unsafe String(cString: clinux_error_text(code))
    }

    /// The kernel had no process, memory or descriptor to give. That says nothing about whatever was
    /// to be done with it.
    package var isShortage: Bool {
        switch code {
        // EAGAIN, ENOMEM, ENFILE, EMFILE, and ENOSPC, as epoll has it.
        case 11, 12, 23, 24, 28: true
        default: false
        }
    }

    /// The result of a C function that returns a negated error number where it fails.
    @discardableResult
    package static func check(
        _ operation: StaticString, _ result: Int32
    ) throws(SystemError) -> Int32 {
        guard result >= 0 else { throw SystemError(operation, code: 0 &- result) }
        return result
    }
}

extension SystemError: Equatable {
    package static func == (left: SystemError, right: SystemError) -> Bool {
        left.code == right.code && left.operation.description == right.operation.description
    }
}

/// The result of a function that returns -1 where it fails, and says why in errno.
@discardableResult
func check(_ result: Int32, _ operation: StaticString) throws(SystemError) -> Int32 {
    guard result >= 0 else { throw SystemError(operation, code: clinux_errno()) }
    return result
}
