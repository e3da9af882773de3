import Linux
import Net
import Testing
import VRRP

// Everything that the fuzzer was ever fed or has found, as plain tests.

private let folder = String(#filePath).split(separator: "/").dropLast(2).joined(separator: "/")

@Test func theCorpusOfPackets() throws {
    let target = try FuzzTarget()
    let files = Files.glob(
        ByteString("/\(folder)/Fuzz/corpus/packet/*"), in: "")
    #expect(files.count >= 14)
    for path in files {
        let bytes = try Files.read(path)
        let isGood = path.description.contains("/good-")
        #expect((target.refusal(bytes.span) == nil) == isGood, "\(path.description)")
        for length in 0..<bytes.count {
            let reason = target.refusal([UInt8](bytes[..<length]).span)
            if isGood { #expect(reason != nil, "\(path.description), \(length) bytes") }
        }
    }
}
