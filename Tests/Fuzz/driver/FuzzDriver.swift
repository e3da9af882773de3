// What the fuzzers need to be programs.

public typealias FuzzArguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
public typealias FuzzBody = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<FuzzArguments>,
    _ body: FuzzBody
) -> CInt

/// libFuzzer's main.
public func runFuzzer(_ count: CInt, _ arguments: FuzzArguments, _ body: FuzzBody) -> CInt {
    var count = count
    var arguments = unsafe arguments
    return unsafe runDriver(&count, &arguments, body)
}

/// An input; it is there for the duration of one call only.
public func fuzzInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count)
}
