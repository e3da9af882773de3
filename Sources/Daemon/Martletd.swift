import Config
import Linux
import Net

/// The whole program; gives its exit status, keepalived's.
package func martletMain() -> Int32 {
    let words = Arguments.all()
    if let program = words.first, isMartletctl(program) {
        return martletctl([ByteString](words.dropFirst()))
    }
    do throws(UsageError) {
        var options = try Options.parse([ByteString](Arguments.all().dropFirst()))
        options.completeConfigurationID()
        return run(options)
    } catch {
        Console.error("martletd: \(error.text)\nTry 'martletd --help'.\n")
        return 1
    }
}

package let martletVersion = "0.1.0"

private func run(_ options: Options) -> Int32 {
    switch options.action {
    case .run: return runDaemon(options)
    case .cleanup: return cleanUp(options)
    case .test(let log): return testConfiguration(options, log: log)
    case .printSignal(let number):
        Console.output("\(number)\n")
        return 0
    case .printVersion:
        Console.output("martletd \(martletVersion)\n")
        return 0
    case .printHelp:
        Console.output(usageText())
        return 0
    }
}

/// Exit statuses as keepalived has them.
enum ExitCode {
    static let failure: Int32 = 1
    static let configuration: Int32 = 2
    static let permission: Int32 = 4
    static let noConfiguration: Int32 = 6
}

private func runDaemon(_ options: Options) -> Int32 {
    let log = Log(options)
    guard Process.mayNetwork else {
        Console.error(
            "martletd: needs CAP_NET_ADMIN and CAP_NET_RAW: start it as root\n")
        return ExitCode.permission
    }
    for name in options.withoutEffect {
        log.write(.notice, "option --\(name) has no effect here")
    }
    do throws(SystemError) {
        if let namespace = options.namespace { try Process.enterNamespace(namespace) }
        if !options.staysInForeground { try Process.daemonize() }
        Process.setUmask(options.umask)
        if options.allowsCoreDumps { Process.allowCoreDumps() }
        return try runKeeper(options, log)
    } catch {
        let text = error.code == 11 ? "another daemon is running" : error.description
        log.write(.critical, "cannot start: \(text)")
        if options.staysInForeground { Console.error("martletd: \(text)\n") }
        return ExitCode.failure
    }
}

private func runKeeper(_ options: Options, _ log: Log) throws(SystemError) -> Int32 {
    // The engine inherits it.
    Process.raiseDescriptorLimit()
    let pidFile = try PidFile(options.pidFile)
    // Before anybody can know the pid: a signal that comes early waits instead of ending us.
    let signals = try SignalQueue(Keeper.handledSignals)
    try pidFile.write(Process.identifier)
    defer { pidFile.remove() }
    log.write(.notice, "martletd \(martletVersion) starting with \(options.file)")
    let reading = Clock.realTime()
    let reader = try ReaderHandle.start(options, generation: 1, running: nil)
    let status = Process.wait(reader.pid)
    guard status.isSuccess, let bundle = reader.bundle() else {
        if case .exited(let code) = status, code != 0 { return code }
        return ExitCode.configuration
    }
    let keeper = try Keeper(options, log, bundle, signals, read: reading)
    let result = keeper.run()
    log.write(.notice, "stopped")
    return result
}

/// Ends the process with a status.
package func endProcess(_ status: Int32) -> Never { Process.exit(status) }
