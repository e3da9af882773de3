import Config
import Linux
import Net
import VRRP

extension Engine {
    /// Bytes that the kernel keeps for a socket while we are busy: what the configuration says, or
    /// room for sixteen packets of every instance that shares it.
    func receiveBuffer(for key: LaneKey) -> Int32 {
        var count = 0
        var wanted = 0
        var explicit = 0
        for index in ports.indices
        where ports[index].interfaceIndex == key.interfaceIndex && laneKey(of: index) == key {
            count += 1
            wanted += configuredBuffer(of: index)
            explicit = max(explicit, configuration.instances[index].receiveBuffer ?? 0)
        }
        if explicit > 0 { return Int32(clamping: explicit) }
        if wanted > 0 { return Int32(clamping: wanted) }
        return Int32(clamping: max(1 << 20, count * 16 << 10))
    }

    /// vrrp_rx_bufs_policy for one instance; 0: none.
    private func configuredBuffer(of index: Int) -> Int {
        let buffers = configuration.globals.receiveBuffers
        let size: Int
        switch buffers.policy {
        case nil: return 0
        case .mtu:
            size = Int(interfaces.link(index: ports[index].interfaceIndex)?.mtu ?? 1500)
        case .advertisement: size = ports[index].parameters.packetSize
        case .bytes(let bytes): size = bytes
        }
        return min(size, 1 << 24) * buffers.multiplier
    }
}

extension VirtualRouterParameters {
    /// Bytes of an advertisement with its IP header.
    fileprivate var packetSize: Int {
        let header = family == .ipv4 ? 20 : 40
        return header + 8 + addresses.count * family.addressSize + (version == .v2 ? 8 : 0)
    }
}
