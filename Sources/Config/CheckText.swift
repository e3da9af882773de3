package import Net

extension CheckAction {
    /// As it was configured, for people.
    package var text: ByteString {
        switch self {
        case .command(let command):
            ByteString([UInt8](command.words.map { $0.bytes }.joined(separator: [0x20])))
        case .builtIn(let check): ByteString("check ") + check.text
        }
    }
}

extension BuiltInCheck {
    fileprivate var text: ByteString {
        switch self {
        case .tcp(let address, let port): "tcp " + endpoint(address, port)
        case .http(let request): "http " + endpoint(request.address, request.port) + request.rest
        case .process(let name): "process " + name
        case .file(let path): "file " + path
        case .ping(let address): ByteString("ping \(address)")
        case .defaultRoute(.ipv4): "route default"
        case .defaultRoute(.ipv6): "route default ipv6"
        }
    }

    private func endpoint(_ address: IPAddress, _ port: UInt16) -> ByteString {
        ByteString(address.family == .ipv6 ? "[\(address)]:\(port)" : "\(address):\(port)")
    }
}

extension HTTPRequest {
    fileprivate var rest: ByteString {
        var rest = ByteString(" ") + path
        if let status { rest = rest + ByteString(" status \(status)") }
        if let text { rest = rest + " string \"" + text + "\"" }
        return rest
    }
}
