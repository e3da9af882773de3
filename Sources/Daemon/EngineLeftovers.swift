import Config
import Linux
import Net

// What a killed pair left, by its state file and by what the configuration declares.
extension Engine {
    /// Links and settings, before the kernel is looked at for the first time: what is made then
    /// may need the MAC of one, and takes what it finds for what was there before us.
    func recallLeftovers() {
        guard !leftovers.links.isEmpty || !leftovers.promoted.isEmpty else { return }
        let links = linksNow()
        for interface in leftovers.promoted where interface.link(among: links) != nil {
            promoted[interface.name] = interface.index
        }
        removeVirtualLinks(Set(leftovers.links).subtracting(linksThatServe(among: links)))
        releaseParents()
    }

    /// Declared as they are: the instance goes on with them.
    private func linksThatServe(among links: [LinkInfo]) -> Set<ByteString> {
        var named: [ByteString: LinkInfo] = [:]
        for link in links { named[link.name] = link }
        var result: Set<ByteString> = []
        for instance in configuration.instances {
            for interface in instance.allVirtualInterfaces {
                guard let link = named[interface.name], let parent = named[interface.parent],
                    VirtualLink(interface, on: parent).matches(link, on: parent)
                else { continue }
                result.insert(interface.name)
            }
        }
        return result
    }

    /// Removes what a killed daemon left: addresses that the configuration declares virtual and
    /// that nobody here wants now.
    func removeLeftovers() {
        let removed = reconciler.removeLeftovers(
            present: interfaces.addresses,
            declared: configuration.declaredAddresses + leftovers.addresses.map { $0.desired },
            at: Clock.boot())
        for key in removed {
            log.write(.notice, "removing leftover address \(key)")
        }
        reconciler.removeLeftovers(
            configuration.declaredHoldings + leftovers.holdings, at: Clock.boot())
        finishAddressWork()
    }
}
