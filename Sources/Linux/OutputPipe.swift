import CLinux

/// What commands write: the writing end is theirs and may wait, the reading end is ours and never
/// does. It stays open when a command ends: what that left running in the background goes on.
package final class OutputPipe {
    private let reading: Descriptor
    private let writing: Descriptor

    /// As much as a pipe usually holds.
    package static let capacity = 65_536

    package init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        let result = unsafe ends.withUnsafeMutableBufferPointer { buffer in
            unsafe clinux_output_pipe(buffer.baseAddress)
        }
        try check(result, "pipe")
        reading = Descriptor(owning: ends[0])
        writing = Descriptor(owning: ends[1])
    }

    package var readable: Int32 { reading.rawValue }
    package var writable: Int32 { writing.rawValue }

    /// Reads what was written and not read yet, as much as the buffer holds: so many bytes, 0 where
    /// there is nothing.
    package func read(into buffer: inout [UInt8]) -> Int {
        let count = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            unsafe clinux_read(reading.rawValue, buffer.baseAddress, UInt(buffer.count))
        }
        return max(0, min(count, buffer.count))
    }
}
