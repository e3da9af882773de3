import Config
import Net
import VRRP

/// Which parts of a new configuration continue which of the running one.
struct ReloadMapping: Hashable {
    /// New position to old position; nil for what is new.
    var virtualRouters: [Int?]
    var objects: [Int?]
    /// Old positions that nothing continues.
    var removed: [Int]

    /// Instances are the same if a peer would think so: VRID, family, interface and kind of
    /// transport, whatever their name. Tracked objects are the same if they watch the same thing.
    init(from old: Configuration, to new: Configuration) {
        let oldKeys = old.virtualRouterKeys()
        virtualRouters = ReloadMapping.pair(new, new.virtualRouterKeys(), with: old, oldKeys)
        let oldObjects = old.objectKeys()
        objects = new.objectKeys().map { key in oldObjects.firstIndex(of: key) }
        removed = []
        for index in oldKeys.indices where !virtualRouters.contains(index) {
            removed.append(index)
        }
    }
}

extension ReloadMapping {
    /// Unicast instances may have one VRID: those that share a peer belong together, before what is
    /// left over.
    private static func pair(
        _ new: Configuration, _ newKeys: [VirtualRouterKey], with old: Configuration,
        _ oldKeys: [VirtualRouterKey]
    ) -> [Int?] {
        var result = [Int?](repeating: nil, count: newKeys.count)
        var free = [Bool](repeating: true, count: oldKeys.count)
        var places: [VirtualRouterKey: [Int]] = [:]
        for (position, key) in oldKeys.enumerated() { places[key, default: []].append(position) }
        for needsPeer in [true, false] {
            for (position, key) in newKeys.enumerated() where result[position] == nil {
                let peers = Set(new.plan.virtualRouters[position].destinations)
                let found = (places[key] ?? []).first { place in
                    let others = old.plan.virtualRouters[place].destinations
                    return free[place]
                        && (!needsPeer || others.contains { peers.contains($0) })
                }
                guard let found else { continue }
                free[found] = false
                result[position] = found
            }
        }
        return result
    }
}

private struct VirtualRouterKey: Hashable {
    var vrid: UInt8
    var family: Family
    var interface: ByteString
    var vrf: ByteString?
    var isMulticast: Bool
    var source: IPAddress?
    var virtualInterface: VirtualInterface?
}

private enum ObjectKey: Hashable {
    case interface(ByteString)
    case device(ByteString)
    case staticGroup(ByteString)
    case bfd(ByteString)
    case script(ByteString, CheckAction)
    case file(ByteString)
    case process([ByteString])
    /// A position that names nothing; continues nothing.
    case broken
}

extension Configuration {
    fileprivate func virtualRouterKeys() -> [VirtualRouterKey] {
        var keys: [VirtualRouterKey] = []
        for (instance, parameters) in zip(instances, plan.virtualRouters) {
            var isMulticast = false
            if case .multicast = parameters.transport { isMulticast = true }
            keys.append(
                VirtualRouterKey(
                    vrid: parameters.vrid, family: parameters.family,
                    interface: instance.interface, vrf: instance.vrf, isMulticast: isMulticast,
                    source: isMulticast ? nil : instance.source,
                    virtualInterface: instance.virtualInterface))
        }
        return keys
    }

    fileprivate func objectKeys() -> [ObjectKey] {
        trackedObjects.map { object in
            switch object {
            case .interface(let name): .interface(name)
            case .device(let name): .device(name)
            case .staticGroup(let name): .staticGroup(name)
            case .bfd(let name): .bfd(name)
            case .script(let index):
                scripts.indices.contains(index)
                    ? .script(scripts[index].name, scripts[index].action) : .broken
            case .file(let index):
                files.indices.contains(index) ? .file(files[index].path) : .broken
            case .process(let index):
                processes.indices.contains(index)
                    ? .process(processes[index].command) : .broken
            }
        }
    }
}
