package import Net

/// What the command line has to say to the parser.
package struct ParseOptions: Hashable, Sendable {
    /// `-i`: what `@id` and `${_INSTANCE}` mean; the short host name unless it is given.
    package var configurationID: ByteString = ""
    /// For `${_PWD}` where the file was given by a relative path; empty: not known.
    package var workingDirectory: ByteString = ""
    /// For `${_ENV NAME}`.
    package var environment: [ByteString: ByteString] = [:]
    package var missingIncludesAreErrors = false
    /// Definitions and sequences may make so many lines; what is beyond is an error.
    package var grownLineLimit = 1_000_000

    package init() {}
}

/// The outcome of reading a configuration: always a value to run with, never a throw.
package struct ParseResult: Sendable {
    package var configuration: Configuration
    package var diagnostics: [Diagnostic]
    /// The texts that locations point into.
    package var files: [SourceFile]

    /// A vrrp_instance was written but cannot run.
    package var lostInstances: Bool {
        for finding in diagnostics
        where finding.code == "missing-vrid" || finding.code == "missing-interface-name"
            || finding.code == "no-address-v3" || finding.code == "strict-address"
            || finding.code == "strict-unicast"
        {
            return true
        }
        return false
    }
}

/// Reads a configuration: main file and includes.
///
/// - Parameter include: gives the files that a pattern names; the second argument is the directory
///   of the including file.
package func parse(
    _ main: SourceFile, options: ParseOptions,
    include: (ByteString, ByteString) -> [SourceFile]
) -> ParseResult {
    var parsing = Parsing(main, options: options, include: include)
    while parsing.step() {}
    return parsing.finish()
}

/// The same, block by block, for who has other things to do meanwhile.
package struct Parsing {
    private let reader: TextReader
    private var tree: TreeBuilder
    private var interpreter = Interpreter()

    package init(
        _ main: SourceFile, options: ParseOptions,
        include: (ByteString, ByteString) -> [SourceFile]
    ) {
        var reader = TextReader(options)
        reader.read(main, depth: 0, include: include)
        tree = TreeBuilder(reader.lines, closesForgotten: reader.survey.lacksBraces)
        interpreter.names = RoutingNames(reader.survey, include)
        self.reader = reader
    }

    /// Understands the next block. False: there is none left.
    package mutating func step() -> Bool {
        guard let item = tree.next() else { return false }
        interpreter.interpret(item)
        return true
    }

    /// Once all blocks are understood.
    package mutating func finish() -> ParseResult {
        let configuration = interpreter.complete()
        var findings = Findings()
        for finding in reader.findings + tree.findings + interpreter.findings.list {
            findings.add(finding)
        }
        return ParseResult(
            configuration: configuration, diagnostics: findings.list.sorted(by: isBefore),
            files: reader.files)
    }
}

/// In the order of the text; what has no place comes last.
private func isBefore(_ left: Diagnostic, _ right: Diagnostic) -> Bool {
    guard let a = left.location else { return false }
    guard let b = right.location else { return true }
    return (a.file, a.line, a.column) < (b.file, b.line, b.column)
}
