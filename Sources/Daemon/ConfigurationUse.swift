import Config
import Control
import Net
import VRRP

extension Configuration {
    /// What log lines call virtual routers and tracked objects.
    var names: PlanNames {
        PlanNames(
            virtualRouters: plan.virtualRouters,
            objects: trackedObjects.map { name(of: $0) })
    }

    private func name(of object: TrackedObject) -> ByteString {
        switch object {
        case .interface(let name), .device(let name): return prefixed("interface ", name)
        case .staticGroup(let name): return prefixed("static items of ", name)
        case .bfd(let name): return prefixed("BFD session ", name)
        case .script(let index):
            return prefixed("script ", scripts.indices.contains(index) ? scripts[index].name : "")
        case .file(let index):
            return prefixed("file ", files.indices.contains(index) ? files[index].name : "")
        case .process(let index):
            let known = processes.indices.contains(index)
            return prefixed("process ", known ? processes[index].name : "")
        }
    }

    private func prefixed(_ kind: String, _ name: ByteString) -> ByteString {
        ByteString([UInt8](kind.utf8) + name.bytes)
    }

    /// As keepalived does it: scripts that cannot or must not run are as if nobody tracked them.
    func withoutUnusableScripts(_ table: KeeperTable) -> Configuration {
        var unusable: Set<Int> = []
        for (position, object) in trackedObjects.enumerated() {
            guard case .script(let index) = object, table.scripts.indices.contains(index) else {
                continue
            }
            let script = table.scripts[index]
            if script.command == nil && script.check == nil { unusable.insert(position) }
        }
        if unusable.isEmpty { return self }
        var result = self
        for index in result.plan.virtualRouters.indices {
            result.plan.virtualRouters[index].tracking.removeAll { unusable.contains($0.object) }
        }
        for index in result.plan.groups.indices {
            result.plan.groups[index].tracking.removeAll { unusable.contains($0.object) }
        }
        return result
    }
}
