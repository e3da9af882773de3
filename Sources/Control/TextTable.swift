import Net

/// Rows of words in columns, each as wide as its widest word; no line ends in blanks.
struct TextTable {
    private var rows: [[ByteString]]

    init(_ heading: ByteString...) { rows = [heading] }

    mutating func append(_ row: [ByteString]) { rows.append(row) }

    var bytes: [UInt8] {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.width)
            }
        }
        var bytes: [UInt8] = []
        for row in rows {
            var blanks = 0
            for (column, cell) in row.enumerated() {
                guard !cell.isEmpty else {
                    blanks += widths[column] + 2
                    continue
                }
                bytes += [UInt8](repeating: UInt8(ascii: " "), count: blanks)
                bytes += cell.bytes
                blanks = widths[column] - cell.width + 2
            }
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }
}

extension ByteString {
    /// Characters of UTF-8: bytes that go on with one do not count.
    fileprivate var width: Int { bytes.count { $0 & 0xc0 != 0x80 } }
}

extension TextWriter {
    mutating func append(_ table: TextTable) { append(ByteString(table.bytes)) }
}
