import Config
import Control
import Net

extension CheckOutcome {
    /// Findings as `-t` prints them, then one line that sums up.
    func plain(usesColour: Bool) -> [UInt8] {
        var renderer = FindingRenderer(files, usesColour: usesColour)
        var text: [UInt8] = []
        for finding in findings { text += renderer.render(finding) }
        text += [UInt8](paths.map { $0.bytes }.joined(separator: [UInt8](", ".utf8)))
        text += ": \(summary)\n".utf8
        return text
    }

    private var summary: String {
        var parts: [String] = []
        for (count, what) in [
            (count(.error ... .security), "error"), (count(.warning ... .warning), "warning"),
            (count(.note ... .note), "note"),
        ] where count > 0 {
            parts.append("\(count) \(what)\(count == 1 ? "" : "s")")
        }
        var text = parts.isEmpty ? "nothing found" : parts.joined(separator: ", ")
        if silenced > 0 { text += " (\(silenced) silenced)" }
        return text
    }

    func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("files")
            writer.array { writer in for path in paths { writer.value(path) } }
            writer.key("findings")
            writer.array { writer in for finding in findings { write(finding, &writer) } }
            writer.member("errors", count(.error ... .security))
            writer.member("warnings", count(.warning ... .warning))
            writer.member("notes", count(.note ... .note))
            writer.member("silenced", silenced)
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private func write(_ finding: Diagnostic, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("severity", ByteString(finding.severity.word))
            writer.member("code", ByteString(finding.code))
            write(finding.location, &writer)
            writer.member("message", finding.message)
            if let hint = finding.hint { writer.member("hint", hint) }
            writer.member("block", finding.block)
            writer.member("word", finding.word)
            if finding.related != nil {
                writer.key("related")
                writer.object { writer in write(finding.related, &writer) }
            }
        }
    }

    private func write(_ location: SourceLocation?, _ writer: inout JSONWriter) {
        guard let location, files.indices.contains(location.file) else { return }
        writer.member("file", files[location.file].path)
        writer.member("line", location.line)
        writer.member("column", location.column)
    }
}
