import CNetlink
import Net

/// Hears what happens to links and addresses, on a socket of its own: answers to requests never
/// mix with it.
package final class NetlinkNotices {
    package enum Outcome: Hashable, Sendable {
        /// Everything was read.
        case drained
        /// The budget was used up; there may be more.
        case pending
        /// Notices were lost: dump everything and compare. What was left has been read.
        case overflowed
    }

    private let socket: NetlinkSocket
    private var routeProtocol: UInt8 = 0
    private var knownPort: UInt32 = 0

    /// Becomes readable when there is something to `receive`.
    package var descriptor: Int32 { socket.descriptor }

    /// - Parameter receiveBuffer: bytes. One message is charged at about 1.3 KiB.
    package init(receiveBuffer: Int32 = 2 << 20) throws(SystemError) {
        socket = try NetlinkSocket(receiveBuffer: receiveBuffer)
        try socket.join(Int32(RTNLGRP_LINK.rawValue))
        try socket.join(Int32(RTNLGRP_IPV4_IFADDR.rawValue))
        try socket.join(Int32(RTNLGRP_IPV6_IFADDR.rawValue))
    }

    /// From now on does not tell of IPv4 addresses that were added by these requests, which have
    /// their answers: a take-over of a thousand addresses would be told a thousand times what it
    /// just did. (For IPv6 the kernel does not say who asked.)
    package func ignoreAdditions(by requests: NetlinkRequests) throws(SystemError) {
        knownPort = requests.socket.port
        try filter()
    }

    /// From now on also tells of removed rules, and of removed routes of the protocol.
    package func hearRoutes(of proto: UInt8) throws(SystemError) {
        routeProtocol = proto
        try filter()
        try socket.join(Int32(RTNLGRP_IPV4_ROUTE.rawValue))
        try socket.join(Int32(RTNLGRP_IPV6_ROUTE.rawValue))
        try socket.join(Int32(RTNLGRP_IPV4_RULE.rawValue))
        try socket.join(Int32(RTNLGRP_IPV6_RULE.rawValue))
    }

    private func filter() throws(SystemError) {
        let error = cnetlink_filter(socket.descriptor, routeProtocol, knownPort)
        guard error == 0 else { throw SystemError("netlink filter", code: error) }
    }

    /// Hands over what has come, in order.
    ///
    /// - Parameter budget: datagrams read at most, so that a storm of notices does not hold up
    ///   advertisements.
    package func receive(budget: Int = 256, _ body: (Notice) -> Void) -> Outcome {
        var outcome = Outcome.drained
        for _ in 0..<budget {
            switch socket.receive({ bytes in decode(bytes, body) }) {
            case .read: continue
            case .empty: return outcome
            case .overflowed, .failed: outcome = .overflowed
            }
        }
        return outcome == .overflowed ? .overflowed : .pending
    }

    private func decode(_ bytes: Span<UInt8>, _ body: (Notice) -> Void) {
        var reader = NetlinkReader(bytes)
        while let header = reader.message(bytes) {
            if let notice = Notice(header, in: bytes) { body(notice) }
        }
    }
}
