import Net

/// The last line that a command wrote, kept short: for people who ask why a check failed.
struct LastLine {
    /// Bytes.
    static let limit = 160

    private var line: [UInt8] = []
    private var isComplete = false

    mutating func append(_ bytes: ArraySlice<UInt8>) {
        // Whatever stands before the last two line ends is out of date already.
        for part in bytes.suffix(4 * LastLine.limit) {
            if part == UInt8(ascii: "\n") {
                isComplete = true
                continue
            }
            if isComplete { line = [] }
            isComplete = false
            if line.count < LastLine.limit { line.append(part < 0x20 ? UInt8(ascii: " ") : part) }
        }
    }

    var text: ByteString { ByteString(line) }
}
