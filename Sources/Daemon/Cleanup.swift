import Config
import Linux
import Net

/// `--cleanup`: removes what the configuration declares virtual, and what the state file of a killed
/// daemon names: addresses, routes, rules and virtual links; puts back the settings that it names.
/// Where a daemon runs it does nothing.
func cleanUp(_ options: Options) -> Int32 {
    let log = Log(options)
    do throws(SystemError) {
        if let namespace = options.namespace { try Process.enterNamespace(namespace) }
        let pidFile = try PidFile(options.pidFile)
        defer { pidFile.remove() }
        let stateFile = StateFile(path: RunTimeFiles(pidFile: options.pidFile).state)
        let left = stateFile.read()
        let outcome = try ConfigurationReading(options: options).read()
        let requests = try NetlinkRequests(clock: Clock.boot)
        var reconciler = Reconciler()
        let addresses = try requests.addresses()
        let now = Clock.boot()
        _ = reconciler.resynchronise(links: try requests.links(), addresses: addresses, at: now)
        let removed = reconciler.removeLeftovers(
            present: addresses,
            declared: outcome.result.configuration.declaredAddresses
                + left.addresses.map { $0.desired }, at: now)
        for key in removed {
            log.write(.notice, "removing leftover address \(key)")
        }
        reconciler.removeLeftovers(
            outcome.result.configuration.declaredHoldings + left.holdings, at: now)
        remove(&reconciler, requests)
        if let table = outcome.result.configuration.firewallTable {
            Firewall.removeLeftover(table: table)
        }
        let names = outcome.result.configuration.virtualLinkNames.union(left.links)
        for name in removeVirtualLinks(named: names, among: try requests.links(), requests) {
            log.write(.notice, "removing leftover interface \(name)")
        }
        try restoreSettings(left, requests)
        stateFile.remove()
        return 0
    } catch {
        let text = error.code == 11 ? "a daemon is running: it cleans up itself" : error.description
        Console.error("martletd: \(text)\n")
        return ExitCode.failure
    }
}

/// What was before us, where it is still as we changed it.
private func restoreSettings(
    _ left: Leftovers, _ requests: NetlinkRequests
) throws(SystemError) {
    let links = left.promoted.isEmpty ? [] : try requests.links()
    for interface in left.promoted where interface.link(among: links) != nil {
        try requests.setPromotion(0, of: interface.index)
    }
    if let before = left.localIGMP { try LocalIGMP.restore(before) }
}

private func remove(_ reconciler: inout Reconciler, _ requests: NetlinkRequests) {
    while true {
        let batch = reconciler.nextBatch(limit: NetlinkRequests.batchLimit, at: Clock.boot())
        if batch.isEmpty { return }
        var errors: [Int32] = []
        requests.apply(batch.map { $0.change }, errors: &errors)
        for (operation, error) in zip(batch, errors) {
            _ = reconciler.confirm(operation, errno: error, at: Clock.boot())
        }
    }
}
