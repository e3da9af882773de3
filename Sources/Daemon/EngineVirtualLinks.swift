import Config
import Linux
import Net
import VRRP

// Links of our own: there while we run, up while their instance is master, so that no frame with
// the virtual MAC leaves a backup and none that is meant for it is taken in (RFC 5798, 6.4.2).
extension Engine {
    /// Makes what is missing and can be made; a link that is there already serves.
    func makeVirtualLinks(at now: Instant) {
        guard !isStopping else { return }
        removeRenamed()
        var isChanged = false
        for instance in configuration.instances {
            for interface in instance.allVirtualInterfaces
            where virtualLinks.mayTry(interface.name, at: now) {
                if make(interface, at: now) { isChanged = true }
            }
        }
        if isChanged { hearOfNewLinks(at: now) }
        var prepared: [VirtualInterface] = []
        for instance in configuration.instances {
            for interface in instance.allVirtualInterfaces where followVRF(interface, at: now) {
                hearOfNewLinks(at: now)
            }
            for interface in instance.allVirtualInterfaces where prepare(interface, at: now) {
                prepared.append(interface)
            }
        }
        // Once for all: what the kernel has is long where there are hundreds.
        guard !prepared.isEmpty else { return }
        hearOfNewLinks(at: now)
        for interface in prepared { verify(interface) }
        releaseParents()
    }

    /// A link of ours belongs to the VRF of its parent, so that its addresses are reached by the
    /// same routes. True where something was changed.
    private func followVRF(_ interface: VirtualInterface, at now: Instant) -> Bool {
        guard let link = interfaces.link(named: interface.name),
            let parent = interfaces.link(named: interface.parent), link.parent == parent.index,
            virtualLinks.mayTry(interface.name, at: now)
        else { return false }
        let wanted = interfaces.vrf(of: parent)
        // Whoever made it part of something else had a reason.
        guard link.master == nil || interfaces.vrf(of: link) != nil, link.master != wanted
        else { return false }
        do throws(SystemError) {
            try requests.setVRF(link.index, wanted)
            return true
        } catch {
            complain("change the VRF of", interface.name, error, at: now)
            return false
        }
    }

    private func make(_ interface: VirtualInterface, at now: Instant) -> Bool {
        guard let parent = interfaces.link(named: interface.parent) else { return false }
        let wanted = VirtualLink(interface, on: parent)
        let present = interfaces.link(named: interface.name)
        do throws(SystemError) {
            if let present {
                if wanted.matches(present, on: parent) { return false }
                guard isOurs(present) else {
                    throw SystemError("another interface has that name", code: NetlinkErrno.exists)
                }
                virtualLinks.remember(present)
                try requests.deleteLink(present.index)
            }
            try requests.add(wanted, on: parent.index)
            virtualLinks.succeeded(interface.name)
            tellMadeAgain(interface.name, insteadOf: present)
            return true
        } catch {
            complain("make", interface.name, error, at: now)
            return false
        }
    }

    private func isOurs(_ link: LinkInfo) -> Bool {
        virtualLinks.isReady(link.index) || ParentSettings(alias: link.alias) != nil
    }

    private func tellMadeAgain(_ name: ByteString, insteadOf present: LinkInfo?) {
        if present != nil {
            log.write(.warning, "the interface \(name) was not as it is to be: made it again")
        } else if virtualLinks.ready[name] != nil {
            log.write(.warning, "the interface \(name) was deleted: made it again")
        }
    }

    /// A link that somebody renamed would go on speaking with the virtual MAC, and keep the one
    /// that takes its place from coming up.
    private func removeRenamed() {
        for (link, name) in virtualLinks.renamed(among: interfaces.links) {
            log.write(
                .warning,
                "somebody renamed the interface \(name) to \(link.name): making it again")
            for link in deleteLinks([link], unlike: interfaces.links, requests) { forget(link) }
            virtualLinks.ready[name] = nil
        }
    }

    private func complain(
        _ what: String, _ name: ByteString, _ error: SystemError, at now: Instant
    ) {
        let wait = virtualLinks.failed(name, at: now).nanoseconds / 1_000_000_000
        log.write(.error, "cannot \(what) the interface \(name): \(error); again in \(wait) s")
    }

    /// Now, not with the next notices: ports and addresses ask for them in this turn.
    private func hearOfNewLinks(at now: Instant) {
        do throws(SystemError) {
            let names = configuration.virtualLinkNames
            for link in try requests.links() where names.contains(link.name) {
                if let old = interfaces.link(named: link.name), old.index != link.index {
                    reconciler.interfaceGone(old.index)
                    _ = interfaces.apply(.linkRemoved(old))
                }
                _ = interfaces.apply(.link(link))
                reconciler.interfacePresent(link.name, index: link.index, at: now)
            }
        } catch {
            log.write(.error, "cannot read the kernel's links: \(error)")
        }
    }

    /// Settings of the link and of its parent; what the parent had is noted first.
    private func prepare(_ interface: VirtualInterface, at now: Instant) -> Bool {
        guard let link = interfaces.link(named: interface.name),
            !virtualLinks.isReady(interface.name, link.index),
            virtualLinks.mayTry(interface.name, at: now),
            let parent = interfaces.link(named: interface.parent),
            VirtualLink(interface, on: parent).matches(link, on: parent)
        else { return false }
        do throws(SystemError) {
            if let settings = parent.ipv4 {
                let before = settingsBefore(link, of: parent) ?? ParentSettings(settings)
                virtualLinks.before[parent.index] = before
                try requests.setAlias(link.index, before.alias)
                try requests.set(before.underVirtualLinks, of: parent.index)
            }
            if let settings = link.ipv4 {
                let common = try requests.commonRPFilter()
                try requests.set(settings.forVirtualLink(commonRPFilter: common), of: link.index)
            }
            stopLinkLocal(on: link)
            virtualLinks.ready[interface.name] = .init(link: link.index, parent: parent.index)
            virtualLinks.succeeded(interface.name)
            return true
        } catch {
            complain("set up", interface.name, error, at: now)
            return false
        }
    }

    /// As we know, or as the links of ours tell that are on it already.
    private func settingsBefore(_ link: LinkInfo, of parent: LinkInfo) -> ParentSettings? {
        if let known = virtualLinks.before[parent.index] { return known }
        if let told = ParentSettings(alias: link.alias) { return told }
        for link in interfaces.links where link.parent == parent.index {
            if let settings = ParentSettings(alias: link.alias) { return settings }
        }
        return nil
    }

    /// A kernel without IPv6 has nothing to stop.
    private func stopLinkLocal(on link: LinkInfo) {
        do throws(SystemError) {
            try requests.setLinkLocalGeneration(link.index, enabled: false)
        } catch {
            log.write(.info, "\(link.name) has no IPv6: \(error)")
        }
    }

    private func verify(_ interface: VirtualInterface) {
        guard let settings = interfaces.link(named: interface.name)?.ipv4 else { return }
        let isRight =
            settings.arpIgnore == 1 && settings.acceptLocal == 1
            && settings.promoteSecondaries == 1 && settings.rpFilter != 1
        if isRight { return }
        log.write(
            .warning,
            "\(interface.name): the kernel did not take arp_ignore, accept_local or rp_filter:"
                + " the addresses may not answer")
    }

    /// Those that nobody declares any more, after a reload; or all, at the end.
    func removeVirtualLinks(_ names: Set<ByteString>) {
        guard !names.isEmpty else { return }
        let links = linksNow()
        let known = Set(names.compactMap { virtualLinks.ready[$0]?.link })
        let ours = links.filter {
            known.contains($0.index)
                || names.contains($0.name) && ParentSettings(alias: $0.alias) != nil
        }
        for link in ours where !known.contains(link.index) { virtualLinks.remember(link) }
        let removed = deleteLinks(ours, unlike: links, requests)
        for link in removed {
            log.write(.info, "removed the interface \(link.name)")
            forget(link)
        }
        for name in names { virtualLinks.ready[name] = nil }
    }

    /// Not with the next notices: who looks in this turn must not see it any more.
    private func forget(_ link: LinkInfo) {
        _ = interfaces.apply(.linkRemoved(link))
        reconciler.interfaceGone(link.index)
    }

    /// A parent that carries no link of ours any more gets back what it had.
    func releaseParents() {
        guard !virtualLinks.unused(among: interfaces.links).isEmpty else { return }
        for parent in virtualLinks.unused(among: linksNow()) {
            guard let before = virtualLinks.before.removeValue(forKey: parent) else { continue }
            requests.restore(before, of: parent)
        }
    }

    /// Asked anew: the kernel gives no notice of the alias of a link that is down.
    func linksNow() -> [LinkInfo] {
        do throws(SystemError) {
            return try requests.links()
        } catch {
            return interfaces.links
        }
    }
}
