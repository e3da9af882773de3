import Config
import Linux
import Net

extension Options {
    /// What the command line has to say to the parser.
    var parseOptions: ParseOptions {
        var result = ParseOptions()
        result.configurationID = configurationID ?? ""
        result.missingIncludesAreErrors = missingIncludesAreErrors
        result.workingDirectory = Files.realPath(".") ?? ""
        for entry in Arguments.environment() {
            guard let end = entry.bytes.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = ByteString(entry.bytes[..<end])
            result.environment[name] = ByteString(entry.bytes[(end + 1)...])
        }
        return result
    }

    /// Where no `-i` is given: the host name up to its first dot. Asked for once, so that all
    /// processes read the same configuration.
    mutating func completeConfigurationID() {
        guard configurationID == nil else { return }
        configurationID = ByteString(Process.hostName.bytes.prefix { $0 != UInt8(ascii: ".") })
    }
}
