import CNetlink
import Net

/// A request under construction: libnl minds lengths, padding and nesting.
@safe
struct NetlinkMessage: ~Copyable {
    private let message: OpaquePointer
    /// False once something did not fit.
    private var isWhole = true

    /// Nil when memory is exhausted. `flags` goes beyond NLM_F_REQUEST; `capacity` in bytes is more
    /// than most requests of ours need.
    init?(type: Int, flags: Int32, sequence: UInt32, capacity: Int = 512) {
        guard let message = unsafe nlmsg_alloc_size(capacity) else { return nil }
        let all = NLM_F_REQUEST | flags
        guard unsafe nlmsg_put(message, 0, sequence, Int32(type), 0, all) != nil else {
            unsafe nlmsg_free(message)
            return nil
        }
        unsafe self.message = message
    }

    deinit { unsafe nlmsg_free(message) }

    /// The fixed part that follows the header.
    mutating func append<Part: BitwiseCopyable>(_ part: Part) {
        var copy = part
        let size = MemoryLayout<Part>.size
        note(unsafe nlmsg_append(message, &copy, size, Int32(NLMSG_ALIGNTO)))
    }

    mutating func put(_ type: Int, _ value: UInt8) {
        note(unsafe nla_put_u8(message, Int32(type), value))
    }

    mutating func put(_ type: Int, _ value: UInt32) {
        note(unsafe nla_put_u32(message, Int32(type), value))
    }

    mutating func put(_ type: Int, _ bytes: [UInt8]) {
        let count = Int32(truncatingIfNeeded: bytes.count)
        note(unsafe nla_put(message, Int32(type), count, bytes))
    }

    mutating func put<Part: BitwiseCopyable>(_ type: Int, part: Part) {
        var copy = part
        note(unsafe nla_put(message, Int32(type), Int32(MemoryLayout<Part>.size), &copy))
    }

    mutating func put(_ type: Int, _ address: IPAddress) { put(type, address.bytes) }

    /// NUL-terminated, as the kernel wants names.
    mutating func put(_ type: Int, name: ByteString) { put(type, name.bytes + [0]) }

    mutating func nest(_ type: Int, _ body: (inout NetlinkMessage) -> Void) {
        let start = unsafe nla_nest_start(message, Int32(type))
        body(&self)
        guard let start = unsafe start else { return note(-1) }
        note(unsafe nla_nest_end(message, start))
    }

    private mutating func note(_ result: Int32) { if result < 0 { isWhole = false } }

    /// Appends the finished message, padded, to what is sent in one go; false, and nothing
    /// appended, where a part of it did not fit.
    consuming func write(to buffer: inout [UInt8]) -> Bool {
        guard isWhole, let header = unsafe nlmsg_hdr(message) else { return false }
        let length = Int(unsafe header.pointee.nlmsg_len)
        let bytes = unsafe UnsafeRawBufferPointer(start: header, count: length)
        unsafe buffer.append(contentsOf: bytes)
        buffer.append(contentsOf: [UInt8](repeating: 0, count: (4 - length & 3) & 3))
        return true
    }
}
