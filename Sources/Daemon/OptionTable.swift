import Net

/// keepalived's command line, letter by letter, and martlet's few additions.
enum Option: Hashable, CaseIterable {
    case useFile, vrrp, check, noBFD, all, logConsole, logDetail, logFacility, logFile, noSyslog
    case flushLogFile, umask, releaseVIPs, dontReleaseVRRP, dontReleaseIPVS, dontRespawn, dontFork
    case dumpConfiguration, pid, vrrpPid, checkersPid, bfdPid, genhash, addressMonitoring, snmp
    case snmpSocket, namespace, coreDump, coreDumpPattern, allConfiguration, configurationID
    case signum, configurationTest, perf, debug, noMemCheck, memCheckLog, ignoreInterrupt
    case version, help
    case cleanup, runDirectory
}

enum Argument: Hashable {
    case none
    case required(StaticName)
    case optional(StaticName)
}

/// The name of an argument in the usage text.
enum StaticName: String {
    case file = "FILE"
    case facility = "FACILITY"
    case mask = "MASK"
    case name = "NAME"
    case pattern = "PATTERN"
    case identifier = "ID"
    case function = "FUNCTION"
    case directory = "DIRECTORY"
    case log = "LOG"
}

struct OptionEntry {
    var option: Option
    /// 0: there is only the long form.
    var letter: UInt8
    var name: String
    var argument: Argument
    /// Nil: accepted for compatibility, and said once to be without effect here.
    var usage: String?
}

/// What `Option` is on the command line. The manual page names every row.
let optionTable: [OptionEntry] = [
    row(.useFile, "f", "use-file", .required(.file), "read this configuration"),
    row(.vrrp, "P", "vrrp", .none, "accepted: VRRP is all there is"),
    row(.check, "C", "check", .none, nil),
    row(.noBFD, "B", "no_bfd", .none, "accepted: there is no BFD process"),
    row(.all, "", "all", .none, "accepted: one kind of process only"),
    row(.logConsole, "l", "log-console", .none, "log to standard error too"),
    row(.logDetail, "D", "log-detail", .none, "log more; twice: still more"),
    row(
        .logFacility, "S", "log-facility", .required(.facility), "0-7, local0-local7, user, daemon"),
    row(.logFile, "g", "log-file", .optional(.file), "log to a file too"),
    row(.noSyslog, "G", "no-syslog", .none, "do not log to syslog"),
    row(.flushLogFile, "", "flush-log-file", .none, "accepted: the log file is never buffered"),
    row(.umask, "u", "umask", .required(.mask), "umask for files made, in octal"),
    row(.releaseVIPs, "X", "release-vips", .none, "accepted: addresses never outlive a master"),
    row(.dontReleaseVRRP, "V", "dont-release-vrrp", .none, "keep the addresses at the end"),
    row(.dontReleaseIPVS, "I", "dont-release-ipvs", .none, nil),
    row(.dontRespawn, "R", "dont-respawn", .none, "hand over and end when the engine dies"),
    row(.dontFork, "n", "dont-fork", .none, "stay in the foreground"),
    row(.dumpConfiguration, "d", "dump-conf", .none, "print what was understood"),
    row(.pid, "p", "pid", .required(.file), "pid file; other run-time files lie beside it"),
    row(.vrrpPid, "r", "vrrp_pid", .required(.file), "pid file of the engine"),
    row(.checkersPid, "c", "checkers_pid", .required(.file), nil),
    row(.bfdPid, "b", "bfd_pid", .required(.file), nil),
    row(.genhash, "T", "genhash", .none, nil),
    row(.addressMonitoring, "a", "address-monitoring", .none, "log address changes"),
    row(.snmp, "x", "snmp", .none, nil),
    row(.snmpSocket, "A", "snmp-agent-socket", .required(.file), nil),
    row(.namespace, "s", "namespace", .required(.name), "run in this network namespace"),
    row(.coreDump, "m", "core-dump", .none, "allow core dumps"),
    row(.coreDumpPattern, "M", "core-dump-pattern", .optional(.pattern), nil),
    row(.allConfiguration, "e", "all-config", .none, "a missing include is an error"),
    row(.configurationID, "i", "config-id", .required(.identifier), "for lines that begin with @"),
    row(.signum, "", "signum", .required(.function), "print a signal's number"),
    row(.configurationTest, "t", "config-test", .optional(.log), "check the configuration only"),
    row(.perf, "", "perf", .optional(.name), nil),
    row(.debug, "", "debug", .optional(.name), nil),
    row(.noMemCheck, "", "no-mem-check", .none, nil),
    row(.memCheckLog, "L", "mem-check-log", .none, nil),
    row(.ignoreInterrupt, "", "ignore-sigint", .none, "SIGINT does not stop the daemon"),
    row(.version, "v", "version", .none, "print the version"),
    row(.help, "h", "help", .none, "print this"),
    row(.cleanup, "", "cleanup", .none, "remove what a killed daemon left, and end"),
    row(.runDirectory, "", "run-dir", .required(.directory), "for run-time files"),
]

private func row(
    _ option: Option, _ letter: String, _ name: String, _ argument: Argument, _ usage: String?
) -> OptionEntry {
    OptionEntry(
        option: option, letter: letter.utf8.first ?? 0, name: name, argument: argument,
        usage: usage)
}
