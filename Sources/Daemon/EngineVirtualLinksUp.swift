import Config
import Linux
import Net
import VRRP

// Links of our own are up while their instance is master.
extension Engine {
    /// Every virtual link of an instance is there and ready.
    func hasVirtualLinks(_ index: Int) -> Bool {
        configuration.instances[index].allVirtualInterfaces.allSatisfy { interface in
            guard let link = interfaces.link(named: interface.name) else { return false }
            return virtualLinks.isReady(interface.name, link.index)
        }
    }

    /// Before the first advertisement of a master.
    func raiseVirtualLinks(_ index: Int) {
        guard ports[index].hasVirtualLinks else { return }
        let instance = configuration.instances[index]
        for interface in instance.allVirtualInterfaces {
            guard let link = interfaces.link(named: interface.name) else { continue }
            if ports[index].raised[interface.name] == link.index { continue }
            do throws(SystemError) {
                try requests.setLink(link.index, up: true)
                ports[index].raised[interface.name] = link.index
                addOwnAddresses(interface, link, index)
                reconciler.linkCameUp(link.name, at: Clock.boot())
            } catch {
                complain("cannot bring up", link, error)
            }
        }
        hearOnVirtualLink(index)
    }

    /// A private macvlan takes in every frame that carries its own MAC as source: a rival's
    /// advertisements never reach the parent while it is up.
    private func hearOnVirtualLink(_ index: Int) {
        guard ports[index].linkLane == nil, case .multicast = ports[index].parameters.transport,
            let name = configuration.instances[index].virtualInterface?.name,
            let raised = ports[index].raised[name]
        else { return }
        ports[index].linkLane = openLane(for: index, on: raised, name)
    }

    /// A link-local address, so that listener reports have a source; and the one that use_ipvlan
    /// was given.
    private func addOwnAddresses(_ interface: VirtualInterface, _ link: LinkInfo, _ index: Int) {
        var changes: [KernelChange] = []
        if let address = interface.address {
            changes.append(.add(AddressSpec(interfaceIndex: link.index, prefix: address)))
        }
        if let address = linkLocal(index, interface) {
            var spec = AddressSpec(
                interfaceIndex: link.index, prefix: Prefix(address: address, length: 64))
            spec.scope = 253
            spec.lifetime = .init(preferred: 0, valid: AddressSpec.Lifetime.forever)
            changes.append(.add(spec))
        }
        guard !changes.isEmpty else { return }
        var errors: [Int32] = []
        requests.apply(changes, errors: &errors)
    }

    /// The links of one router a turn: each holds the kernel, and us, for some 15 ms, and whoever
    /// lets go of 255 at once has others to serve meanwhile. Until then it hears through them.
    func lowerNextLinks() {
        guard let identity = virtualLinks.toLower.popLast(),
            let index = ports.firstIndex(where: { $0.identity == identity }),
            router.state(of: index) != .master
        else { return }
        lowerVirtualLinks(index)
    }

    /// As keepalived: what advertisements are sent from, if that is the parent's own; else one of
    /// its own. Deprecated, so that nothing else is sent from it.
    private func linkLocal(_ index: Int, _ interface: VirtualInterface) -> IPAddress? {
        let parameters = ports[index].parameters
        guard parameters.family == .ipv6, let parent = interfaces.link(named: interface.parent),
            let mac = parent.mac
        else { return nil }
        if let source = router.virtualRouters[index].source, source.isLinkLocal { return source }
        return .v6(virtualLinkLocal(parent: mac, vrid: parameters.vrid))
    }

    func lowerVirtualLinks(_ index: Int) {
        if let lane = ports[index].linkLane {
            ports[index].linkLane = nil
            leave(lane, index)
        }
        for raised in ports[index].raised.values {
            if let link = interfaces.link(index: raised) { lower(link) }
        }
        ports[index].raised = [:]
    }

    /// A master's links of which one is down: somebody took it down, or it was just made again.
    func raiseAgain(_ index: Int) {
        guard ports[index].hasVirtualLinks, !hasRaisedAll(index) else { return }
        lowerVirtualLinks(index)
        raiseVirtualLinks(index)
    }

    private func hasRaisedAll(_ index: Int) -> Bool {
        configuration.instances[index].allVirtualInterfaces.allSatisfy { interface in
            guard let link = interfaces.link(named: interface.name) else { return true }
            return ports[index].raised[interface.name] == link.index && link.isUp
        }
    }

    private func lower(_ link: LinkInfo) {
        do throws(SystemError) {
            try requests.setLink(link.index, up: false)
        } catch {
            complain("cannot take down", link, error)
        }
    }

    /// Of a link that is deleted the kernel tells first that it is down, and that it is gone when
    /// it has been gone for some time: no failure, and it is made again then.
    private func complain(_ what: String, _ link: LinkInfo, _ error: SystemError) {
        if error.code == NetlinkErrno.noDevice { return }
        log.write(.error, "\(what) the interface \(link.name): \(error)")
    }

    /// After a start or a reload: a link that somebody left up is taken down, unless its instance
    /// is master.
    func settleVirtualLinks() {
        for index in ports.indices {
            if router.state(of: index) == .master {
                raiseVirtualLinks(index)
            } else {
                for interface in configuration.instances[index].allVirtualInterfaces {
                    guard let link = interfaces.link(named: interface.name), link.isUp,
                        virtualLinks.isReady(interface.name, link.index)
                    else { continue }
                    lower(link)
                }
            }
        }
    }
}
