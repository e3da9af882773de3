import CLinux
package import Net

/// When a process that had something out of the ordinary to do may let go of what only that
/// needed: not at once, since most of it comes in threes, and with no wake-up of its own.
package struct TidyUp: Hashable, Sendable {
    private var due: Instant?

    package init() {}

    /// Something out of the ordinary was done.
    package mutating func ask(at now: Instant) { due = now + .seconds(8) }

    /// - Parameter letGo: gives up what the process itself keeps for the next time.
    package mutating func run(at now: Instant, _ letGo: () -> Void = {}) {
        guard let due, due <= now else { return }
        self.due = nil
        letGo()
        Memory.releaseStart()
    }
}

package enum Memory {
    /// Netlink's buffers come and go at the end of the heap: giving that back to the kernel each
    /// time costs two calls and as many page faults as it has pages. `releaseStart` does give it.
    package static func keepForBursts() { clinux_keep_heap_top(1 << 20) }

    /// After a start or a reload: lets go of what only that needed, so that two idle processes stay
    /// as small as what they do. Nothing is lost; what runs again costs a page fault once.
    package static func releaseStart() { clinux_release_start_memory() }
}
