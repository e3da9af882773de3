import FuzzDriver

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    _ = understood([UInt8](unsafe fuzzInput(bytes, count)))
    return 0
}

/// SwiftPM looks for the program's main under this name.
@_cdecl("fuzz_request_main")
public func fuzzMain(_ count: CInt, _ arguments: FuzzArguments) -> CInt {
    unsafe runFuzzer(count, arguments, fuzzOne)
}
