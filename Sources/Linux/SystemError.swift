import CLinux
package import Net

/// A call of the kernel that failed: what was tried, and its errno.
package struct SystemError: Error, Hashable, Sendable {
    package var operation: ByteString
    /// 0 where the kernel gave none.
    package var errno: Int32

    package init(errno: Int32, _ operation: StaticString) {
        self.errno = errno
        self.operation = ByteString(unsafe [UInt8](
            UnsafeBufferPointer(start: operation.utf8Start, count: operation.utf8CodeUnitCount)))
    }

    package init(errno: Int32, about operation: ByteString) {
        self.errno = errno
        self.operation = operation
    }

    /// The calling thread's errno.
    static func last(_ operation: StaticString) -> SystemError {
        SystemError(errno: clinux_errno(), operation)
    }

    /// "bind: Address already in use".
    package var text: String { "\(operation): \(SystemError.text(errno))" }

    package static func text(_ errno: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        unsafe buffer.withUnsafeMutableBufferPointer { text in
            unsafe clinux_error_text(errno, text.baseAddress, UInt(text.count))
        }
        let end = buffer.firstIndex(of: 0) ?? buffer.count
        return String(
            decoding: buffer[0..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// The one place that turns -1 into an error.
func check(_ result: Int32, _ operation: StaticString) throws(SystemError) -> Int32 {
    guard result >= 0 else { throw SystemError.last(operation) }
    return result
}
