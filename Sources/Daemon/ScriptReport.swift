import Net

/// How a check ended: what `status` says of it.
struct ScriptReport: Hashable {
    var success: Bool
    /// "exit status 1", "signal 9", "timed out", "cannot run: No such file or directory".
    var outcome: ByteString
    var duration: Interval
    /// The last line that it wrote.
    var output: ByteString
}

extension ScriptReport {
    func encode(into writer: inout ByteWriter) {
        writer.append(success)
        writer.append(outcome)
        writer.append(duration.nanoseconds)
        writer.append(output)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        success = try reader.flag()
        outcome = try reader.text()
        duration = try reader.interval()
        output = try reader.text()
    }
}
