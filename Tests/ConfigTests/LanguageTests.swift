import Net
import Testing

@testable import Config

/// The statements of a text, blocks as `keyword{…}`, words in their own brackets.
private func shape(_ statement: Statement) -> String {
    let words = statement.words.map { "[\($0.text)]" }.joined()
    if !statement.hasBlock { return words }
    return words + "{" + statement.body.map(shape).joined(separator: " ") + "}"
}

private func reader(
    _ text: [UInt8], id: ByteString = "node1", files: [ByteString: String] = [:],
    checked: Bool = false
) -> TextReader {
    var options = ParseOptions()
    options.configurationID = id
    options.environment = ["HOME": "/root"]
    options.missingIncludesAreErrors = checked
    var reader = TextReader(options)
    reader.read(SourceFile(path: "/etc/martlet/main.conf", text: text), depth: 0) { pattern, _ in
        files[pattern].map { [SourceFile(path: pattern, text: [UInt8]($0.utf8))] } ?? []
    }
    return reader
}

private func read(_ text: String, files: [ByteString: String] = [:]) -> String {
    let tree = TreeBuilder.tree(of: reader([UInt8](text.utf8), files: files))
    return tree.items.map { item in
        switch item {
        case .statement(let statement): shape(statement)
        case .strayClose: "}"
        }
    }.joined(separator: " ")
}

extension TreeBuilder {
    /// All of a text at once.
    fileprivate static func tree(of reader: TextReader) -> (
        items: [RootItem], findings: [Diagnostic]
    ) {
        var builder = TreeBuilder(reader.lines, closesForgotten: reader.survey.lacksBraces)
        var items: [RootItem] = []
        while let item = builder.next() { items.append(item) }
        return (items, builder.findings)
    }
}

private func codes(_ text: String) -> [String] { codes([UInt8](text.utf8)) }

private func codes(_ text: [UInt8]) -> [String] {
    let reader = reader(text)
    return (reader.findings + TreeBuilder.tree(of: reader).findings).map { $0.code }
}

@Suite struct WordTests {
    @Test func blanksPartWords() {
        #expect(read("priority 100") == "[priority][100]")
        #expect(read("\t priority \t 100 \t") == "[priority][100]")
        #expect(read("priority\u{a0}100") == "[priority][100]")
        #expect(read("priority\u{3000}100") == "[priority][100]")
        #expect(read("") == "")
    }

    @Test func quotesHoldAWordTogether() {
        #expect(read("notify \"/bin/x a b\" c") == "[notify][/bin/x a b][c]")
        #expect(read("a\"b c\"d") == "[a][b c][d]")
        #expect(read("a \"\"") == "[a][]")
        #expect(read("a \"{ # ! }\"") == "[a][{ # ! }]")
        #expect(read("a 'b c'") == "[a]['b][c']")
    }

    @Test func aQuoteEndsWithItsLine() {
        #expect(read("a \"b c\nd e") == "[a][b c] [d][e]")
        #expect(codes("a \"b c\nd e") == ["unmatched-quote"])
    }

    @Test func commentsReachToTheEndOfTheLine() {
        #expect(read("a b # c\n! d\ne!f") == "[a][b] [e]")
        #expect(read("a \\# b\\!c") == "[a][#][b!c]")
        #expect(read("a // b") == "[a][//][b]")
        #expect(read("# a {\nb }") == "[b] }")
    }

    @Test func wordsKnowTheirPlace() {
        let words = TreeBuilder.tree(of: reader([UInt8]("a\n  bb\tccc".utf8))).items.flatMap {
            item in
            if case .statement(let statement) = item { statement.words } else { [Word]() }
        }
        #expect(words.map { $0.location.line } == [1, 2, 2])
        #expect(words.map { $0.location.column } == [1, 3, 6])
    }
}

@Suite struct BraceTests {
    @Test func bracesStandAnywhere() {
        #expect(read("a {\n b c\n}") == "[a]{[b][c]}")
        #expect(read("a\n{\n b c\n}") == "[a]{[b][c]}")
        #expect(read("a{b c}") == "[a]{[b][c]}")
        #expect(read("a x {b {c d} e}") == "[a][x]{[b]{[c][d]} [e]}")
        #expect(read("a { } b {\n}\n") == "[a]{} [b]{}")
    }

    @Test func oneStatementALine() {
        #expect(read("a b\nc d") == "[a][b] [c][d]")
        #expect(read("a {\n b c d e\n f\n}") == "[a]{[b][c][d][e] [f]}")
    }

    @Test func braceErrorsLoseNothing() {
        #expect(read("a b\n}\nc") == "[a][b] } [c]")
        #expect(read("a {\n b\n") == "[a]{[b]}")
        #expect(codes("a {\n b\n") == ["missing-brace"])
        #expect(read("{\n b\n}\n") == "[b]")
        #expect(codes("{\n b\n}\n") == ["unexpected-brace"])
    }

    @Test func aRootBlockEndsForgottenOnes() {
        let text = "vrrp_instance A {\n a {\n b\nvrrp_instance B {\n c\n}\n"
        #expect(read(text) == "[vrrp_instance][A]{[a]{[b]}} [vrrp_instance][B]{[c]}")
        #expect(codes(text) == ["missing-brace", "missing-brace"])
    }

    @Test func sixteenBlocksDeepIsEnough() {
        #expect(
            codes(String(repeating: "a {\n", count: 16) + String(repeating: "}\n", count: 16)) == []
        )
        #expect(codes(String(repeating: "a {\n", count: 17)).first == "too-deep")
    }
}

@Suite struct ForeignTextTests {
    @Test func aByteOrderMarkIsABlank() {
        #expect(read("\u{feff}a b") == "[a][b]")
        #expect(codes("\u{feff}a b") == ["odd-blank"])
    }

    @Test func carriageReturnsAreBlanks() {
        #expect(read("a {\r\n b c\r\n}\r\n") == "[a]{[b][c]}")
        #expect(codes("a {\r\n b c\r\n}\r\n") == ["crlf"])
    }

    @Test func oddBlanksAreReportedOnce() {
        #expect(codes("a\u{a0}b\nc\u{a0}d\n") == ["odd-blank"])
        #expect(codes("# a\u{a0}b\n") == [])
        #expect(reader([UInt8]("ab\u{a0}c".utf8)).findings.first?.location?.column == 3)
    }

    @Test func aLineWithNULIsIgnored() {
        let text: [UInt8] = [UInt8](ascii("a\nb")) + [0] + ascii("c\nd\n")
        #expect(codes(text) == ["nul-byte"])
        #expect(reader(text).lines.map { [UInt8]($0.bytes) } == [ascii("a"), ascii("d")])
        #expect(reader(text).findings.first?.location?.line == 2)
    }

    @Test func linesHave1023BytesAtMost() {
        #expect(codes(String(repeating: "a", count: 1023)) == [])
        #expect(codes(String(repeating: "a", count: 1024)) == ["long-line"])
        #expect(codes("a #" + String(repeating: "a", count: 1024)) == [])
    }
}

private func ascii(_ text: String) -> [UInt8] { [UInt8](text.utf8) }

@Suite struct ConditionTests {
    @Test func linesForOneNode() {
        #expect(read("@node1 priority 100\n@node2 priority 50") == "[priority][100]")
        #expect(read("@^node1 priority 100\n@^node2 priority 50") == "[priority][50]")
        #expect(read("@node1 @^node2 a") == "[a]")
        #expect(read("@node a\n@node11 b\n@node1\n") == "")
    }
}

@Suite struct DefinitionTests {
    @Test func aNameStandsForItsValue() {
        #expect(read("$A=100\npriority $A") == "[priority][100]")
        #expect(read("$A = 100\na") == "[$A][=][100] [a]")
        #expect(read("$A=  b c  \na ${A}d") == "[a][b][cd]")
        #expect(read("$A=1\n$B=$A$A\na $B") == "[a][$A1]")
        #expect(read("$A=1\na $Ab x$A,$A") == "[a][$Ab][x1,1]")
        #expect(read("$A=1\n$A=2\na $A") == "[a][2]")
    }

    @Test func whatIsNotDefinedStays() {
        #expect(read("a $B") == "[a][$B]")
        #expect(read("a $1 $ $$") == "[a][$1][$][$$]")
    }

    @Test func aValueOfSeveralLines() {
        let body = "$BODY= \\\n  a 1 \\\n  b {  \\\n c 2 \\\n }\n"
        #expect(read(body + "x {\n$BODY\n}") == "[x]{[a][1] [b]{[c][2]}}")
        #expect(read(body + "x {\n${BODY}\n}") == "[x]{[a][1] [b]{[c][2]}}")
        #expect(read("$B=a \\\n b\nx $B y") == "[x][a] [b][y]")
        #expect(read("$B= \\\n a \\\n b\nx $B y") == "[x][$B][y]")
        #expect(read("$B= \\\n a \\\n") == "")
    }

    @Test func namesThatAreThereAlready() {
        #expect(read("a ${_INSTANCE}") == "[a][node1]")
        #expect(read("a ${_PWD}/x") == "[a][/etc/martlet/x]")
        #expect(read("a ${_ENV HOME} ${_ENV NONE}b") == "[a][/root][b]")
        #expect(read("a ${_RANDOM 7 7}") == "[a][7]")
        #expect(read("a ${_RANDOM 7 6}") == "[a][$]{[_RANDOM][7][6]}")
    }

    @Test func aDefinitionOfItselfEnds() {
        #expect(codes("$A=x ${A}\na ${A}") == ["endless-definition"])
        #expect(codes("$A=${B}\n$B=${A}\na ${A}") == ["endless-definition"])
    }
}

@Suite struct SequenceTests {
    @Test func numbers() {
        #expect(read("~SEQ(n, 3) a ${n}") == "[a][1] [a][2] [a][3]")
        #expect(read("~SEQ(n, 2, 3) a $n") == "[a][2] [a][3]")
        #expect(read("~SEQ(n, 8, 4, 16) a $n") == "[a][8] [a][12] [a][16]")
        #expect(read("~SEQ(n, 3, 1) a $n") == "[a][3] [a][2] [a][1]")
        #expect(read("~SEQx(n, 9, 11) a $n") == "[a][9] [a][a] [a][b]")
        #expect(read("~SEQ(n, 0x10, 0x11) a $n") == "[a][16] [a][17]")
    }

    @Test func lists() {
        #expect(read("~LST(w, x, y) a $w") == "[a][x] [a][y]")
        #expect(read("~LST({v,w}, {1,x}, {2,y}) a $v $w") == "[a][1][x] [a][2][y]")
        #expect(read("~LST({v,w}, {1}) a $v b${w}c") == "[a][1][bc]")
    }

    @Test func oneInTheOther() {
        #expect(
            read("~SEQ(n, 2) ~LST(w, x, y) a $n $w") == "[a][1][x] [a][1][y] [a][2][x] [a][2][y]")
    }

    @Test func whatLeadsNowhereIsAnError() {
        for text in ["~SEQ(n,1,-1,3) a", "~SEQ(n,x) a", "~SEQ(n) a", "~SEQ(n,1 a", "~LST(n) a"] {
            #expect(codes(text) == ["bad-sequence"], "\(text)")
            #expect(read(text) == "", "\(text)")
        }
        #expect(codes("~SEQ(n,1,0,3) a") == ["bad-sequence"])
        #expect(codes("~SEQ(n,1000001) a") == ["bad-sequence"])
    }
}

@Suite struct IncludeTests {
    private func severities(_ text: String, checked: Bool = false) -> [Severity] {
        reader([UInt8](text.utf8), checked: checked).findings.map { $0.severity }
    }

    @Test func aFileStandsInPlaceOfItsLine() {
        let files: [ByteString: String] = ["b.conf": "b {", "c d.conf": "c"]
        #expect(read("a\ninclude b.conf\nd\n}", files: files) == "[a] [b]{[d]}")
        #expect(read("  include \"b.conf\"\n}", files: files) == "[b]{}")
        #expect(read("includefile b.conf", files: files) == "[includefile][b.conf]")
    }

    @Test func definitionsLeaveTheirFile() {
        #expect(read("include d.conf\na $A", files: ["d.conf": "$A=1"]) == "[a][1]")
    }

    @Test func aFileThatIncludesItselfEnds() {
        let reader = reader([UInt8]("include a".utf8), files: ["a": "x\ninclude a"])
        #expect(Array(reader.lines).count == 16)
        #expect(reader.findings.map { $0.code } == ["deep-include"])
    }

    @Test func aFileThatIncludesItselfTwiceEnds() {
        let reader = reader([UInt8]("include a".utf8), files: ["a": "include a\ninclude a"])
        #expect(reader.files.count == 1000)
        #expect(reader.findings.contains { $0.code == "many-includes" })
    }

    @Test func theVariantsSayWhatMustBeThere() {
        #expect(severities("include none") == [.note])
        #expect(severities("includer none") == [.security])
        #expect(severities("includem none*") == [.security])
        #expect(severities("includew none*") == [.security])
        #expect(severities("includew none") == [.note])
        #expect(severities("includeb {a,b}") == [.security])
        #expect(severities("includeb none*") == [.note])
        #expect(severities("includea none") == [.security])
    }

    @Test func includeCheckIsForAllThatFollow() {
        #expect(severities("include_check\ninclude none") == [.security])
        #expect(
            severities("include_check readable\ninclude none*\ninclude none") == [.note, .security])
        #expect(
            severities("include_check\ninclude_check -match -wildcard_match\ninclude n*") == [.note]
        )
        #expect(severities("include none", checked: true) == [.security])
    }
}
