package import Net

extension Reconciler {
    /// What could not be had while the interface was down is asked for at once, not after its wait.
    package mutating func linkCameUp(_ name: ByteString, at now: Instant) {
        let keys = keysInOrder { entry in
            entry.failures > 0 && !entry.owners.isEmpty
                && entry.desired.interfaces.contains(name)
        }
        for key in keys { schedule(key, at: now) }
    }
}
