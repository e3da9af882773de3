import Config
import Net

extension BuiltInCheck? {
    /// The kind (0: none), then what it needs.
    func encode(into writer: inout ByteWriter) {
        switch self {
        case nil: writer.append(UInt8(0))
        case .tcp(let address, let port):
            writer.append(UInt8(1))
            writer.append(address)
            writer.append(port)
        case .http(let request):
            writer.append(UInt8(2))
            request.encode(into: &writer)
        case .process(let name):
            writer.append(UInt8(3))
            writer.append(name)
        case .file(let path):
            writer.append(UInt8(4))
            writer.append(path)
        case .ping(let address):
            writer.append(UInt8(5))
            writer.append(address)
        case .defaultRoute(let family):
            writer.append(UInt8(6))
            writer.append(family.rawValue)
        }
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        switch try reader.number(UInt8.self) {
        case 0: self = nil
        case 1:
            self = .tcp(try reader.requiredAddress(), port: try reader.number(UInt16.self))
        case 2: self = .http(try HTTPRequest(from: &reader))
        case 3: self = .process(try reader.text())
        case 4: self = .file(try reader.text())
        case 5: self = .ping(try reader.requiredAddress())
        case 6:
            guard let family = Family(rawValue: try reader.number(UInt8.self)) else {
                throw DecodingError()
            }
            self = .defaultRoute(family)
        default: throw DecodingError()
        }
    }
}

extension HTTPRequest {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(address)
        writer.append(port)
        writer.append(path)
        writer.append(Int32(truncatingIfNeeded: status ?? 0))
        writer.append(text != nil)
        writer.append(text ?? "")
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        self.init(address: try reader.requiredAddress(), port: try reader.number(UInt16.self))
        path = try reader.text()
        let code = Int(try reader.number(Int32.self))
        status = code == 0 ? nil : code
        let hasText = try reader.flag()
        let wanted = try reader.text()
        text = hasText ? wanted : nil
    }
}
