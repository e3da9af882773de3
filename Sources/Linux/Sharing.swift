import CLinux
import Net

/// A file in memory that can be handed from process to process.
package enum MemoryFile {
    package static func create(_ name: String, _ bytes: [UInt8]) throws(SystemError) -> Descriptor {
        let raw = unsafe ByteString(name).withCText { unsafe clinux_memory_file($0) }
        let file = Descriptor(owning: try check(raw, "memfd_create"))
        try write(bytes, to: file.rawValue)
        try check(clinux_seal(file.rawValue), "sealing a memory file")
        return file
    }

    /// An empty one, to be filled by a child.
    package static func createEmpty(_ name: String) throws(SystemError) -> Descriptor {
        let raw = unsafe ByteString(name).withCText { unsafe clinux_memory_file($0) }
        return Descriptor(owning: try check(raw, "memfd_create"))
    }

    /// Nothing in it can change from here on.
    package static func seal(_ file: Descriptor) throws(SystemError) {
        try check(clinux_seal(file.rawValue), "sealing a memory file")
    }

    package static func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBufferPointer { part in
                unsafe clinux_write(descriptor, part.baseAddress, UInt(part.count))
            }
            guard count > 0 else { throw SystemError("write", code: clinux_errno()) }
            rest = rest.dropFirst(count)
        }
    }

    /// The last bytes of it.
    package static func read(_ file: Descriptor, last count: Int) throws(SystemError) -> [UInt8] {
        try read(file, from: max(0, clinux_file_size(file.rawValue) - count))
    }

    /// All of it, from the start or an offset, whatever another process reads meanwhile.
    package static func read(
        _ file: Descriptor, from start: Int = 0
    ) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe part.withUnsafeMutableBufferPointer { part in
                unsafe clinux_read_at(
                    file.rawValue, part.baseAddress, UInt(part.count), start + bytes.count)
            }
            guard count >= 0 else { throw SystemError("read", code: clinux_errno()) }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw SystemError("read", code: 27) }
            bytes += part[0..<count]
        }
    }

    private static let limit = 64 << 20
}

/// 64-bit words that a process shares with its children, read and written one at a time.
@safe package final class SharedMemory {
    private let words: UnsafeMutablePointer<UInt64>
    private let count: Int

    package init(words count: Int) throws(SystemError) {
        guard let memory = unsafe clinux_shared_memory(UInt(count * 8)) else {
            throw SystemError("mmap", code: clinux_errno())
        }
        unsafe words = memory.bindMemory(to: UInt64.self, capacity: count)
        self.count = count
    }

    /// Beyond the end there is nothing but zeros.
    package func load(_ index: Int) -> UInt64 {
        guard index >= 0, index < count else { return 0 }
        return unsafe clinux_load(words + index)
    }

    package func store(_ index: Int, _ value: UInt64) {
        guard index >= 0, index < count else { return }
        unsafe clinux_store(words + index, value)
    }
}

/// Messages between two processes, each whole or not at all; never waits.
package final class Channel {
    /// Bytes of a message at most.
    package static let limit = 8192

    package enum Received {
        case nothing
        /// The other side is gone.
        case closed
        case message([UInt8], Descriptor?)
    }

    private let socket: Descriptor
    private var buffer = [UInt8](repeating: 0, count: Channel.limit)

    private init(_ raw: Int32) { socket = Descriptor(owning: raw) }

    package static func pair() throws(SystemError) -> (Channel, Channel) {
        var ends: [Int32] = [-1, -1]
        let result = unsafe ends.withUnsafeMutableBufferPointer { buffer in
            unsafe clinux_channel(buffer.baseAddress)
        }
        try check(result, "socketpair")
        return (Channel(ends[0]), Channel(ends[1]))
    }

    package var descriptor: Int32 { socket.rawValue }

    /// False if the other side does not take it now.
    package func send(_ bytes: [UInt8], descriptor: Int32 = -1) -> Bool {
        let result = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe clinux_channel_send(
                socket.rawValue, bytes.baseAddress, UInt(bytes.count), descriptor)
        }
        return result == 0
    }

    package func receive() -> Received {
        var descriptor: Int32 = -1
        let count = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            unsafe clinux_channel_receive(
                socket.rawValue, buffer.baseAddress, UInt(buffer.count), &descriptor)
        }
        if count == 0 { return .closed }
        if count < 0 { return clinux_errno() == 11 ? .nothing : .closed }
        let file = descriptor >= 0 ? Descriptor(owning: descriptor) : nil
        return .message([UInt8](buffer[0..<min(count, buffer.count)]), file)
    }
}
