import CLinux
package import Net

/// A named pipe, open for both ends so that it outlives its readers.
package final class FIFO {
    private let file: Descriptor
    /// It was not there before.
    package let isOurs: Bool

    package init(_ path: ByteString, user: UInt32, group: UInt32) throws(SystemError) {
        var made: Int32 = 0
        let raw = unsafe path.withCText { unsafe clinux_open_fifo($0, user, group, &made) }
        file = Descriptor(owning: try check(raw, "open"))
        isOurs = made != 0
    }

    package var descriptor: Int32 { file.rawValue }

    /// Nobody has put another one in its place.
    package func isStill(at path: ByteString) -> Bool {
        unsafe path.withCText { unsafe clinux_is_at(file.rawValue, $0) } == 1
    }

    /// False if the pipe is full.
    package func write(_ line: [UInt8]) -> Bool {
        let count = unsafe line.withUnsafeBufferPointer { line in
            unsafe clinux_write(file.rawValue, line.baseAddress, UInt(line.count))
        }
        return count == line.count
    }
}
