import Config
import Control
import Linux
import Net
import VRRP

/// One socket: all virtual routers of one family on one interface hear and speak through it.
final class Lane {
    let key: LaneKey
    let socket: VRRPSocket
    /// Virtual router of each VRID; -1: none.
    private var virtualRouters = [Int32](repeating: -1, count: 256)
    /// Unicast: further ones with a VRID that has one already, told apart by their peers.
    private var further: [(vrid: UInt8, index: Int32)] = []
    /// While it runs, every VRID on the link is let through and noted.
    var survey: VRIDSurvey?
    /// Packets were dropped that its virtual routers may have waited for.
    var hasLost = false
    /// Filter and receive buffer are as the virtual routers ask for.
    var isFitted = false

    init(_ key: LaneKey, _ socket: VRRPSocket) {
        self.key = key
        self.socket = socket
    }

    /// VRIDs that some virtual router has.
    var vrids: VRIDSet {
        var result = VRIDSet()
        for vrid in 1...255 where virtualRouters[vrid] >= 0 { result.insert(UInt8(vrid)) }
        return result
    }

    var isUnused: Bool { !virtualRouters.contains { $0 >= 0 } }

    /// The only virtual router there is, or one of several.
    var anyVirtualRouter: Int? { virtualRouters.first { $0 >= 0 }.map { Int($0) } }

    /// The virtual router with a VRID, and where several have it the one that `isWanted`.
    func virtualRouter(_ vrid: UInt8, where isWanted: (Int) -> Bool) -> Int? {
        if !further.isEmpty,
            let other = further.first(where: { $0.vrid == vrid && isWanted(Int($0.index)) })
        {
            return Int(other.index)
        }
        let index = virtualRouters[Int(vrid)]
        return index >= 0 ? Int(index) : nil
    }

    func add(_ index: Int, _ vrid: UInt8) {
        let index = Int32(truncatingIfNeeded: index)
        let first = virtualRouters[Int(vrid)]
        isFitted = false
        if first < 0 {
            virtualRouters[Int(vrid)] = index
        } else if first != index, !further.contains(where: { $0.index == index }) {
            further.append((vrid, index))
        }
    }

    func remove(_ index: Int, _ vrid: UInt8) {
        let index = Int32(truncatingIfNeeded: index)
        further.removeAll { $0.index == index }
        isFitted = false
        guard virtualRouters[Int(vrid)] == index else { return }
        let next = further.firstIndex { $0.vrid == vrid }
        virtualRouters[Int(vrid)] = next.map { further.remove(at: $0).index } ?? -1
    }
}

struct LaneKey: Hashable {
    var interfaceIndex: Int32
    var family: Family
    /// Nil: unicast.
    var group: IPAddress?
    /// Hears AH only.
    var isAuthenticated: Bool
}

extension Engine {
    /// Packets read from one socket in one turn at most: a flood must not delay our own
    /// advertisements.
    private static let budget = 64

    func receive(lane position: Int) {
        guard lanes.indices.contains(position), let lane = lanes[position] else { return }
        var readUpTo = Instant(nanoseconds: 0)
        var count = 0
        let outcome = lane.socket.receive(budget: Engine.budget, into: buffer) {
            packet, header, payload in
            readUpTo = packet.arrival
            count += 1
            received(packet, header, payload, lane)
        }
        moderation.read(count, emptied: outcome.emptied)
        if outcome.lossy { lane.hasLost = true }
        if !outcome.emptied {
            hearing = hearing.and(readUpTo: readUpTo)
        }
    }

    private func received(
        _ packet: IncomingPacket, _ ip: Span<UInt8>, _ payload: Span<UInt8>, _ lane: Lane
    ) {
        if lane.survey != nil { noteVRID(of: payload, lane) }
        guard let index = virtualRouter(of: payload, from: packet.source, lane) else {
            return unknownVRID(packet, payload, lane)
        }
        // Without an interface of its own it hears everything: only what is for it matters.
        if ports[index].hasNoInterface, packet.destination != router.virtualRouters[index].source {
            return
        }
        let header = ReceivedPacket(
            source: packet.source, destination: packet.destination, hopLimit: packet.hopLimit)
        do throws(Discard) {
            let advertisement = try Advertisement.decode(
                header, payload, header: ip, expecting: ports[index].expectation, digest: digest,
                trusting: knownMaster(index))
            try admit(advertisement, header, index)
            guard !advertisement.isIgnored else { throw .ownerIgnores }
            heard(index, from: packet)
            handle(
                .advertisement(virtualRouter: index, advertisement, received: packet.arrival),
                at: packet.readAt)
            publishWait(index)
        } catch {
            discarded(error, packet, index)
        }
    }

    /// skip_check_adv_addr: whose list was compared already.
    private func knownMaster(_ index: Int) -> IPAddress? {
        guard ports[index].parameters.skipsKnownList else { return nil }
        return router.virtualRouters[index].master?.address
    }

    /// What was authenticated must be new; what is remembered of it outlives a crash.
    private func admit(
        _ advertisement: Advertisement, _ packet: ReceivedPacket, _ index: Int
    ) throws(Discard) {
        if advertisement.proof != .none {
            try ports[index].freshness.admit(
                advertisement.proof, from: packet.source,
                window: ports[index].parameters.trailer?.window, at: Clock.realTime())
            slots.publish(index, number: ports[index].freshness.last)
        }
        ports[index].hears(advertisement, packet)
    }

    /// A packet too short to name its VRID counts against the only one it can be meant for.
    private func virtualRouter(
        of payload: Span<UInt8>, from source: IPAddress, _ lane: Lane
    ) -> Int? {
        guard let vrid = peekVRID(payload, isAuthenticated: lane.key.isAuthenticated) else {
            return lane.anyVirtualRouter
        }
        return lane.virtualRouter(vrid) { ports[$0].parameters.destinations.contains(source) }
    }
}

extension Hearing {
    /// With another socket that was not read to its end.
    fileprivate func and(readUpTo time: Instant) -> Hearing {
        switch self {
        case .current: .behind(readUpTo: time)
        case .behind(let other): .behind(readUpTo: min(other, time))
        }
    }
}

// Opening and closing sockets as interfaces come and go.
extension Engine {
    /// The socket for a virtual router; opened if need be.
    func openLane(for index: Int) -> Int? {
        openLane(for: index, on: ports[index].interfaceIndex, ports[index].interfaceName)
    }

    func openLane(for index: Int, on interface: Int32, _ name: ByteString) -> Int? {
        let key = laneKey(of: index, on: interface)
        if let position = lanes.firstIndex(where: { $0?.key == key }) {
            lanes[position]?.add(index, ports[index].parameters.vrid)
            return position
        }
        do throws(SystemError) {
            return try open(key, index, name)
        } catch {
            log.write(
                .error, about: ports[index].parameters.name,
                "cannot open a socket on \(name): \(error)")
            return nil
        }
    }

    func laneKey(of index: Int) -> LaneKey {
        laneKey(of: index, on: ports[index].interfaceIndex)
    }

    private func laneKey(of index: Int, on interface: Int32) -> LaneKey {
        let parameters = ports[index].parameters
        var key = LaneKey(
            interfaceIndex: interface, family: parameters.family, group: nil,
            isAuthenticated: parameters.authentication.type == 2)
        if case .multicast(let group) = parameters.transport { key.group = group }
        return key
    }

    private func open(
        _ key: LaneKey, _ index: Int, _ name: ByteString
    ) throws(SystemError) -> Int {
        let socket = try VRRPSocket(
            family: key.family, interfaceIndex: key.interfaceIndex,
            interfaceName: name, group: key.group,
            isAuthenticated: key.isAuthenticated, receiveBuffer: receiveBuffer(for: key))
        let position = lanes.firstIndex { $0 == nil } ?? lanes.count
        let token = Token.lane &+ UInt64(truncatingIfNeeded: position)
        try poller.add(socket.descriptor, token: token)
        let lane = Lane(key, socket)
        lane.add(index, ports[index].parameters.vrid)
        if position == lanes.count { lanes.append(lane) } else { lanes[position] = lane }
        return position
    }

    /// A virtual router no longer uses its socket; the last one closes it.
    func leaveLane(_ index: Int) {
        guard let position = ports[index].lane else { return }
        ports[index].lane = nil
        leave(position, index)
    }

    func leave(_ position: Int, _ index: Int) {
        guard lanes.indices.contains(position) else { return }
        lanes[position]?.remove(index, ports[index].parameters.vrid)
        if lanes[position]?.isUnused == true { close(position) }
    }

    private func close(_ position: Int) {
        if let lane = lanes[position] { poller.remove(lane.socket.descriptor) }
        lanes[position] = nil
    }

    /// After a reload: sockets that no virtual router uses any more.
    func closeUnusedLanes() {
        for position in lanes.indices where lanes[position]?.isUnused == true { close(position) }
    }

    /// Filter and receive buffer of those sockets whose virtual routers changed: hundreds may share
    /// one, and the kernel compiles each filter.
    func fitLanes() {
        for position in lanes.indices {
            guard let lane = lanes[position], !lane.isFitted else { continue }
            lane.isFitted = true
            lane.socket.setReceiveBuffer(receiveBuffer(for: lane.key))
            updateFilter(position)
        }
    }

    func updateFilter(_ position: Int) {
        guard let lane = lanes[position] else { return }
        if lane.survey != nil || configuration.globals.logsUnknownVRIDs {
            return lane.socket.attachFilter(.all)
        }
        lane.socket.attachFilter(lane.vrids)
    }
}
