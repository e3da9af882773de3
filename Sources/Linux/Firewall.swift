import CNetlink
package import Net

/// What is dropped: everything to an address; an IPv6 link-local one means something on its
/// interface only.
package struct FirewallEntry: Hashable, Sendable {
    package var address: IPAddress
    /// 0 for all but link-local addresses.
    package var interface: Int32

    package init(address: IPAddress, interface: Int32) {
        self.address = address
        self.interface = address.isLinkLocal && address.family == .ipv6 ? interface : 0
    }
}

/// How the table looks: global_defs' nftables…
package struct FirewallSettings: Hashable, Sendable {
    package var table: ByteString
    /// Of the chain among all that see what comes in.
    package var priority: Int32
    /// A counter in each rule.
    package var counts: Bool

    package init(table: ByteString, priority: Int32, counts: Bool) {
        self.table = table
        self.priority = priority
        self.counts = counts
    }
}

/// A table of nf_tables that drops what comes in for the addresses in its sets, Neighbor Discovery
/// excepted.
///
/// The table has an owner: nobody else changes or flushes it, and the kernel removes it when the
/// last holder of the socket closes it, however that comes. Kernels before 5.12 know no owners; there it may be left
/// behind, and `removeLeftover` finds it by the name of its chain.
package final class Firewall {
    private let socket: NetlinkSocket
    /// As asked for, or with the process id where there was a strange one of that name.
    package let table: ByteString

    /// - Parameters:
    ///   - process: makes the name unique where somebody else has a table of that name.
    ///   - mayOwn: false behaves as on kernels that know no owners.
    package init(
        _ settings: FirewallSettings, process: Int32, mayOwn: Bool = true
    ) throws(SystemError) {
        socket = try NetlinkSocket(NETLINK_NETFILTER, receiveBuffer: 1 << 18)
        let spare = settings.table + ByteString("-\(process)")
        var error: Int32 = 0
        for isOwned in mayOwn ? [true, false] : [false] {
            for name in [settings.table, spare] {
                Firewall.removeLeftover(name, socket)
                var batch = FirewallBatch(table: name)
                batch.addLayout(settings, isOwned: isOwned)
                error = Firewall.send(batch, socket)
                if error == 0 {
                    table = name
                    return
                }
            }
        }
        throw SystemError("nf_tables", code: error)
    }

    package func add(_ entries: [FirewallEntry]) throws(SystemError) {
        try change(NFT_MSG_NEWSETELEM, NLM_F_CREATE, entries)
    }

    /// Goes on with a table whose maker died, by the socket that owns it: laid out anew with these
    /// entries in one transaction, so that no packet finds it missing.
    package init(
        _ settings: FirewallSettings, _ table: ByteString, adopting descriptor: Descriptor,
        entries: [FirewallEntry]
    ) throws(SystemError) {
        socket = try NetlinkSocket(NETLINK_NETFILTER, adopting: descriptor)
        self.table = table
        var batch = FirewallBatch(table: table)
        batch.removeTable()
        batch.addLayout(settings, isOwned: true)
        batch.change(NFT_MSG_NEWSETELEM, NLM_F_CREATE, entries)
        let error = Firewall.send(batch, socket)
        if error != 0 { throw SystemError("nf_tables", code: error) }
    }

    /// For whoever is to keep the table alive.
    package var descriptor: Int32 { socket.descriptor }

    /// All of them must be there.
    package func remove(_ entries: [FirewallEntry]) throws(SystemError) {
        try change(NFT_MSG_DELSETELEM, 0, entries)
    }

    private func change(
        _ type: nf_tables_msg_types, _ flags: Int32, _ entries: [FirewallEntry]
    ) throws(SystemError) {
        guard !entries.isEmpty else { return }
        var batch = FirewallBatch(table: table)
        batch.change(type, flags, entries)
        let error = Firewall.send(batch, socket)
        if error != 0 { throw SystemError("nf_tables", code: error) }
    }

    /// For an orderly end; what has an owner would go by itself.
    package func removeTable() {
        var batch = FirewallBatch(table: table)
        batch.removeTable()
        _ = Firewall.send(batch, socket)
    }

    /// What a kernel that knows no owners kept after a crash. A table that is not of our making, or
    /// whose owner lives, stays.
    package static func removeLeftover(table: ByteString) {
        do throws(SystemError) {
            removeLeftover(table, try NetlinkSocket(NETLINK_NETFILTER, receiveBuffer: 1 << 16))
        } catch {
            return  // A kernel without nf_tables keeps nothing.
        }
    }

    private static func removeLeftover(_ table: ByteString, _ socket: NetlinkSocket) {
        var question = FirewallBatch(table: table, isTransaction: false)
        question.askForChain()
        guard send(question, socket) == 0 else { return }
        var batch = FirewallBatch(table: table)
        batch.removeTable()
        _ = send(batch, socket)
    }

    /// 0, or the first errno. The kernel does all of a batch, or nothing.
    private static func send(_ batch: consuming FirewallBatch, _ socket: NetlinkSocket) -> Int32 {
        guard var bytes = batch.finish() else { return EMSGSIZE }
        let failure = socket.send(&bytes)
        if failure != 0 { return failure }
        var error: Int32 = 0
        var answers = 0
        while true {
            let step = socket.receive { bytes in
                var reader = NetlinkReader(bytes)
                while let header = reader.message(bytes) {
                    answers += 1
                    guard Int32(header.type) == NLMSG_ERROR else { continue }
                    if error == 0 { error = acknowledgedError(header, bytes) }
                }
            }
            switch step {
            case .read: continue
            case .empty, .overflowed: return error == 0 && answers == 0 ? EAGAIN : error
            case .failed(let code): return code
            }
        }
    }
}
