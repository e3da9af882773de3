import CNetlink
package import Net

/// Asks the kernel and changes it, each call with its answer. Calls may wait for the kernel's
/// lock: measured at up to 34 ms for one address while 200 links were being deleted.
package final class NetlinkRequests {
    /// Messages in one batch at most.
    package static let batchLimit = 64
    /// A dump that was interrupted by changes is made anew so many times. Where somebody changes
    /// thousands of addresses without end, none is ever whole.
    private static let dumpAttempts = 3

    let socket: NetlinkSocket
    private var sequence: UInt32 = 0
    private let now: () -> Instant
    /// The longest time that one call has taken so far.
    package private(set) var longestWait = Interval.zero

    /// - Parameter clock: tells the time, to measure `longestWait` by.
    package init(clock now: @escaping () -> Instant) throws(SystemError) {
        socket = try NetlinkSocket(receiveBuffer: 1 << 20)
        self.now = now
    }

    /// What a dump told. Where it was interrupted, some may be missing or there twice.
    package struct Dumped<Value> {
        package var values: [Value] = []
        package var isWhole = false
    }

    /// All interfaces, in the kernel's order, as far as they could be read.
    package func links() throws(SystemError) -> [LinkInfo] { try dumpedLinks().values }

    package func dumpedLinks() throws(SystemError) -> Dumped<LinkInfo> {
        try dump(RTM_GETLINK, ifinfomsg()) { header, bytes in
            guard case .link(let link) = Notice(header, in: bytes) else { return nil }
            return link
        }
    }

    /// All addresses of both families, in the kernel's order: for IPv4 that of its choice; as far
    /// as they could be read.
    package func addresses() throws(SystemError) -> [AddressInfo] { try dumpedAddresses().values }

    package func dumpedAddresses() throws(SystemError) -> Dumped<AddressInfo> {
        try dump(RTM_GETADDR, ifaddrmsg()) { header, bytes in
            guard case .address(let address) = Notice(header, in: bytes) else { return nil }
            return address
        }
    }

    /// The top bit is left free: it marks additions of addresses.
    func nextSequence() -> UInt32 {
        sequence = (sequence &+ 1) & ~NetlinkRequests.additionMark
        return sequence
    }

    /// By this the notices of our own additions are known (see `NetlinkNotices`). Not those that
    /// go with a removal: the kernel may promote a stranger's address then.
    static let additionMark: UInt32 = 1 << 31

    /// Runs a call of the kernel and remembers how long it took.
    func measured<Result>(_ body: () -> Result) -> Result {
        let start = now()
        let result = body()
        longestWait = max(longestWait, now() - start)
        return result
    }
}

// Dumps.
extension NetlinkRequests {
    private enum DumpEnd {
        case complete
        /// NLM_F_DUMP_INTR: entries may be missing or doubled.
        case interrupted
        case failed(Int32)
    }

    func dump<Part: BitwiseCopyable, Value>(
        _ type: Int, _ part: Part, _ decode: (NetlinkHeader, Span<UInt8>) -> Value?
    ) throws(SystemError) -> Dumped<Value> {
        var dumped = Dumped<Value>()
        for _ in 0..<NetlinkRequests.dumpAttempts where !dumped.isWhole {
            dumped.values = []
            let end = measured {
                dumpOnce(type, part) { header, bytes in
                    if let value = decode(header, bytes) { dumped.values.append(value) }
                }
            }
            switch end {
            case .complete: dumped.isWhole = true
            case .interrupted: continue
            case .failed(let error): throw SystemError("netlink dump", code: error)
            }
        }
        return dumped
    }

    private func dumpOnce<Part: BitwiseCopyable>(
        _ type: Int, _ part: Part, _ body: (NetlinkHeader, Span<UInt8>) -> Void
    ) -> DumpEnd {
        let sequence = nextSequence()
        guard var message = NetlinkMessage(type: type, flags: NLM_F_DUMP, sequence: sequence)
        else { return .failed(ENOMEM) }
        message.append(part)
        var buffer: [UInt8] = []
        guard message.write(to: &buffer) else { return .failed(EMSGSIZE) }
        let error = socket.send(&buffer)
        return error == 0 ? readDump(sequence, body) : .failed(error)
    }

    private func readDump(
        _ sequence: UInt32, _ body: (NetlinkHeader, Span<UInt8>) -> Void
    ) -> DumpEnd {
        var interrupted = false
        var end: DumpEnd? = nil
        while end == nil {
            let step = socket.receive { bytes in
                var reader = NetlinkReader(bytes)
                while let header = reader.message(bytes) {
                    guard header.sequence == sequence else { continue }
                    if header.flags & UInt16(NLM_F_DUMP_INTR) != 0 { interrupted = true }
                    switch Int32(header.type) {
                    case NLMSG_DONE: end = .complete
                    case NLMSG_ERROR: end = .failed(acknowledgedError(header, bytes))
                    default: body(header, bytes)
                    }
                }
            }
            switch step {
            case .read: continue
            case .empty, .overflowed: return .interrupted
            case .failed(let error): return .failed(error)
            }
        }
        guard case .complete = end, interrupted else { return end ?? .interrupted }
        return .interrupted
    }
}

/// The errno in an NLMSG_ERROR: 0 is an acknowledgement.
func acknowledgedError(_ header: NetlinkHeader, _ bytes: Span<UInt8>) -> Int32 {
    let start = header.payload.lowerBound
    guard header.payload.count >= 4, let error = bytes.index(start..<start + 4) else {
        return EIO
    }
    return error > 0 ? EIO : 0 &- error
}
