import Linux
import Net

/// Which virtual links are ready, what their parents had before, and when to try again with those
/// that could not be made.
struct VirtualLinkBook {
    /// A link that has its settings, and so has its parent.
    struct Ready {
        var link: Int32
        var parent: Int32
    }

    /// By the name that we gave it.
    var ready: [ByteString: Ready] = [:]
    /// Of each interface that virtual links are on, by index. Their aliases say it too, and
    /// outlive us; but they go with the links, which anybody may delete.
    var before: [Int32: ParentSettings] = [:]
    /// Routers that let go and whose links are still up.
    var toLower: [Int] = []
    private var failures: [ByteString: (count: Int, retry: Instant)] = [:]

    func isReady(_ name: ByteString, _ link: Int32) -> Bool { ready[name]?.link == link }

    /// Ours, whatever it is called and whatever its alias says by now.
    func isReady(_ link: Int32) -> Bool { ready.values.contains { $0.link == link } }

    /// What a link of ours tells of its parent, where that is not known better.
    mutating func remember(_ link: LinkInfo) {
        guard !isReady(link.index), let settings = ParentSettings(alias: link.alias),
            let parent = link.parent, before[parent] == nil
        else { return }
        before[parent] = settings
    }

    /// Links of ours that have another name by now, each with the one that we gave it.
    func renamed(among links: [LinkInfo]) -> [(link: LinkInfo, name: ByteString)] {
        let others = links.filter { !isReady($0.name, $0.index) }
        guard links.count - others.count < ready.count else { return [] }
        var renamed: [(link: LinkInfo, name: ByteString)] = []
        for (name, known) in ready {
            guard let link = others.first(where: { $0.index == known.link }) else { continue }
            renamed.append((link, name))
        }
        return renamed
    }

    /// Those of the remembered parents that none of these links is on.
    func unused(among links: [LinkInfo]) -> [Int32] {
        var used: Set<Int32> = []
        for link in links {
            if let ready = ready[link.name], ready.link == link.index {
                used.insert(ready.parent)
            } else if let parent = link.parent, ParentSettings(alias: link.alias) != nil {
                used.insert(parent)
            }
        }
        return before.keys.filter { !used.contains($0) }
    }

    var deadline: Instant? {
        var result: Instant? = nil
        for failure in failures.values { result = earliest(result, failure.retry) }
        return result
    }

    func mayTry(_ name: ByteString, at now: Instant) -> Bool {
        guard let failure = failures[name] else { return true }
        return failure.retry <= now
    }

    /// The wait before the next attempt: 1, 2, 4 ... 30 s.
    mutating func failed(_ name: ByteString, at now: Instant) -> Interval {
        let count = failures[name]?.count ?? 0
        let wait = backOff(count)
        failures[name] = (count + 1, now + wait)
        return wait
    }

    mutating func succeeded(_ name: ByteString) { failures[name] = nil }

    mutating func forget(except names: Set<ByteString>) {
        ready = ready.filter { names.contains($0.key) }
        failures = failures.filter { names.contains($0.key) }
    }
}
