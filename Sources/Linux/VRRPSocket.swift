import CLinux
package import Net

/// A set of VRIDs.
package struct VRIDSet: Hashable, Sendable {
    fileprivate var bits = [UInt8](repeating: 0, count: 32)

    package init() {}

    package static var all: VRIDSet {
        var set = VRIDSet()
        set.bits = [UInt8](repeating: 0xff, count: 32)
        return set
    }

    package mutating func insert(_ vrid: UInt8) { bits[Int(vrid / 8)] |= 1 << (vrid % 8) }

    package func contains(_ vrid: UInt8) -> Bool { bits[Int(vrid / 8)] & 1 << (vrid % 8) != 0 }
}

/// A packet as it came in.
package struct IncomingPacket: Hashable, Sendable {
    package var source: IPAddress
    package var destination: IPAddress
    /// TTL or hop limit; -1 where the kernel did not say.
    package var hopLimit: Int
    /// When the kernel received it.
    package var arrival: Instant
    /// When it was taken from the kernel.
    package var readAt: Instant
}

/// One raw socket for VRRP (or VRRP behind AH) of one family on one interface, for sending and receiving. IPv4
/// packets are sent with their whole header; what is received is handed on without it.
package final class VRRPSocket {
    package struct Outcome: Hashable, Sendable {
        /// Nothing more waits.
        package var emptied: Bool
        /// The kernel has dropped packets since the last call: its buffer was full.
        package var lossy: Bool
    }

    package let family: Family
    package let interfaceIndex: Int32
    private let socket: Descriptor
    private let isAuthenticated: Bool
    private var drops: UInt32 = 0
    private var lastEmpty: Instant

    /// - Parameters:
    ///   - interfaceName: empty: all of them, index 0.
    ///   - group: nil for unicast.
    ///   - isAuthenticated: receives AH (protocol 51), not plain VRRP.
    ///   - receiveBuffer: bytes; 256 packets fit into 208 KiB.
    package init(
        family: Family, interfaceIndex: Int32, interfaceName: ByteString, group: IPAddress?,
        isAuthenticated: Bool = false, receiveBuffer: Int32 = 1 << 20
    ) throws(SystemError) {
        self.isAuthenticated = isAuthenticated
        self.family = family
        self.interfaceIndex = interfaceIndex
        lastEmpty = Clock.boot()
        let name = (interfaceName.bytes + [0]).map { CChar(bitPattern: $0) }
        let raw = unsafe name.withUnsafeBufferPointer { name in
            unsafe clinux_vrrp_socket(
                Int32(family.addressBits), isAuthenticated ? 51 : 112, name.baseAddress,
                receiveBuffer)
        }
        socket = Descriptor(owning: try check(raw, "socket"))
        if let group { try join(group) }
    }

    /// Only sends, by the interface that each message names, so that one serves all virtual MACs.
    package init(senderFor family: Family) throws(SystemError) {
        isAuthenticated = false
        self.family = family
        interfaceIndex = 0
        lastEmpty = Clock.boot()
        let raw = unsafe ByteString("").withCText { name in
            unsafe clinux_vrrp_socket(Int32(family.addressBits), 112, name, 4096)
        }
        socket = Descriptor(owning: try check(raw, "socket"))
        _ = clinux_vrrp_mute(socket.rawValue)
    }

    private func join(_ group: IPAddress) throws(SystemError) {
        let bytes = group.bytes
        let result = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe clinux_join(
                socket.rawValue, Int32(family.addressBits), bytes.baseAddress, interfaceIndex)
        }
        _ = try check(result, "joining the multicast group")
    }

    package var descriptor: Int32 { socket.rawValue }

    /// Whether packets were dropped since the last that was read. SO_RXQ_OVFL tells that only with
    /// the next packet; this asks.
    package func hasDropped() -> Bool {
        let count = clinux_drops(socket.rawValue)
        guard count > drops else { return false }
        drops = count
        return true
    }

    /// Bytes.
    package func setReceiveBuffer(_ bytes: Int32) {
        clinux_set_receive_buffer(socket.rawValue, bytes)
    }

    /// From now on only these VRIDs come through. What waits already was filtered by the former
    /// set: it is read and handed on as before.
    package func attachFilter(_ vrids: VRIDSet) {
        _ = unsafe vrids.bits.withUnsafeBufferPointer { bits in
            unsafe clinux_vrrp_filter(
                socket.rawValue, Int32(family.addressBits), isAuthenticated ? 24 : 0,
                bits.baseAddress)
        }
    }

    /// Hands on what has come, without allocating: each packet's IP header (empty for IPv6) and
    /// what follows it.
    ///
    /// - Parameter budget: packets at most.
    package func receive(
        budget: Int, into buffer: PacketBuffer,
        _ body: (IncomingPacket, Span<UInt8>, Span<UInt8>) -> Void
    ) -> Outcome {
        let dropsBefore = drops
        var left = budget
        while left > 0 {
            let limit = min(left, Int(CLINUX_BATCH))
            let count = read(limit, into: buffer)
            let now = Clock.boot()
            if count < 0 { return outcome(true, dropsBefore) }
            let realTime = Clock.realTime()
            for index in 0..<count { handOn(index, buffer, realTime, now, body) }
            if count < limit {
                lastEmpty = now
                return outcome(true, dropsBefore)
            }
            left -= count
        }
        return outcome(false, dropsBefore)
    }

    private func outcome(_ emptied: Bool, _ dropsBefore: UInt32) -> Outcome {
        Outcome(emptied: emptied, lossy: drops != dropsBefore)
    }

    private func read(_ limit: Int, into buffer: PacketBuffer) -> Int {
        let count = unsafe clinux_vrrp_receive(
            socket.rawValue, Int32(family.addressBits), buffer.receiver, buffer.packets,
            Int32(limit))
        return min(Int(count), limit)
    }

    private func handOn(
        _ index: Int, _ buffer: PacketBuffer, _ realTime: Int64, _ now: Instant,
        _ body: (IncomingPacket, Span<UInt8>, Span<UInt8>) -> Void
    ) {
        let packet = unsafe buffer.packets[index]
        if packet.drops != 0 { drops = packet.drops }
        let incoming = IncomingPacket(
            source: IPAddress(packet.source, family),
            destination: IPAddress(packet.destination, family), hopLimit: Int(packet.hop_limit),
            arrival: arrival(
                stamp: packet.stamp, realTime: realTime, now: now, lastEmpty: lastEmpty),
            readAt: now)
        let length = min(Int(packet.length), Int(CLINUX_PACKET))
        let offset = min(Int(packet.offset), length)
        let start = unsafe buffer.bytes + index * Int(CLINUX_PACKET)
        let whole = unsafe Span(_unsafeStart: start, count: length)
        body(incoming, whole.extracting(0..<offset), whole.extracting(offset..<length))
    }
}

extension IPAddress {
    init(_ address: clinux_address, _ family: Family) {
        switch family {
        case .ipv4: self = .v4(IPv4Address(UInt32(truncatingIfNeeded: address.low)))
        case .ipv6: self = .v6(IPv6Address(high: address.high, low: address.low))
        }
    }

    var raw: clinux_address {
        switch self {
        case .v4(let address): clinux_address(high: 0, low: UInt64(address.value))
        case .v6(let address): clinux_address(high: address.high, low: address.low)
        }
    }
}

/// Where packets are read to: one for all sockets of a thread. Its pages cost nothing until a
/// burst needs them.
@safe package final class PacketBuffer {
    fileprivate let packets: UnsafeMutablePointer<clinux_packet>
    fileprivate let bytes: UnsafeMutablePointer<UInt8>
    fileprivate let receiver: OpaquePointer

    package init() {
        unsafe packets = UnsafeMutablePointer.allocate(capacity: Int(CLINUX_BATCH))
        unsafe bytes = UnsafeMutablePointer.allocate(
            capacity: Int(CLINUX_BATCH) * Int(CLINUX_PACKET))
        unsafe receiver = clinux_receiver_new(bytes)
    }

    deinit {
        unsafe clinux_receiver_free(receiver)
        unsafe packets.deallocate()
        unsafe bytes.deallocate()
    }
}
