import Net
import Testing

@testable import Control

private func decode(_ text: String) throws(ControlRefusal) -> ControlRequest {
    try ControlRequest.decode([UInt8](text.utf8))
}

@Suite struct ControlRequestTests {
    @Test func linesThatAreUnderstood() throws {
        #expect(try decode("status") == ControlRequest(.status, isJSON: false))
        #expect(try decode("status\n") == ControlRequest(.status, isJSON: false))
        #expect(try decode(" status \t json \r\n") == ControlRequest(.status, isJSON: true))
        #expect(try decode("explain web\n") == ControlRequest(.explain("web"), isJSON: false))
        #expect(try decode("explain web json") == ControlRequest(.explain("web"), isJSON: true))
        #expect(try decode("explain json json") == ControlRequest(.explain("json"), isJSON: true))
        #expect(
            try decode(#"explain "my \"web\" \\1" json"#)
                == ControlRequest(.explain(#"my "web" \1"#), isJSON: true))
        #expect(
            try ControlRequest.decode([UInt8]("explain ".utf8) + [0xff])
                == ControlRequest(.explain(ByteString([0xff])), isJSON: false))
    }

    @Test(arguments: [
        ("", ControlRefusal.empty), ("\n", .empty), (" \t \n", .empty),
        ("Status", .unknownCommand), ("statusjson", .unknownCommand), ("stop", .unknownCommand),
        ("explain", .missingName), ("explain \"\"", .missingName),
        ("status web", .surplusWord), ("status json json", .surplusWord),
        ("status \"json\"", .surplusWord), ("explain a b", .surplusWord),
        ("explain a json b", .surplusWord), ("explain \"a", .openQuote),
        ("explain \"a\\", .openQuote), ("status\nstatus\n", .controlCharacter),
        ("status\u{0}", .controlCharacter), ("GET / HTTP/1.1\r\nHost: a\r\n", .controlCharacter),
    ]) func linesThatAreNot(text: String, reason: ControlRefusal) {
        #expect(throws: reason) { try decode(text) }
    }

    @Test func aLineHas4096BytesAtMost() throws {
        let start = [UInt8]("explain ".utf8)
        let longest = start + [UInt8](repeating: 0x61, count: 4087) + [0x0a]
        #expect(longest.count == 4096)
        #expect(throws: Never.self) { try ControlRequest.decode(longest) }
        #expect(throws: ControlRefusal.tooLong) { try ControlRequest.decode([0x20] + longest) }
    }

    @Test func whatIsWrittenIsReadBack() throws {
        for name: ByteString in ["web", "json", "a b", "\"", "\\", "\t", "\"a\\\" json"] {
            let request = ControlRequest(.explain(name), isJSON: true)
            let line = try #require(request.encode())
            #expect(try ControlRequest.decode(line) == request)
        }
        #expect(ControlRequest(.explain("a\nb"), isJSON: false).encode() == nil)
        #expect(ControlRequest(.explain(""), isJSON: false).encode() == nil)
    }
}
