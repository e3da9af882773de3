import Advice
import Config
import Linux
import Net

/// What `martletctl check` was asked.
struct CheckRequest {
    struct Subject {
        var path: ByteString
        /// `-i`: as on that node.
        var id: ByteString?
    }

    var subjects: [Subject] = []
    var isStrict = false
    var isJSON = false
    var silenced: [ByteString] = []
    /// The files are those of other machines: interfaces and programs of this one tell nothing.
    var isElsewhere = false

    init(_ words: [ByteString]) throws(UsageError) {
        var rest = words[...]
        var id: ByteString?
        while let word = rest.popFirst() {
            if word == "--json" {
                isJSON = true
            } else if word == "--strict" {
                isStrict = true
            } else if word == "--elsewhere" {
                isElsewhere = true
            } else if word == "--silence" {
                guard let code = rest.popFirst() else {
                    throw UsageError(text: "--silence needs the code of a finding")
                }
                silenced.append(code)
            } else if word == "-i" {
                guard let name = rest.popFirst() else { throw UsageError(text: "-i needs a name") }
                id = name
            } else if word.bytes.first == UInt8(ascii: "-") {
                throw UsageError(text: "there is no option \(word)")
            } else {
                subjects.append(Subject(path: word, id: id))
            }
        }
        if subjects.isEmpty { subjects.append(Subject(path: Options().file, id: id)) }
        if subjects.count > 1 { isElsewhere = true }
    }
}

/// Exit statuses of `martletctl check`.
enum CheckStatus {
    static let clean: Int32 = 0
    static let warnings: Int32 = 1
    static let errors: Int32 = 2
}

/// What a check found, in the order in which it is told.
struct CheckOutcome {
    var paths: [ByteString] = []
    /// Of all subjects; locations point into them.
    var files: [SourceFile] = []
    var findings: [Diagnostic] = []
    var silenced = 0

    func count(_ severities: ClosedRange<Severity>) -> Int {
        var count = 0
        for finding in findings where severities.contains(finding.severity) { count += 1 }
        return count
    }

    func status(isStrict: Bool) -> Int32 {
        if count(.error ... .security) > 0 { return CheckStatus.errors }
        return isStrict && count(.warning ... .warning) > 0
            ? CheckStatus.warnings : CheckStatus.clean
    }
}

/// The whole of `martletctl check`; gives the exit status.
func check(_ request: CheckRequest) -> Int32 {
    var outcome = CheckOutcome()
    var nodes: [Node] = []
    for subject in request.subjects {
        outcome.paths.append(subject.path)
        read(subject, request, &outcome, &nodes)
    }
    if nodes.count == request.subjects.count { outcome.findings += comparison(of: nodes) }
    silence(request, &outcome)
    if request.isJSON {
        Console.output(outcome.json())
    } else {
        let usesColour =
            Console.isOutputTerminal && Arguments.environment("NO_COLOR") == nil
        Console.output(outcome.plain(usesColour: usesColour))
    }
    return outcome.status(isStrict: request.isStrict)
}

private func read(
    _ subject: CheckRequest.Subject, _ request: CheckRequest, _ outcome: inout CheckOutcome,
    _ nodes: inout [Node]
) {
    var options = Options()
    options.file = subject.path
    options.configurationID = subject.id
    options.completeConfigurationID()
    do throws(SystemError) {
        let reading = try ConfigurationReading(options: options).read()
        add(reading, options, name(subject, among: nodes), request, &outcome, &nodes)
    } catch {
        outcome.findings.append(
            Diagnostic(
                .error, "cannot-read",
                subject.path + ByteString(": \(SystemError.text(error.code))"), at: nil,
                word: subject.path))
    }
}

private func add(
    _ reading: ConfigurationReading.Outcome, _ options: Options, _ name: ByteString,
    _ request: CheckRequest, _ outcome: inout CheckOutcome, _ nodes: inout [Node]
) {
    let configuration = reading.result.configuration
    var places = reading.archive.places(options)
    var findings = reading.result.diagnostics
    var hasScriptUser: Bool?
    if !request.isElsewhere {
        findings += located(machineFindings(configuration)) { places }
        hasScriptUser = Accounts.account("keepalived_script") != nil
    }
    for number in findings.indices { findings[number].location?.file += outcome.files.count }
    places.move(by: outcome.files.count)
    var node = Node(name: name, configuration: configuration, places: places)
    node.hasScriptUser = hasScriptUser
    for lint in lints(of: node) where !isTold(lint, in: findings) { findings.append(lint) }
    outcome.findings += findings.sorted { isBefore($0.location, $1.location) }
    outcome.files += reading.result.files
    nodes.append(node)
}

/// A placeholder that the parser stumbled over already.
private func isTold(_ lint: Diagnostic, in findings: [Diagnostic]) -> Bool {
    guard lint.code == Lint.placeholder.rawValue else { return false }
    return findings.contains {
        $0.location?.file == lint.location?.file && $0.location?.line == lint.location?.line
    }
}

/// "web1" of web1.conf; the name after -i where files are the same.
private func name(_ subject: CheckRequest.Subject, among nodes: [Node]) -> ByteString {
    let plain = stem(subject.path)
    guard nodes.contains(where: { $0.name == plain }) else { return subject.id ?? plain }
    return subject.id ?? subject.path
}

/// Lints and warnings can be silenced; what is wrong with a text cannot.
private func silence(_ request: CheckRequest, _ outcome: inout CheckOutcome) {
    let silences = Silences(outcome.files)
    let all = outcome.findings
    outcome.findings = all.filter { finding in
        guard finding.severity < .error || Lint.named(finding.code) != nil else { return true }
        return !request.silenced.contains { $0 == finding.code }
            && !silences.cover(finding.code, at: finding.location)
            && !silences.cover(finding.code, at: finding.related)
    }
    outcome.silenced = all.count - outcome.findings.count
    var codes: Set<ByteString> = []
    for lint in Lint.allCases { codes.insert(ByteString(lint.rawValue)) }
    let lints = codes
    for finding in all { codes.insert(ByteString(finding.code)) }
    for entry in silences.entries where !codes.contains(entry.code) {
        outcome.findings.append(
            Diagnostic(
                .warning, "unknown-silence", "nothing here is called " + entry.code,
                at: entry.location, word: entry.code,
                hint: nearest(entry.code, among: lints.map { $0.description }).map {
                    ByteString("did you mean \($0)?")
                } ?? "codes stand in brackets behind findings, and in martletctl(8)"))
    }
}
