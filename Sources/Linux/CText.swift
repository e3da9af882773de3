import Net

extension ByteString {
    /// The text as C has it; what stands behind a NUL is cut off.
    func withCText<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        let text = bytes.map { CChar(bitPattern: $0) } + [0]
        return unsafe text.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return unsafe body(emptyText) }
            return unsafe body(start)
        }
    }

    /// From a text of C; nil for null.
    init?(_ text: UnsafePointer<CChar>?) {
        guard let text = unsafe text else { return nil }
        var bytes: [UInt8] = []
        var position = unsafe text
        while unsafe position.pointee != 0 {
            bytes.append(UInt8(bitPattern: unsafe position.pointee))
            unsafe position += 1
        }
        self.init(bytes)
    }
}

private var emptyText: UnsafePointer<CChar> {
    unsafe StaticString("").utf8Start.withMemoryRebound(to: CChar.self, capacity: 1) { unsafe $0 }
}
