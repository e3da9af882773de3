import Config
import Control
import Foresight
import Linux
import Net
import VRRP

/// What `martletctl simulate` was asked.
struct SimulationRequest {
    struct Step {
        var at: Interval
        var what: Happening
        var node: Int
    }

    var paths: [ByteString] = []
    var nodes: [ByteString] = []
    var configurations: [Configuration] = []
    var steps: [Step] = []
    var length: Interval?
    var isJSON = false

    /// The last step and a minute, where nothing else was asked for.
    var end: Interval {
        var last = Interval.zero
        for step in steps { last = max(last, step.at) }
        return length ?? last + .seconds(60)
    }
}

extension SimulationRequest {
    init(_ words: [ByteString]) throws(UsageError) {
        var rest = words[...]
        var later: [[ByteString]] = []
        while let word = rest.popFirst() {
            if word == "--json" {
                isJSON = true
            } else if word == "--for" {
                guard let text = rest.popFirst(), let value = duration(text) else {
                    throw UsageError(text: "--for needs a time, like 10s, 500ms or 2h")
                }
                length = value
            } else if word == "--at" {
                guard rest.count >= 3 else {
                    throw UsageError(text: "--at needs a time, what happens, and to which node")
                }
                later.append([ByteString](rest.prefix(3)))
                rest = rest.dropFirst(3)
            } else {
                paths.append(word)
            }
        }
        guard !paths.isEmpty else { throw UsageError(text: "which configurations?") }
        for path in paths { try read(path) }
        for words in later { steps.append(try step(words)) }
    }

    private mutating func read(_ path: ByteString) throws(UsageError) {
        do throws(SystemError) {
            var options = Options()
            options.file = path
            options.completeConfigurationID()
            let outcome = try ConfigurationReading(options: options).read()
            configurations.append(outcome.result.configuration)
        } catch {
            throw UsageError(text: "\(path): \(SystemError.text(error.code))")
        }
        var name = stem(path)
        if nodes.contains(name) { name = name + ByteString("-\(nodes.count + 1)") }
        nodes.append(name)
    }

    private func step(_ words: [ByteString]) throws(UsageError) -> Step {
        guard let at = duration(words[0]) else {
            throw UsageError(text: "\(words[0]) is no time: 10s, 500ms, 2h")
        }
        let parts = words[2].bytes.split(
            separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let node = nodes.firstIndex(of: ByteString(parts[0])) else {
            let known = nodes.map { $0.description }.joined(separator: ", ")
            throw UsageError(text: "there is no node \(ByteString(parts[0])); there are: \(known)")
        }
        if words[1] == "kill" { return Step(at: at, what: .kill, node: node) }
        if words[1] == "stop" { return Step(at: at, what: .stop, node: node) }
        if words[1] == "start" { return Step(at: at, what: .start, node: node) }
        let isFailure = words[1] == "fail-script"
        guard isFailure || words[1] == "mend-script" else {
            throw UsageError(
                text: "\(words[1]) is none of kill, stop, start, fail-script, mend-script")
        }
        let name = parts.count > 1 ? ByteString(parts[1]) : ""
        for (index, script) in configurations[node].scripts.enumerated() where script.name == name {
            return Step(at: at, what: .script(index, works: !isFailure), node: node)
        }
        throw UsageError(text: "\(nodes[node]) has no script \(name)")
    }
}

/// "a/web1.conf" is the node web1.
func stem(_ path: ByteString) -> ByteString {
    let last = path.bytes.split(separator: UInt8(ascii: "/")).last ?? path.bytes[...]
    let ending = [UInt8](".conf".utf8)
    let isPlain = last.count <= ending.count || !last.suffix(5).elementsEqual(ending)
    return ByteString(isPlain ? last : last.dropLast(5))
}

/// "1.5s", "500ms", "2m", "1h", "10".
private func duration(_ text: ByteString) -> Interval? {
    var whole: Int64 = 0
    var scale: Int64 = 0
    var rest = text.bytes[...]
    var digits = 0
    while let byte = rest.first, byte >= 48 && byte <= 57 || byte == 46 && scale == 0 {
        rest = rest.dropFirst()
        if byte == 46 {
            scale = 1
            continue
        }
        digits += 1
        guard digits <= 9 else { return nil }
        whole = whole * 10 + Int64(byte - 48)
        scale *= 10
    }
    guard digits > 0 else { return nil }
    let unit: Interval
    switch ByteString(rest) {
    case "", "s": unit = .seconds(1)
    case "ms": unit = .milliseconds(1)
    case "m": unit = .seconds(60)
    case "h": unit = .seconds(3600)
    default: return nil
    }
    return unit * whole / max(scale, 1)
}

/// The whole of `martletctl simulate`; gives the exit status.
func simulate(_ request: SimulationRequest) -> Int32 {
    var cluster = Cluster(request.configurations)
    for node in request.nodes.indices { cluster.happen(.start, to: node) }
    var steps = request.steps
    // Stable: what is given first happens first.
    var position = 0
    while !steps.isEmpty {
        position = 0
        for candidate in steps.indices where steps[candidate].at < steps[position].at {
            position = candidate
        }
        let step = steps.remove(at: position)
        cluster.run(until: Instant(nanoseconds: step.at.nanoseconds))
        cluster.happen(step.what, to: step.node)
    }
    cluster.run(until: Instant(nanoseconds: request.end.nanoseconds))
    let text = SimulationText(request: request, cluster: cluster)
    Console.output(request.isJSON ? text.json() : text.plain())
    return 0
}
