import Config
import Control
import Foresight
import Net
import VRRP

/// A simulation's outcome, for people and for machines.
struct SimulationText {
    let request: SimulationRequest
    let cluster: Cluster

    func plain() -> String {
        var text = ""
        for occurrence in cluster.occurrences { text += line(occurrence) + "\n" }
        text += "\n"
        for holding in cluster.holdings { text += line(holding) + "\n" }
        let answers = Foresight.answers(request.configurations)
        if !answers.isEmpty { text += "\nIf, one at a time:\n" }
        for answer in answers { text += line(answer) + "\n" }
        return text
    }

    private func line(_ occurrence: Occurrence) -> String {
        let name = request.nodes[occurrence.node]
        return "\(padded(seconds(occurrence.time))) s  \(name) \(words(occurrence))"
    }

    private func words(_ occurrence: Occurrence) -> String {
        switch occurrence.what {
        case .happening(.kill): return "dies"
        case .happening(.stop): return "is stopped"
        case .happening(.start): return "starts"
        case .happening(.script(let script, let works)):
            let name = scriptName(occurrence.node, script)
            return "script \(name) \(works ? "works" : "fails") from now on"
        case .entered(let instance, let state, let reason):
            let configuration = request.configurations[occurrence.node]
            let name = configuration.instances[instance].name
            return "\(name) \(state.word) (\(reason.text(configuration.names)))"
        }
    }

    private func line(_ holding: Tenure) -> String {
        let name = "\(holding.name) (VRID \(holding.vrid))"
        guard let first = holding.firstHeld else { return "\(name): never held by anybody" }
        return "\(name): first held at \(seconds(first)) s; since then by nobody for "
            + "\(seconds(holding.nobody)) s, by several for \(seconds(holding.several)) s"
    }

    private func line(_ answer: Answer) -> String {
        let holding = answer.holding
        var text = "\(what(answer.question)): \(holding.name) "
        if case .scriptFails = answer.question { text += answer.arithmetic + ": " }
        guard let after = answer.after else { return text + "nobody answers any more" }
        if after == answer.before { return text + "NO failover" }
        return text + "\(request.nodes[after]) takes over, nobody for \(seconds(holding.nobody)) s"
    }

    private func what(_ question: Question) -> String {
        switch question {
        case .dies(let node): "\(request.nodes[node]) dies"
        case .scriptFails(let node, let script):
            "script \(scriptName(node, script)) fails on \(request.nodes[node])"
        }
    }

    private func scriptName(_ node: Int, _ script: Int) -> ByteString {
        let scripts = request.configurations[node].scripts
        return scripts.indices.contains(script) ? scripts[script].name : ""
    }

    private func seconds(_ instant: Instant) -> String { thousandths(instant.nanoseconds) }
    private func seconds(_ interval: Interval) -> String { thousandths(interval.nanoseconds) }

    private func thousandths(_ nanoseconds: Int64) -> String {
        let rounded = (nanoseconds + 500_000) / 1_000_000
        let rest = String(rounded % 1_000)
        return "\(rounded / 1_000)." + String(repeating: "0", count: 3 - rest.utf8.count) + rest
    }

    private func padded(_ text: String) -> String {
        String(repeating: " ", count: max(0, 10 - text.utf8.count)) + text
    }
}

extension SimulationText {
    func json() -> String {
        let events = cluster.occurrences.map { occurrence in
            "{\"time\":\(seconds(occurrence.time)),\"node\":\(quoted(request.nodes[occurrence.node])),"
                + "\"what\":\(quoted(ByteString(words(occurrence))))}"
        }
        let holdings = cluster.holdings.map { holding in
            "{\"name\":\(quoted(holding.name)),\"vrid\":\(holding.vrid),"
                + "\"first_held\":\(holding.firstHeld.map { seconds($0) } ?? "null"),"
                + "\"nobody\":\(seconds(holding.nobody)),\"several\":\(seconds(holding.several))}"
        }
        let table = Foresight.answers(request.configurations).map { answer in
            "{\"if\":\(quoted(ByteString(what(answer.question)))),"
                + "\"instance\":\(quoted(answer.holding.name)),"
                + "\"node\":\(quoted(request.nodes[answer.question.node])),"
                + "\"takes_over\":\(name(answer.after)),\"failover\":\(!answer.fails),"
                + "\"nobody\":\(seconds(answer.holding.nobody)),"
                + "\"priority_before\":\(number(answer.priorityBefore)),"
                + "\"priority_after\":\(number(answer.priorityAfter)),"
                + "\"rival\":\(number(answer.rival))}"
        }
        return "{\"events\":[\(events.joined(separator: ","))],"
            + "\"addresses\":[\(holdings.joined(separator: ","))],"
            + "\"what_if\":[\(table.joined(separator: ","))]}\n"
    }

    private func number(_ value: Int?) -> String { value.map { String($0) } ?? "null" }

    private func name(_ node: Int?) -> String {
        guard let node else { return "null" }
        return quoted(request.nodes[node])
    }

    private func quoted(_ text: ByteString) -> String {
        var result = "\""
        for scalar in text.description.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result += "\\" }
            if scalar.value < 32 { result += " " } else { result.unicodeScalars.append(scalar) }
        }
        return result + "\""
    }
}
