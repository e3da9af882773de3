import Foundation
import Net
import Testing

@testable import Control

// Everything that the fuzzer was ever fed or has found, as plain tests.

@Test func theCorpusOfRequests() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fuzz/corpus/request")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.count >= 8)
    for name in files {
        let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
        #expect((understood(bytes) != nil) == name.hasPrefix("good-"), "\(name)")
        for length in 0..<bytes.count { _ = understood([UInt8](bytes[..<length])) }
    }
}
