// What changes the kernel: addresses, routes and rules in batches, links one by one.
import CNetlink
import Net

extension NetlinkRequests {
    /// Makes the first `batchLimit` changes in one call; later ones are left alone. Does not stop
    /// at a failure.
    ///
    /// - Parameter errors: becomes one errno for each change that was tried, 0 where it was done.
    ///   EEXIST of `add` and EADDRNOTAVAIL or ENODEV of `remove` mean that there was nothing to do;
    ///   EAGAIN that the kernel did not say.
    package func apply(_ changes: [KernelChange], errors: inout [Int32]) {
        var batch = RequestBatch(first: nextSequence())
        for change in changes.prefix(NetlinkRequests.batchLimit) {
            let sequence = batch.answers.isEmpty ? batch.first : nextSequence()
            let start = batch.bytes.count
            batch.note(write(change, sequence, to: &batch.bytes), at: start)
        }
        measured { exchange(&batch) }
        errors = batch.answers
    }

    private func write(
        _ change: KernelChange, _ sequence: UInt32, to buffer: inout [UInt8]
    ) -> Bool {
        guard
            var message = NetlinkMessage(
                type: change.type, flags: change.flags, sequence: sequence | change.mark,
                capacity: change.capacity)
        else { return false }
        switch change {
        case .add(let spec), .renew(let spec):
            message.append(spec.fixedPart)
            message.putIdentity(of: spec)
            message.putAttributes(of: spec)
        case .remove(let spec):
            message.append(spec.fixedPart)
            message.putIdentity(of: spec)
        case .addRoute(let spec): message.putRoute(spec)
        case .removeRoute(let spec): message.putRouteIdentity(spec)
        case .addRule(let rule), .removeRule(let rule): message.putRule(rule)
        }
        return message.write(to: &buffer)
    }

    /// Sends, and puts each answer at its place.
    private func exchange(_ batch: inout RequestBatch) {
        guard batch.askForAnswer() else { return batch.end(unanswered: EAGAIN) }
        let failure = socket.send(&batch.bytes)
        guard failure == 0 else { return batch.end(unanswered: failure) }
        var isWhole = true
        while !batch.isAnswered {
            let step = socket.receive { bytes in
                var reader = NetlinkReader(bytes)
                while let header = reader.message(bytes) {
                    guard Int32(header.type) == NLMSG_ERROR else { continue }
                    batch.take(acknowledgedError(header, bytes), header.sequence)
                }
            }
            switch step {
            case .read: continue
            case .overflowed: isWhole = false
            case .empty, .failed: return batch.end(unanswered: EAGAIN)
            }
        }
        batch.end(unanswered: isWhole ? 0 : EAGAIN)
    }

    /// One message, one answer.
    func change(
        _ type: Int, flags: Int32 = 0, what: StaticString,
        _ build: (inout NetlinkMessage) -> Void
    ) throws(SystemError) {
        var batch = RequestBatch(first: nextSequence())
        guard var message = NetlinkMessage(type: type, flags: flags, sequence: batch.first)
        else { throw SystemError(what, code: ENOMEM) }
        build(&message)
        batch.note(message.write(to: &batch.bytes), at: 0)
        measured { exchange(&batch) }
        guard let error = batch.answers.first, error != 0 else { return }
        throw SystemError(what, code: error)
    }
}

/// Messages that are sent with one call, under consecutive sequence numbers. The kernel tells of
/// every failure unasked; that nothing failed is known once the last one is acknowledged, which is
/// the only one that asks for it.
private struct RequestBatch {
    let first: UInt32
    var bytes: [UInt8] = []
    /// An errno each; `unsaid` until the kernel told.
    private(set) var answers: [Int32] = []
    /// Where the last message starts, and its place among the answers.
    private var last: (start: Int, place: Int)?
    private(set) var isAnswered = false

    private static let unsaid: Int32 = -1

    init(first: UInt32) { self.first = first }

    /// - Parameter isWritten: false for what did not fit.
    mutating func note(_ isWritten: Bool, at start: Int) {
        if isWritten { last = (start, answers.count) }
        answers.append(isWritten ? RequestBatch.unsaid : EMSGSIZE)
    }

    /// Sets NLM_F_ACK of the last message; false where there is none.
    mutating func askForAnswer() -> Bool {
        guard let last, last.start + 6 < bytes.count else { return false }
        // struct nlmsghdr: the flags follow length and type; NLM_F_ACK is in their low byte.
        let low = UInt16(1).littleEndian == 1 ? 6 : 7
        bytes[last.start + low] |= UInt8(NLM_F_ACK)
        return true
    }

    mutating func take(_ error: Int32, _ sequence: UInt32) {
        let place = Int((sequence &- first) & ~NetlinkRequests.additionMark)
        guard answers.indices.contains(place) else { return }
        answers[place] = error
        if place == last?.place { isAnswered = true }
    }

    mutating func end(unanswered: Int32) {
        for place in answers.indices where answers[place] == RequestBatch.unsaid {
            answers[place] = unanswered
        }
    }
}

extension NetlinkRequests {
    package func setLink(_ index: Int32, up: Bool) throws(SystemError) {
        try change(RTM_NEWLINK, what: "set link") { message in
            var part = ifinfomsg()
            part.ifi_index = index
            part.ifi_change = 1  // IFF_UP
            part.ifi_flags = up ? 1 : 0
            message.append(part)
        }
    }

    /// Stops (or resumes) the kernel from making a link-local address of the interface's MAC.
    package func setLinkLocalGeneration(
        _ index: Int32, enabled: Bool
    ) throws(SystemError) {
        try change(RTM_SETLINK, what: "set addr_gen_mode") { message in
            var part = ifinfomsg()
            part.ifi_index = index
            message.append(part)
            message.nest(IFLA_AF_SPEC) { families in
                families.nest(Int(Family.ipv6.addressFamily)) { settings in
                    settings.put(IFLA_INET6_ADDR_GEN_MODE, UInt8(enabled ? 0 : 1))
                }
            }
        }
    }

    package func deleteLink(_ index: Int32) throws(SystemError) {
        try change(RTM_DELLINK, what: "delete link") { message in
            var part = ifinfomsg()
            part.ifi_index = index
            message.append(part)
        }
    }

    /// Deletes several at once, and whatever else is in the group, which must be nobody's. The
    /// kernel waits for every reader of its tables once for all of them: 255 macvlans went in 0.2 s
    /// so, and in 6 s one by one.
    package func deleteLinks(_ indices: [Int32], by group: UInt32) throws(SystemError) {
        for index in indices {
            try change(RTM_SETLINK, what: "set group") { message in
                var part = ifinfomsg()
                part.ifi_index = index
                message.append(part)
                message.put(IFLA_GROUP, group)
            }
        }
        try change(RTM_DELLINK, what: "delete links") { message in
            message.append(ifinfomsg())
            message.put(IFLA_GROUP, group)
        }
    }
}

extension KernelChange {
    fileprivate var type: Int {
        switch self {
        case .add, .renew: RTM_NEWADDR
        case .remove: RTM_DELADDR
        case .addRoute: RTM_NEWROUTE
        case .removeRoute: RTM_DELROUTE
        case .addRule: RTM_NEWRULE
        case .removeRule: RTM_DELRULE
        }
    }

    fileprivate var mark: UInt32 {
        switch self {
        case .add: NetlinkRequests.additionMark
        case .renew, .remove, .addRoute, .removeRoute, .addRule, .removeRule: 0
        }
    }

    fileprivate var flags: Int32 {
        switch self {
        // As keepalived: neither NLM_F_EXCL nor NLM_F_REPLACE.
        case .add: NLM_F_CREATE
        case .renew: NLM_F_CREATE | NLM_F_REPLACE
        case .addRoute(let spec):
            switch spec.route.operation {
            case .add: NLM_F_CREATE | NLM_F_EXCL
            case .append: NLM_F_CREATE | NLM_F_APPEND
            case .prepend: NLM_F_CREATE
            }
        // Without NLM_F_EXCL the kernel would take the same rule twice.
        case .addRule: NLM_F_CREATE | NLM_F_EXCL
        case .remove, .removeRoute, .removeRule: 0
        }
    }

    /// Bytes; a route may have many ways.
    fileprivate var capacity: Int {
        switch self {
        case .add, .renew, .remove, .addRule, .removeRule: 512
        case .addRoute(let spec), .removeRoute(let spec): 768 + 192 * spec.route.hops.count
        }
    }
}

extension AddressSpec {
    fileprivate var fixedPart: ifaddrmsg {
        var part = ifaddrmsg()
        part.ifa_family = prefix.address.family.addressFamily
        part.ifa_prefixlen = UInt8(clamping: prefix.length)
        part.ifa_flags = UInt8(truncatingIfNeeded: flags.rawValue)
        part.ifa_scope = scope
        part.ifa_index = UInt32(bitPattern: interfaceIndex)
        return part
    }
}

extension NetlinkMessage {
    /// What the kernel finds an address by.
    fileprivate mutating func putIdentity(of spec: AddressSpec) {
        put(IFA_LOCAL, spec.prefix.address)
        put(IFA_ADDRESS, spec.peer ?? spec.prefix.address)
    }

    fileprivate mutating func putAttributes(of spec: AddressSpec) {
        if let label = spec.label { put(IFA_LABEL, name: label) }
        if let broadcast = spec.broadcast { put(IFA_BROADCAST, .v4(broadcast)) }
        // The kernel prefers this one to the eight bits of the fixed part.
        put(IFA_FLAGS, spec.flags.rawValue)
        put(IFA_PROTO, spec.proto)
        guard let lifetime = spec.lifetime else { return }
        var times = ifa_cacheinfo()
        times.ifa_prefered = lifetime.preferred
        times.ifa_valid = lifetime.valid
        put(IFA_CACHEINFO, part: times)
    }
}
