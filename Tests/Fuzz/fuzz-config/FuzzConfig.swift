import Config
import Net

// libFuzzer feeds the configuration parser. Run it with `make fuzz`; what it finds belongs into
// Tests/Fuzz/corpus/config, which the plain tests run too.

/// Reads a text with everything a text can ask for, and prints what there is to say about it.
func parseAnything(_ text: [UInt8]) -> ParseResult {
    var options = ParseOptions()
    options.configurationID = "node1"
    options.environment = ["HOME": "/root"]
    options.grownLineLimit = 2000
    let main = SourceFile(path: "/etc/martlet/martlet.conf", text: text)
    var includesLeft = 20
    let result = parse(main, options: options) { pattern, _ in
        includesLeft -= 1
        guard includesLeft > 0, pattern.count % 2 == 0 else { return [] }
        return [SourceFile(path: pattern, text: [UInt8](text.prefix(200)))]
    }
    for finding in result.diagnostics { _ = render(finding, result.files) }
    return result
}
