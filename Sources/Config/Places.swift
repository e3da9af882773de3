package import Net

/// Where what a configuration says is written. `Configuration` holds values only; who wants to point
/// at their lines afterwards reads the text once more.
package struct Places: Sendable {
    /// A line within a block.
    package struct Line: Sendable {
        /// The block within the block: "virtual_ipaddress"; empty for the block's own lines.
        package var section: ByteString
        /// Never empty.
        package var words: [Word]

        package var location: SourceLocation? { words.first?.location }
    }

    private struct Block: Sendable {
        var location: SourceLocation
        var lines: [Line] = []
    }

    /// By "vrrp_instance VI_1". Of blocks with one name the first counts.
    private var blocks: [ByteString: Block] = [:]
    /// In the order of the text.
    package private(set) var titles: [ByteString] = []

    package init(
        _ main: SourceFile, options: ParseOptions,
        include: (ByteString, ByteString) -> [SourceFile]
    ) {
        var reader = TextReader(options)
        reader.read(main, depth: 0, include: include)
        let survey = reader.survey
        var tree = TreeBuilder(reader.lines, closesForgotten: survey.lacksBraces)
        while let item = tree.next() {
            if case .statement(let statement) = item { add(statement) }
        }
    }

    private mutating func add(_ statement: Statement) {
        guard let keyword = statement.keyword, statement.hasBlock else { return }
        let title = statement.values.first.map { keyword.text + " " + $0.text } ?? keyword.text
        var block = Block(location: statement.values.first?.location ?? keyword.location)
        collect(statement.body, section: "", into: &block.lines)
        if let known = blocks[title] {
            // Only blocks without a name may come twice.
            guard statement.values.isEmpty else { return }
            block.lines = known.lines + block.lines
        } else {
            titles.append(title)
        }
        blocks[title] = block
    }

    private func collect(_ body: [Statement], section: ByteString, into lines: inout [Line]) {
        for statement in body where !statement.words.isEmpty {
            lines.append(Line(section: section, words: statement.words))
            guard let keyword = statement.keyword else { continue }
            collect(statement.body, section: keyword.text, into: &lines)
        }
    }

    /// All files are counted from another position on.
    package mutating func move(by files: Int) {
        for (title, old) in blocks {
            var block = old
            block.location.file += files
            for line in block.lines.indices {
                for word in block.lines[line].words.indices {
                    block.lines[line].words[word].location.file += files
                }
            }
            blocks[title] = block
        }
    }
}

extension Places {
    /// Of a block's name.
    package func block(_ title: ByteString) -> SourceLocation? { blocks[title]?.location }

    package func lines(of title: ByteString) -> [Line] { blocks[title]?.lines ?? [] }

    /// The line that counts for a keyword: the last.
    package func line(_ keyword: String, in title: ByteString) -> Line? {
        let sought = ByteString(keyword)
        return lines(of: title).last { $0.words.first?.text == sought }
    }

    /// The line of a keyword, else the block.
    package func place(_ keyword: String, in title: ByteString) -> SourceLocation? {
        line(keyword, in: title)?.location ?? block(title)
    }

    /// The line of an address in a block within the block, else the block.
    package func place(
        of address: IPAddress, sections: [String], in title: ByteString
    ) -> SourceLocation? {
        for line in lines(of: title)
        where sections.contains(where: { line.section == $0 }) {
            for word in line.words where isAddress(word, address) { return word.location }
        }
        return block(title)
    }

    private func isAddress(_ word: Word, _ address: IPAddress) -> Bool {
        let end = word.text.bytes.firstIndex(of: UInt8(ascii: "/")) ?? word.text.count
        return IPAddress(text: word.text.bytes[..<end]) == address
    }

    /// The line of a name in a block within the block.
    package func entry(
        _ name: ByteString, section: String, in title: ByteString
    ) -> SourceLocation? {
        lines(of: title).first { $0.section == section && $0.words.first?.text == name }?.location
    }

    /// The first word of the text that is, or begins with, what is sought.
    package func firstWord(startingWith text: ByteString) -> SourceLocation? {
        for title in titles {
            for line in lines(of: title) {
                for word in line.words where word.text.bytes.starts(with: text.bytes) {
                    return word.location
                }
            }
        }
        return nil
    }
}
