package import Net
package import VRRP

/// What is known of one vrrp_script at one moment.
package struct ScriptStatus: Hashable, Sendable {
    package var name: ByteString
    /// The command, each word in apostrophes, or the built-in check.
    package var action: ByteString
    package var interval: Interval
    /// Zero: as the interval.
    package var timeout: Interval
    package var rise: Int
    package var fall: Int
    package var weight: Weight
    package var state = TrackedState.unknown
    /// How the last run ended; nil before the first.
    package var outcome: ByteString?
    package var duration = Interval.zero
    /// The last line that it wrote.
    package var output: ByteString = ""

    package init(
        name: ByteString, action: ByteString, interval: Interval, timeout: Interval, rise: Int,
        fall: Int, weight: Weight
    ) {
        self.name = name
        self.action = action
        self.interval = interval
        self.timeout = timeout
        self.rise = rise
        self.fall = fall
        self.weight = weight
    }
}

extension TextWriter {
    mutating func append(dataOf script: ScriptStatus) {
        line(" VRRP Script = ", script.name)
        line("   Command = ", script.action)
        line("   Interval = ", shortestSeconds(script.interval) + " sec")
        line("   Timeout = ", shortestSeconds(script.timeout) + " sec")
        line("   Weight = ", "\(script.weight.value)\(script.weight.isReversed ? " reverse" : "")")
        line("   Rise = ", script.rise)
        line("   Fall = ", script.fall)
        line("   Status = ", script.word)
        guard let outcome = script.outcome else { return }
        line("   Last result = ", outcome)
        line("   Last duration = ", shortestSeconds(script.duration) + " sec")
        if !script.output.isEmpty { line("   Last output = ", script.output) }
    }
}

extension ScriptStatus {
    fileprivate var word: String {
        switch state {
        case .unknown: "INIT"
        case .assumed: "INIT_RELOAD"
        case .working, .value: "GOOD"
        case .failed: "BAD"
        }
    }
}
