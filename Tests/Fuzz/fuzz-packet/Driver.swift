import FuzzDriver

/// libFuzzer calls from one thread.
nonisolated(unsafe) private let target = try? FuzzTarget()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe fuzzInput(bytes, count)
    _ = target?.refusal(unsafe Span(_unsafeElements: input))
    return 0
}

/// SwiftPM looks for the program's main under this name.
@_cdecl("fuzz_packet_main")
public func fuzzMain(_ count: CInt, _ arguments: FuzzArguments) -> CInt {
    unsafe runFuzzer(count, arguments, fuzzOne)
}
