import Config
import Linux
import Net

// promote_secondaries: with a primary address go all others of its subnet, unless the interface
// promotes one of them.
extension Engine {
    func promoteSecondaries() {
        var wanted: Set<ByteString> = []
        for instance in configuration.instances where instance.promotesSecondaries {
            wanted.insert(instance.interface)
        }
        for name in wanted {
            guard let link = interfaces.link(named: name), promoted[name] != link.index,
                link.ipv4?.promoteSecondaries == 0
            else { continue }
            if setPromotion(link.index, 1) { promoted[name] = link.index }
        }
        endPromotion(except: wanted)
        publishPromotions()
    }

    /// Whoever comes after a crash must know that the 1 it finds is ours.
    func recallPromotions() {
        let reader = SlotReader(slots.memory)
        for (index, instance) in configuration.instances.enumerated()
        where instance.promotesSecondaries {
            let link = reader.promoted(by: index)
            if link != 0 { promoted[instance.interface] = link }
        }
    }

    private func publishPromotions() {
        for (index, instance) in configuration.instances.enumerated() {
            let link = instance.promotesSecondaries ? promoted[instance.interface] : nil
            slots.publish(index, promoted: link ?? 0)
        }
    }

    /// Interfaces get back what they had.
    func endPromotion(except wanted: Set<ByteString> = []) {
        for (name, index) in promoted where !wanted.contains(name) {
            promoted[name] = nil
            if interfaces.link(index: index) != nil { _ = setPromotion(index, 0) }
        }
    }

    private func setPromotion(_ index: Int32, _ value: UInt32) -> Bool {
        do throws(SystemError) {
            try requests.setPromotion(value, of: index)
            return true
        } catch {
            log.write(.warning, "cannot set promote_secondaries of interface \(index): \(error)")
            return false
        }
    }
}
