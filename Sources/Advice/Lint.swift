package import Config

/// What is allowed and hardly meant. The raw values are the codes: stable between releases, named in
/// martletctl(8), and what `silence` takes.
package enum Lint: String, CaseIterable, Sendable {
    // One configuration.
    case rootScript = "root-script"
    case slowTimeout = "slow-timeout"
    case deadWeight = "dead-weight"
    case nopreemptWeight = "nopreempt-weight"
    case idlePreemptDelay = "idle-preempt-delay"
    case impliedOwner = "implied-owner"
    case stuckGroup = "stuck-group"
    case hostPrefix = "host-prefix"
    case networkAddress = "network-address"
    case sharedAddress = "shared-address"
    case virtualSource = "virtual-source"
    case virtualPeer = "virtual-peer"
    case placeholder

    // Two nodes of a cluster, which do not hear each other.
    case vridDiffers = "vrid-differs"
    case vridClash = "vrid-clash"
    case versionDiffers = "version-differs"
    case intervalDiffers = "interval-differs"
    case authenticationDiffers = "authentication-differs"
    case transportDiffers = "transport-differs"
    case peerMissing = "peer-missing"
    case sameSource = "same-source"
    case twoOwners = "two-owners"

    // Two nodes that do, and yet.
    case loneInstance = "lone-instance"
    case addressesDiffer = "addresses-differ"
    case prefixDiffers = "prefix-differs"
    case addressOrder = "address-order"
    case strayPeer = "stray-peer"
    case tiedPriorities = "tied-priorities"
    case nopreemptUndone = "nopreempt-undone"
    case twoMasters = "two-masters"
    case lowerMaster = "lower-master"
    case groupsDiffer = "groups-differ"
    case tornGroup = "torn-group"
    case noFailover = "no-failover"
    case noTakeover = "no-takeover"

    package static func named(_ code: String) -> Lint? {
        for lint in allCases where lint.rawValue == code { return lint }
        return nil
    }

    package var severity: Severity {
        switch self {
        case .vridDiffers, .vridClash, .versionDiffers, .intervalDiffers, .authenticationDiffers,
            .transportDiffers, .peerMissing, .sameSource, .twoOwners:
            .error
        case .addressOrder: .note
        case .rootScript, .slowTimeout, .deadWeight, .nopreemptWeight, .idlePreemptDelay,
            .impliedOwner, .stuckGroup, .hostPrefix, .networkAddress, .sharedAddress,
            .virtualSource,
            .virtualPeer, .placeholder, .loneInstance, .addressesDiffer, .prefixDiffers,
            .strayPeer, .tiedPriorities, .nopreemptUndone, .twoMasters, .lowerMaster,
            .groupsDiffer, .tornGroup, .noFailover, .noTakeover:
            .warning
        }
    }
}
