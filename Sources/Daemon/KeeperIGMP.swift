import Linux
import Net

// disable_local_igmp: no IGMP reports for 224.0.0.0/24, which switches have to pass everywhere
// anyway (RFC 4541). It is the whole network namespace's, and only root may write it.
extension Keeper {
    private static let setting: ByteString = "/proc/sys/net/ipv4/igmp_link_local_mcast_reports"

    func settleLocalIGMP() {
        if !bundle.table.disablesLocalIGMP { return restoreLocalIGMP() }
        guard localIGMP == nil else { return }
        do throws(SystemError) {
            let before = try Files.read(Keeper.setting)
            guard before.first != UInt8(ascii: "0") else { return }
            try Files.write(Keeper.setting, [UInt8(ascii: "0")], mode: 0o644)
            localIGMP = before
        } catch {
            log.write(.warning, "disable_local_igmp has no effect: \(error)")
        }
    }

    /// At the end, and when a reload no longer asks for it.
    func restoreLocalIGMP() {
        guard let before = localIGMP else { return }
        localIGMP = nil
        do throws(SystemError) {
            try Files.write(Keeper.setting, before, mode: 0o644)
        } catch {
            log.write(.warning, "cannot put igmp_link_local_mcast_reports back: \(error)")
        }
    }
}
