import Net
import VRRP

// From drafts to the value that runs: what only the whole text can decide.
extension Interpreter {
    mutating func complete() -> Configuration {
        var configuration = Configuration()
        configuration.globals = completeGlobals()
        configuration.plan.startupDelay = globals.startupDelay
        configuration.plan.delayAfterBoot = globals.delayAfterBoot
        let objects = completeObjects(&configuration)
        configuration.statics = statics
        configuration.balancerCommands = balancerCommands
        limitAddresses()
        configuration.instances.reserveCapacity(instances.count)
        configuration.plan.virtualRouters.reserveCapacity(instances.count)
        for draft in instances { add(draft, objects, &configuration) }
        limitLinkDelays(&configuration)
        positions.reserveCapacity(instances.count)
        for index in configuration.instances.indices {
            positions[configuration.instances[index].name] = index
        }
        for draft in groups { add(draft, objects, &configuration) }
        checkTrackGroups()
        findings.block = ""
        return configuration
    }

    // Instances.

    private mutating func add(
        _ draft: InstanceDraft, _ objects: [ObjectName: ObjectEntry],
        _ configuration: inout Configuration
    ) {
        findings.enter(instance: draft.name.text)
        arrangeAddresses(draft)
        guard let vrid = draft.vrid else {
            return drop(draft, "virtual_router_id", "missing-vrid")
        }
        guard let interface = draft.interface ?? routed(draft) else {
            return drop(draft, "interface", "missing-interface-name")
        }
        guard strictAllows(draft) else { return }
        var parameters = VirtualRouterParameters(
            name: draft.name.text.inOwnMemory, family: draft.family ?? .ipv4, vrid: vrid.value,
            addresses: draft.addresses.map { $0.prefix.address })
        setVersion(draft, &parameters)
        setElection(draft, &parameters)
        setInterval(draft, &parameters)
        setAuthentication(draft, &parameters)
        settleAuthenticatedStart(draft, &parameters)
        setTransport(draft, &parameters)
        setChecksum(draft, &parameters)
        parameters.announcements = announcements(draft)
        applyStrict(draft, &parameters)
        parameters.tracksInterface = draft.tracksInterface
        parameters.tracking = tracking(draft.tracking, objects, own: interface.text)
        if parameters.isOwner {
            parameters.tracking = settleOwnerWeights(
                of: draft, parameters.tracking, in: configuration)
        }
        parameters.tracking += heldTracking(draft, own: interface.text, &configuration)
        if draft.addresses.isEmpty && !draft.wantsNoAddresses {
            if parameters.version == .v3 {
                return drop(draft, "virtual_ipaddress, which version 3 needs", "no-address-v3")
            }
            // Where an address is in error, its own finding says what to do.
            if !draft.hasRefusedAddress {
                findings.warning(
                    "no-address",
                    "\(draft.name.text) has no virtual_ipaddress: it protects nothing",
                    draft.name, hint: "no_virtual_ipaddress says that none is wanted")
            }
        }
        guard claims(parameters, draft, draft.interface ?? draft.vrf ?? interface) else { return }
        if let last = configuration.plan.virtualRouters.last { parameters.share(with: last) }
        configuration.plan.virtualRouters.append(parameters)
        // Hundreds are on the interface of the one before: one text serves them.
        let last = configuration.instances.last?.interface
        var made = instance(
            draft, on: last == interface.text ? last : nil, interface, parameters.name)
        made.acceptsTraffic = acceptsTraffic(draft, parameters)
        made.promotesSecondaries = promotesSecondaries(draft)
        configuration.instances.append(made)
    }

    private mutating func drop(_ draft: InstanceDraft, _ what: String, _ code: String) {
        findings.error(
            code, "\(draft.name.text) has no \(what): the instance is left out", draft.keyword)
    }

    /// Two instances on one link must not share a VRID: the second is left out.
    private mutating func claims(
        _ parameters: VirtualRouterParameters, _ draft: InstanceDraft, _ interface: Word
    ) -> Bool {
        guard let other = vridClaims.claim(parameters, on: interface.text) else { return true }
        var clash = Diagnostic(
            .error, "duplicate-vrid",
            ByteString(
                "\(parameters.name) and \(other) have VRID \(parameters.vrid) on "
                    + "\(interface.text): \(parameters.name) is left out"), at: interface.location,
            block: findings.block, word: interface.text,
            hint: draft.peers.isEmpty
                ? "each instance on a link needs a virtual_router_id of its own"
                : "one VRID serves several only where they have no unicast_peer in common")
        clash.related = instances.first { $0.name.text == other }?.interface?.location
        findings.add(clash)
        return false
    }

    /// What every instance has is copied: drafts die together, and what outlived them between them
    /// would keep their memory from being of use for anything else.
    private mutating func instance(
        _ draft: InstanceDraft, on known: ByteString?, _ interface: Word, _ name: ByteString
    ) -> Instance {
        var instance = Instance(
            name: name, interface: known ?? interface.text.inOwnMemory,
            location: interface.location)
        instance.source = draft.source
        instance.vrf = vrf(draft)
        instance.tracksSource = draft.tracksSource != nil && draft.source != nil
        instance.keyFiles = draft.trailer?.files ?? []
        instance.addresses = draft.addresses.map { $0 }
        instance.excludedAddresses = draft.excludedAddresses
        instance.extraAnnouncement = draft.extraAnnouncement ?? globals.extraAnnouncement
        instance.routes = draft.routes
        instance.rules = draft.rules
        instance.notify = draft.notify
        if draft.notifiesPriorities ?? globals.notifiesPriorities {
            instance.notify.tellsPriorities = true
        }
        instance.sendsMail =
            draft.sendsMail ?? globals.sendsVRRPMail ?? globals.sendsMail ?? false
        instance.isStrict = isStrict(draft)
        setVirtualInterfaces(draft, &instance)
        instance.receiveBuffer = draft.receiveBuffer
        return instance
    }

    private mutating func setVersion(
        _ draft: InstanceDraft, _ parameters: inout VirtualRouterParameters
    ) {
        parameters.version = draft.version?.value ?? globals.version
        if parameters.family == .ipv6, parameters.version == .v2 {
            if let given = draft.version {
                findings.error("version-conflict", "IPv6 needs version 3: it is used", given.word)
            }
            parameters.version = .v3
        }
    }

    private mutating func setElection(
        _ draft: InstanceDraft, _ parameters: inout VirtualRouterParameters
    ) {
        let wantsMaster = draft.state?.value == .master
        parameters.priority = draft.priority ?? (wantsMaster ? 255 : 100)
        parameters.startsAsMaster =
            wantsMaster || draft.state == nil && parameters.priority == 255
        if let word = draft.nopreempt {
            if wantsMaster || parameters.isOwner {
                findings.warning(
                    "nopreempt-master", "nopreempt has no effect with state MASTER", word,
                    hint: "write state BACKUP on both routers")
            } else {
                parameters.preempts = false
            }
        }
        if let delay = draft.preemptDelay, delay.value > .zero {
            if wantsMaster || !parameters.preempts {
                findings.warning(
                    "preempt-delay-unused",
                    "preempt_delay has no effect with state MASTER or nopreempt", delay.word)
            } else {
                parameters.preemptDelay = delay.value
            }
        }
        parameters.downTimerAdvertisements =
            draft.downTimerAdvertisements ?? globals.downTimerAdvertisements
        parameters.answersLowerPriority =
            draft.answersLowerPriority ?? globals.answersLowerPriority
        parameters.sendsBeforeSteppingDown =
            draft.sendsBeforeSteppingDown ?? globals.sendsBeforeSteppingDown
        parameters.ownerIgnoresAdvertisements =
            draft.ownerIgnoresAdvertisements ?? globals.ownerIgnoresAdvertisements ?? true
        parameters.skipsKnownList = draft.skipsKnownList ?? globals.skipsKnownList
        if let priority = draft.stallPriority {
            if parameters.preempts {
                findings.warning(
                    "timer-expired-unused", "timer_expired_backup has no effect without nopreempt",
                    priority.word)
            } else {
                parameters.stallPriority = priority.value
            }
        }
    }

    private mutating func setInterval(
        _ draft: InstanceDraft, _ parameters: inout VirtualRouterParameters
    ) {
        guard let given = draft.advertisementInterval else { return }
        let step: Interval = parameters.version == .v2 ? .seconds(1) : .milliseconds(10)
        let longest: Interval = parameters.version == .v2 ? .seconds(255) : .milliseconds(40_950)
        let steps = (given.value + step / 2).nanoseconds / step.nanoseconds
        let rounded = min(max(step * steps, step), longest)
        parameters.advertisementInterval = rounded
        if rounded != given.value {
            let unit = parameters.version == .v2 ? "whole seconds" : "steps of 10 ms"
            findings.error(
                "bad-interval",
                "advert_int \(given.word.text) cannot be sent by version "
                    + "\(parameters.version.rawValue): \(secondsText(rounded)) s is used",
                given.word,
                hint: "\(unit) from \(secondsText(step)) to \(secondsText(longest)) s")
        }
    }

    private func announcements(_ draft: InstanceDraft) -> AnnouncementParameters {
        let own = draft.announcements
        let all = globals.announcements
        let little = globals.announcesLittle
        var result = AnnouncementParameters()
        result.count = own.count ?? all.count ?? (little ? 1 : 5)
        result.delay = own.delay ?? all.delay ?? (little ? .zero : .seconds(5))
        result.refresh = own.refresh ?? all.refresh ?? .zero
        result.refreshCount = own.refreshCount ?? all.refreshCount ?? 1
        result.lowerPriorityCount =
            own.lowerPriorityCount ?? all.lowerPriorityCount ?? all.count ?? (little ? 1 : 5)
        result.lowerPriorityDelay =
            own.lowerPriorityDelay ?? all.lowerPriorityDelay ?? all.delay
            ?? (little ? .zero : .seconds(5))
        return result
    }

    // Groups.

    private mutating func add(
        _ draft: GroupDraft, _ objects: [ObjectName: ObjectEntry],
        _ configuration: inout Configuration
    ) {
        findings.block = ByteString("vrrp_sync_group \(draft.name.text)")
        var members: [Int] = []
        for word in draft.members {
            if let member = member(word, of: draft, configuration), !members.contains(member) {
                members.append(member)
            }
        }
        if members.isEmpty {
            findings.error(
                "empty-group", "the group has no member that exists: it is left out", draft.name,
                hint: "write the names of vrrp_instance blocks into its group block")
            return
        }
        if members.count == 1 {
            findings.error(
                "single-member", "the group \(draft.name.text) has only one member", draft.name,
                hint: "name the other instances in its group block, or remove the group")
        }
        var group = Group(name: draft.name.text)
        group.notify = draft.notify
        if !draft.usesMemberWeights { settleWeights(of: members, &configuration) }
        tellPriorities(of: members, draft.notifiesPriorities, &configuration)
        group.sendsMail = draft.sendsMail ?? globals.sendsVRRPMail ?? globals.sendsMail ?? false
        configuration.groups.append(group)
        configuration.plan.groups.append(
            SyncGroupPlan(
                name: draft.name.text, members: members,
                tracking: tracking(draft.tracking, objects, own: nil),
                usesMemberWeights: draft.usesMemberWeights))
    }

    private mutating func settleWeights(
        of members: [Int], _ configuration: inout Configuration
    ) {
        for member in members {
            let name = configuration.instances[member].name
            guard let draft = instances.first(where: { $0.name.text == name }) else { continue }
            configuration.plan.virtualRouters[member].tracking = settleMemberWeights(
                of: draft, configuration.plan.virtualRouters[member].tracking, in: configuration)
        }
    }

    /// notify_priority_changes of a group is for its members.
    private func tellPriorities(
        of members: [Int], _ value: Bool?, _ configuration: inout Configuration
    ) {
        guard value == true else { return }
        for member in members { configuration.instances[member].notify.tellsPriorities = true }
    }

    private mutating func member(
        _ word: Word, of draft: GroupDraft, _ configuration: Configuration
    ) -> Int? {
        guard let index = positions[word.text] else {
            let names = configuration.instances.map { $0.name.description }
            findings.error(
                "unknown-member", "there is no vrrp_instance \(word.text)", word,
                hint: nearest(word.text, among: names).map { "did you mean \($0)?" }
                    ?? "write that instance, or take its name out of the group")
            return nil
        }
        if let group = groupOf.updateValue(draft.name.text, forKey: index), group != draft.name.text
        {
            findings.error("member-of-two", "\(word.text) is in the group \(group) already", word)
            groupOf[index] = group
            return nil
        }
        return index
    }
}
