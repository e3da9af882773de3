import FuzzDriver

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    _ = parseAnything([UInt8](unsafe fuzzInput(bytes, count)))
    return 0
}

@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int) -> Int

/// Statements are changed by grammar; one time in eight bytes are, by libFuzzer's own ways.
@_cdecl("LLVMFuzzerCustomMutator")
public func fuzzMutate(
    _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int, _ limit: Int, _ seed: CUnsignedInt
) -> Int {
    guard let bytes = unsafe bytes else { return 0 }
    if seed % 8 == 0 { return unsafe mutateBytes(bytes, count, limit) }
    var mutator = ConfigMutator(seed: UInt64(seed))
    let changed = mutator.mutate([UInt8](unsafe fuzzInput(bytes, count)), limit: limit)
    unsafe bytes.update(from: changed, count: changed.count)
    return changed.count
}

/// SwiftPM looks for the program's main under this name.
@_cdecl("fuzz_config_main")
public func fuzzMain(_ count: CInt, _ arguments: FuzzArguments) -> CInt {
    unsafe runFuzzer(count, arguments, fuzzOne)
}
