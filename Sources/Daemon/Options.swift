package import Net

/// What the daemon was told on its command line.
package struct Options: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case run
        case test(log: ByteString?)
        case printSignal(Int32)
        case printVersion
        case printHelp
        /// Remove what a killed daemon left behind.
        case cleanup
    }

    package var action = Action.run
    package var file: ByteString = "/etc/keepalived/keepalived.conf"
    package var logsToConsole = false
    package var logsToSyslog = true
    package var logFile: ByteString?
    /// 0...2.
    package var detail = 0
    /// The facility's number, shifted: 24 is LOG_DAEMON.
    package var facility: Int32 = 24
    package var umask: UInt32 = 0o177
    package var keepsAddresses = false
    package var respawns = true
    package var staysInForeground = false
    package var dumpsConfiguration = false
    package var pidFile: ByteString = "/run/keepalived.pid"
    package var enginePidFile: ByteString?
    package var logsAddresses = false
    package var namespace: ByteString?
    package var allowsCoreDumps = false
    package var missingIncludesAreErrors = false
    package var configurationID: ByteString?
    package var ignoresInterrupt = false
    /// Long names of options that were given and have no effect here.
    package var withoutEffect: [String] = []

    package init() {}
}

/// A command line that cannot be followed; exit status 1.
package struct UsageError: Error, Hashable {
    package var text: String
}

extension Options {
    /// From the words after the program's name.
    package static func parse(_ words: [ByteString]) throws(UsageError) -> Options {
        var options = Options()
        do throws(OptionError) {
            let (scanned, operands) = try scanOptions(words, table: optionTable)
            if let surplus = operands.first {
                throw OptionError.unknown(surplus)
            }
            for option in scanned {
                if let problem = options.apply(option) { throw OptionError.unknown(problem) }
            }
        } catch {
            throw UsageError(text: error.text)
        }
        return options
    }

    /// Gives the argument that makes no sense, if so.
    private mutating func apply(_ given: ScannedOption) -> ByteString? {
        let argument = given.argument ?? ""
        switch given.option {
        case .useFile: file = argument
        case .logConsole: logsToConsole = true
        case .logDetail: detail = min(detail + 1, 2)
        case .logFacility:
            guard let number = facilityNumber(argument) else { return argument }
            facility = number
        case .logFile: logFile = given.argument ?? "/tmp/keepalived.log"
        case .noSyslog: logsToSyslog = false
        case .umask:
            guard let mask = octalNumber(argument), mask <= 0o777 else { return argument }
            umask = mask
        case .dontReleaseVRRP: keepsAddresses = true
        case .dontRespawn: respawns = false
        case .dontFork: staysInForeground = true
        case .dumpConfiguration: dumpsConfiguration = true
        case .pid: pidFile = argument
        case .vrrpPid: enginePidFile = argument
        case .addressMonitoring: logsAddresses = true
        case .namespace: namespace = argument
        case .coreDump: allowsCoreDumps = true
        case .allConfiguration: missingIncludesAreErrors = true
        case .configurationID: configurationID = argument
        case .signum:
            guard let number = signalNumber(argument) else { return argument }
            action = .printSignal(number)
        case .configurationTest: action = .test(log: given.argument)
        case .ignoreInterrupt: ignoresInterrupt = true
        case .version: action = .printVersion
        case .help: action = .printHelp
        case .cleanup: action = .cleanup
        case .runDirectory: pidFile = ByteString(argument.bytes + [UInt8]("/martlet.pid".utf8))
        case .vrrp, .noBFD, .all, .flushLogFile, .releaseVIPs: break
        case .check, .dontReleaseIPVS, .checkersPid, .bfdPid, .genhash, .snmp, .snmpSocket,
            .coreDumpPattern, .perf, .debug, .noMemCheck, .memCheckLog:
            noteWithoutEffect(given.option)
        }
        return nil
    }

    private mutating func noteWithoutEffect(_ option: Option) {
        for entry in optionTable where entry.option == option {
            withoutEffect.append(entry.name)
        }
    }
}

/// keepalived's names for its signals; the numbers are those of Linux on every platform but MIPS.
private func signalNumber(_ name: ByteString) -> Int32? {
    if name == "STOP" { return 15 }
    if name == "RELOAD" { return 1 }
    if name == "DATA" { return 10 }
    if name == "STATS" { return 12 }
    if name == "STATS_CLEAR" { return 63 }
    if name == "JSON" { return 36 }
    return nil
}

/// syslog's facilities: user is 1, daemon 3, local0...local7 16...23; shifted left by 3.
private func facilityNumber(_ name: ByteString) -> Int32? {
    if name == "user" { return 1 << 3 }
    if name == "daemon" { return 3 << 3 }
    var digits = name.bytes[...]
    if digits.starts(with: [UInt8]("local".utf8)) { digits = digits.dropFirst(5) }
    guard digits.count == 1, let digit = digits.first,
        (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit)
    else { return nil }
    return (16 + Int32(digit - UInt8(ascii: "0"))) << 3
}

/// C notation, as strtoul with base 0 reads it: 0x1f, 022, 18.
private func octalNumber(_ text: ByteString) -> UInt32? {
    let string = text.description
    if string.hasPrefix("0x") { return UInt32(string.dropFirst(2), radix: 16) }
    if string.hasPrefix("0") && text.count > 1 { return UInt32(string.dropFirst(1), radix: 8) }
    return UInt32(string, radix: 10)
}

/// The text of --help.
package func usageText() -> String {
    var text = "Usage: martletd [OPTION...]\n"
    for entry in optionTable {
        var line = entry.letter == 0 ? "      " : "  -\(String(Unicode.Scalar(entry.letter))), "
        line += "--" + entry.name
        switch entry.argument {
        case .none: break
        case .required(let name): line += "=" + name.rawValue
        case .optional(let name): line += "[=" + name.rawValue + "]"
        }
        while line.utf8.count < 36 { line += " " }
        text += line + (entry.usage ?? "accepted, has no effect here") + "\n"
    }
    return text
}
