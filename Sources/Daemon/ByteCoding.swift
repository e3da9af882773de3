import Net

/// Writes values one behind the other, numbers in little-endian order; `ByteReader` reads them
/// back in the same order. Keeper and engine are always the same executable, so there is no
/// version: what matters is that reading checks every bound.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append<Number: FixedWidthInteger>(_ value: Number) {
        var rest = UInt64(truncatingIfNeeded: value)
        for _ in 0..<(Number.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    mutating func append(_ value: Bool) { append(UInt8(value ? 1 : 0)) }

    mutating func append(_ text: ByteString) { append(text.bytes) }

    mutating func append(_ block: [UInt8]) {
        append(UInt32(truncatingIfNeeded: block.count))
        bytes += block
    }

    mutating func append(_ address: IPAddress?) {
        append(address.map { $0.bytes } ?? [])
    }

    /// The count, then every element.
    mutating func append<Element>(
        each elements: [Element], _ write: (Element, inout ByteWriter) -> Void
    ) {
        append(UInt32(truncatingIfNeeded: elements.count))
        for element in elements { write(element, &self) }
    }
}

/// Something ended before it was complete, or holds a value that cannot be.
struct DecodingError: Error, Hashable {}

struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number<Number: FixedWidthInteger>(
        _ type: Number.Type
    ) throws(DecodingError) -> Number {
        let size = Number.bitWidth / 8
        guard size <= bytes.count - position else { throw DecodingError() }
        var value: UInt64 = 0
        for index in (0..<size).reversed() { value = value << 8 | UInt64(bytes[position + index]) }
        position += size
        return Number(truncatingIfNeeded: value)
    }

    mutating func flag() throws(DecodingError) -> Bool { try number(UInt8.self) != 0 }

    mutating func block() throws(DecodingError) -> [UInt8] {
        let size = Int(try number(UInt32.self))
        guard size <= bytes.count - position else { throw DecodingError() }
        defer { position += size }
        return [UInt8](bytes[position..<(position + size)])
    }

    mutating func text() throws(DecodingError) -> ByteString { ByteString(try block()) }

    /// An address, or nil where none was written.
    mutating func address() throws(DecodingError) -> IPAddress? {
        let block = try block()
        if block.isEmpty { return nil }
        guard let address = IPAddress(bytes: block[...]) else { throw DecodingError() }
        return address
    }

    /// A list of at most `limit` elements.
    mutating func list<Element>(
        limit: Int = 100_000, _ read: (inout ByteReader) throws(DecodingError) -> Element
    ) throws(DecodingError) -> [Element] {
        let count = Int(try number(UInt32.self))
        guard count <= limit, count <= bytes.count - position else { throw DecodingError() }
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try read(&self)) }
        return elements
    }
}
