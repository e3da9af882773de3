package import Net

/// `# martlet: silence CODE...`: behind a statement for its line, on a line of its own for the file.
package struct Silences: Sendable {
    package struct Entry: Sendable {
        package var code: ByteString
        package var location: SourceLocation
        var isForFile: Bool
    }

    package private(set) var entries: [Entry] = []

    package init(_ files: [SourceFile]) {
        for (number, file) in files.enumerated() { read(file.text, number) }
    }

    package func cover(_ code: String, at location: SourceLocation?) -> Bool {
        guard let location else { return false }
        for entry in entries where entry.location.file == location.file && entry.code == code {
            if entry.isForFile || entry.location.line == location.line { return true }
        }
        return false
    }

    private mutating func read(_ text: [UInt8], _ file: Int) {
        var place = SourceLocation(file: file, line: 0, column: 1)
        for line in text.split(separator: Byte.newline, omittingEmptySubsequences: false) {
            place.line += 1
            read([UInt8](line), place)
        }
    }

    private mutating func read(_ line: [UInt8], _ place: SourceLocation) {
        let start = commentStart(line)
        let isAlone = !line[..<start].contains { !Byte.isBlank($0) }
        var words: [ArraySlice<UInt8>] = []
        for word in line[start...].split(whereSeparator: { isSeparator($0) }) { words.append(word) }
        guard words.count > 2, words[0].elementsEqual("martlet:".utf8),
            words[1].elementsEqual("silence".utf8)
        else { return }
        for word in words[2...] {
            var location = place
            location.column = word.startIndex + 1
            entries.append(
                Entry(code: ByteString(word), location: location, isForFile: isAlone))
        }
    }

    private func isSeparator(_ byte: UInt8) -> Bool {
        Byte.isBlank(byte) || byte == Byte.hash || byte == Byte.bang || byte == UInt8(ascii: ",")
    }
}
