import Net
import VRRP

/// The entries of all virtual routers, as the bytes that they came as. They are looked at after a
/// transition and when an engine is dead, and read for that from the bundle's memory file.
struct HandoverList: Hashable {
    private var bytes: [UInt8] = []
    /// Where each entry ends in `bytes`.
    private var ends: [UInt32] = []

    init() {}

    mutating func append(_ entry: HandoverEntry) {
        var writer = ByteWriter()
        entry.encode(into: &writer)
        bytes += writer.bytes
        ends.append(UInt32(clamping: bytes.count))
    }

    private func block(_ position: Int) -> [UInt8] {
        let start = position == 0 ? 0 : Int(ends[position - 1])
        return [UInt8](bytes[start..<Int(ends[position])])
    }
}

extension HandoverList: RandomAccessCollection, MutableCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { ends.count }

    subscript(position: Int) -> HandoverEntry {
        get {
            var reader = ByteReader(block(position))
            // Every entry was read once already, or written here.
            do throws(DecodingError) { return try HandoverEntry(from: &reader) } catch {
                return HandoverEntry.nothing
            }
        }
        set {
            let entries = indices.map { $0 == position ? newValue : self[$0] }
            self = HandoverList()
            for entry in entries { append(entry) }
        }
    }
}

extension HandoverList {
    func encode(into writer: inout ByteWriter) {
        writer.append(UInt32(truncatingIfNeeded: count))
        for position in indices { writer.append(block(position)) }
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        let blocks = try reader.list { (r) throws(DecodingError) in try r.block() }
        bytes.reserveCapacity(blocks.reduce(0) { $0 + $1.count })
        ends.reserveCapacity(blocks.count)
        for block in blocks {
            var entry = ByteReader(block)
            _ = try HandoverEntry(from: &entry)
            guard entry.isAtEnd else { throw DecodingError() }
            bytes += block
            ends.append(UInt32(clamping: bytes.count))
        }
    }
}

extension HandoverList {
    /// Bytes of what `encode` writes.
    var encodedSize: Int { 4 + 4 * ends.count + bytes.count }

    /// From what was written here and read before: nothing is looked into.
    init(reread text: [UInt8]) {
        var reader = ByteReader(text)
        do throws(DecodingError) {
            for block in try reader.list({ (r) throws(DecodingError) in try r.block() }) {
                bytes += block
                ends.append(UInt32(clamping: bytes.count))
            }
        } catch {
            self = HandoverList()
        }
    }
}

extension HandoverEntry {
    fileprivate static var nothing: HandoverEntry {
        HandoverEntry(
            name: "", interface: "", group: -1,
            parameters: VirtualRouterParameters(name: "", family: .ipv4, vrid: 0, addresses: []),
            addresses: [])
    }
}
