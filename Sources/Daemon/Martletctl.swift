import Linux
import Net

/// The same executable under its second name.
func isMartletctl(_ program: ByteString) -> Bool {
    let last = program.bytes.split(separator: UInt8(ascii: "/")).last ?? []
    return ByteString(last) == "martletctl"
}

func martletctl(_ words: [ByteString]) -> Int32 {
    let usage = """
        martletctl check [[-i ID] FILE]... [--strict] [--silence CODE]... [--elsewhere] [--json]
          several FILEs: are these nodes of one cluster?
        martletctl simulate FILE... [--at TIME ACTION NODE] ... [--for TIME] [--json]
          ACTION: kill, stop, start; fail-script, mend-script with NODE:SCRIPT
          NODE: a file's name without .conf
        martletctl status [--json] [-p PIDFILE | --run-dir DIRECTORY]
        martletctl explain INSTANCE [--json] [-p PIDFILE | --run-dir DIRECTORY]
        martletctl --help | --version

        """
    switch words.first {
    case "--help", "-h", "help":
        Console.output(usage)
        return 0
    case "--version", "-v", "version":
        Console.output("martletctl \(martletVersion)\n")
        return 0
    default: break
    }
    let rest = [ByteString](words.dropFirst())
    let isCheck = words.first == "check"
    let isControl = words.first == "status" || words.first == "explain"
    do throws(UsageError) {
        if isCheck { return check(try CheckRequest(rest)) }
        if words.first == "simulate" { return simulate(try SimulationRequest(rest)) }
        if isControl, let command = words.first {
            return try ControlCommand(command, rest).run()
        }
        Console.error(usage)
    } catch {
        Console.error("martletctl: \(error.text)\n" + usage)
    }
    if isControl { return ControlStatus.unanswered }
    return isCheck ? CheckStatus.errors : ExitCode.failure
}
