import Config
import Net

@testable import Advice

/// An instance with the lines that a test is about.
func instance(
    named name: String = "VI_1", vrid: Int = 51, priority: Int? = 100,
    addresses: [String] = ["192.0.2.100/24"], _ extra: String...
) -> String {
    let priority = priority.map { "    priority \($0)\n" } ?? ""
    return "vrrp_instance \(name) {\n    interface eth0\n    virtual_router_id \(vrid)\n"
        + priority + extra.map { "    \($0)\n" }.joined()
        + "    virtual_ipaddress {\n" + addresses.map { "        \($0)\n" }.joined()
        + "    }\n}\n"
}

func script(_ lines: String...) -> String {
    "global_defs {\n    script_user nobody\n}\nvrrp_script chk {\n    script /bin/true\n"
        + lines.map { "    \($0)\n" }.joined() + "}\n"
}

let tracked = "track_script {\n        chk\n    }"

func group(_ extra: String...) -> String {
    "vrrp_sync_group G {\n    group {\n        VI_1\n        VI_2\n    }\n"
        + extra.map { "    \($0)\n" }.joined() + "}\n"
}

/// Nodes called web1, web2 ... of these texts.
func nodes(_ texts: [String]) -> [Node] {
    texts.enumerated().map { number, text in
        let main = SourceFile(path: ByteString("web\(number + 1).conf"), text: [UInt8](text.utf8))
        let result = parse(main, options: ParseOptions()) { _, _ in [] }
        var places = Places(main, options: ParseOptions()) { _, _ in [] }
        places.move(by: number)
        return Node(
            name: ByteString("web\(number + 1)"), configuration: result.configuration,
            places: places)
    }
}

func advice(_ texts: [String]) -> [Diagnostic] {
    let nodes = nodes(texts)
    return nodes.flatMap { lints(of: $0) } + comparison(of: nodes)
}

extension SourceLocation {
    /// "web1:4"
    var short: String { "web\(file + 1):\(line)" }
}
