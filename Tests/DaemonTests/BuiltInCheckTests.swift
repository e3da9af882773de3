import Config
import Net
import Testing

@testable import Daemon

@Suite struct HTTPAnswerTests {
    private func request(
        status: Int? = nil, text: ByteString? = nil
    ) -> HTTPRequest {
        var request = HTTPRequest(address: .v4(IPv4Address(127, 0, 0, 1)), port: 80)
        request.status = status
        request.text = text
        return request
    }

    private func verdict(_ request: HTTPRequest, _ parts: String...) -> HTTPAnswer.Verdict {
        var answer = HTTPAnswer(to: request)
        var verdict = HTTPAnswer.Verdict.more
        for part in parts where verdict == .more { verdict = answer.append([UInt8](part.utf8)) }
        return verdict == .more ? answer.end() : verdict
    }

    @Test func theQuestionIsPlainHTTP() {
        var request = request()
        request.path = "/health"
        #expect(
            String(decoding: HTTPAnswer.question(request), as: UTF8.self)
                == "GET /health HTTP/1.0\r\nHost: 127.0.0.1\r\nUser-Agent: martlet\r\n"
                + "Connection: close\r\n\r\n")
    }

    @Test func anySuccessIsGood() {
        #expect(verdict(request(), "HTTP/1.1 200 OK\r\n") == .good)
        #expect(verdict(request(), "HTTP/1.0 302 Found\r\n") == .good)
        #expect(verdict(request(), "HTTP/1.0 404 Not Found\r\n") == .bad("status 404"))
    }

    @Test func aWantedStatusIsTheOnlyGoodOne() {
        #expect(verdict(request(status: 404), "HTTP/1.0 404 Not Found\r\n") == .good)
        #expect(verdict(request(status: 204), "HTTP/1.0 200 OK\r\n") == .bad("status 200"))
    }

    @Test func aTextMayComeInPieces() {
        let wanted = request(text: "alive")
        #expect(verdict(wanted, "HTTP/1.1 ", "200 OK\r\n\r\nal", "ive") == .good)
        #expect(
            verdict(wanted, "HTTP/1.1 200 OK\r\n\r\ndead")
                == .bad("the text is not in the answer"))
    }

    @Test func whatIsNoHTTPIsBad() {
        #expect(verdict(request(), "SSH-2.0-OpenSSH\r\n") == .bad("no HTTP answer"))
        #expect(verdict(request(), "HTTP/1.1\r\n") == .bad("no HTTP answer"))
        #expect(verdict(request()) == .bad("no HTTP answer"))
        #expect(verdict(request(), String(repeating: "x", count: 2000)) == .bad("no HTTP answer"))
        let flood = String(repeating: "x", count: 70_000)
        #expect(
            verdict(request(text: "alive"), "HTTP/1.1 200 OK\r\n", flood)
                == .bad("the text is not in the answer"))
    }
}

@Suite struct DefaultRouteTests {
    private func isThere(_ lines: String, _ family: Family) -> Bool {
        DefaultRoute.isThere(in: [UInt8](lines.utf8), family)
    }

    @Test func ipv4() {
        let head = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\n"
        let network = "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n"
        #expect(!isThere(head + network, .ipv4))
        #expect(isThere(head + "eth0\t00000000\tFE0200C0\t0003\t0\t0\t0\t00000000\t0\n", .ipv4))
        // Down, and unreachable.
        #expect(!isThere(head + "eth0\t00000000\tFE0200C0\t0002\t0\t0\t0\t00000000\t0\n", .ipv4))
        #expect(!isThere(head + "*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\n", .ipv4))
        // Half of a default route is none.
        #expect(!isThere(head + "eth0\t00000000\tFE0200C0\t0003\t0\t0\t0\t00000080\t0\n", .ipv4))
    }

    @Test func ipv6() {
        let zero = "00000000000000000000000000000000"
        func line(_ length: String, _ flags: String, _ interface: String) -> String {
            "\(zero) \(length) \(zero) 00 fe80000000000000000000000000fffe 00000400 00000001"
                + " 00000000 \(flags) \(interface)\n"
        }
        #expect(isThere(line("00", "00000003", "eth0"), .ipv6))
        #expect(!isThere(line("40", "00000001", "eth0"), .ipv6))
        // The kernel's own "unreachable" line.
        #expect(!isThere(line("00", "00200200", "lo"), .ipv6))
    }
}

@Suite struct BuiltInCheckTests {
    @Test func everyKindComesBackAsItWas() throws {
        var request = HTTPRequest(address: .v4(IPv4Address(192, 0, 2, 1)), port: 8080)
        request.path = "/health"
        request.status = 204
        request.text = "ok"
        let checks: [BuiltInCheck?] = [
            nil, .tcp(.v6(IPv6Address(high: 0, low: 1)), port: 443), .http(request),
            .process("nginx"), .file("/run/ready"), .ping(.v4(IPv4Address(192, 0, 2, 254))),
            .defaultRoute(.ipv6),
        ]
        for check in checks {
            var writer = ByteWriter()
            check.encode(into: &writer)
            var reader = ByteReader(writer.bytes)
            #expect(try BuiltInCheck?(from: &reader) == check)
            #expect(reader.isAtEnd)
        }
    }

    private func read(_ check: String) -> (BuiltInCheck?, [String]) {
        let text =
            "vrrp_script x {\n check \(check)\n}\nvrrp_instance a {\n interface e\n"
            + " virtual_router_id 1\n virtual_ipaddress {\n 192.0.2.1\n }\n"
            + " track_script {\n x\n }\n}\n"
        let file = SourceFile(path: "/a.conf", text: [UInt8](text.utf8))
        let result = parse(file, options: ParseOptions()) { _, _ in [] }
        return (
            result.configuration.scripts.first?.builtIn,
            result.diagnostics.filter { $0.severity >= .warning }.map { $0.code }
        )
    }

    @Test func theWordsOfAConfiguration() {
        let address = IPAddress.v4(IPv4Address(127, 0, 0, 1))
        #expect(read("tcp 127.0.0.1:80") == (.tcp(address, port: 80), []))
        #expect(
            read("tcp [::1]:443") == (.tcp(.v6(IPv6Address(high: 0, low: 1)), port: 443), []))
        var request = HTTPRequest(address: address, port: 80)
        #expect(read("http 127.0.0.1:80") == (.http(request), []))
        request.path = "/health"
        request.status = 200
        request.text = "all is well"
        #expect(
            read("http 127.0.0.1:80 /health status 200 string \"all is well\"")
                == (.http(request), []))
        #expect(read("process nginx") == (.process("nginx"), []))
        #expect(read("file /run/ready") == (.file("/run/ready"), []))
        #expect(read("ping 127.0.0.1") == (.ping(address), []))
        #expect(read("route default") == (.defaultRoute(.ipv4), []))
        #expect(read("route default ipv6") == (.defaultRoute(.ipv6), []))
    }

    @Test func whatIsWrongIsSaid() {
        #expect(read("tcp example.org:80").1.contains("bad-address"))
        #expect(read("tcp 127.0.0.1").1.contains("bad-address"))
        #expect(read("tpc 127.0.0.1:80").1.contains("bad-check"))
        #expect(read("process nginx twice").1 == ["unknown-word"])
        #expect(read("http 127.0.0.1:80 status 7").1 == ["bad-number"])
        #expect(read("route 192.0.2.0").1.contains("bad-check"))
    }
}
