import Linux
import Net

/// The same executable under its second name.
func isMartletctl(_ program: ByteString) -> Bool {
    let last = program.bytes.split(separator: UInt8(ascii: "/")).last ?? []
    return ByteString(last) == "martletctl"
}

func martletctl(_ words: [ByteString]) -> Int32 {
    let usage = """
        martletctl simulate FILE... [--at TIME ACTION NODE] ... [--for TIME] [--json]
          ACTION: kill, stop, start; fail-script, mend-script with NODE:SCRIPT
          NODE: a file's name without .conf

        """
    guard words.first == "simulate" else {
        Console.error(usage)
        return ExitCode.failure
    }
    do throws(UsageError) {
        return simulate(try SimulationRequest([ByteString](words.dropFirst())))
    } catch {
        Console.error("martletctl: \(error.text)\n" + usage)
        return ExitCode.failure
    }
}
