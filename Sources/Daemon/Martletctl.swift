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

        """
    let rest = [ByteString](words.dropFirst())
    let isCheck = words.first == "check"
    do throws(UsageError) {
        if isCheck { return check(try CheckRequest(rest)) }
        if words.first == "simulate" { return simulate(try SimulationRequest(rest)) }
        Console.error(usage)
    } catch {
        Console.error("martletctl: \(error.text)\n" + usage)
    }
    return isCheck ? CheckStatus.errors : ExitCode.failure
}
