import Linux
import Net

/// igmp_link_local_mcast_reports: the whole network namespace's, and only root may write it.
enum LocalIGMP {
    private static let path: ByteString = "/proc/sys/net/ipv4/igmp_link_local_mcast_reports"

    static func read() throws(SystemError) -> UInt32 {
        let text = try Files.read(path)
        let digits = text.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let value = UInt32(ByteString(digits).description) else {
            throw SystemError("reading igmp_link_local_mcast_reports", code: 0)
        }
        return value
    }

    static func write(_ value: UInt32) throws(SystemError) {
        try Files.write(path, [UInt8]("\(value)\n".utf8), mode: 0o644)
    }

    /// Whoever wrote something else meanwhile had a reason.
    static func restore(_ before: UInt32) throws(SystemError) {
        if try read() == 0 { try write(before) }
    }
}

// disable_local_igmp: no IGMP reports for 224.0.0.0/24, which switches have to pass everywhere
// anyway (RFC 4541).
extension Keeper {
    func settleLocalIGMP() {
        if !bundle.table.disablesLocalIGMP { return restoreLocalIGMP() }
        do throws(SystemError) {
            let before = try LocalIGMP.read()
            // Perhaps ours, of a killed keeper: what was there before that, the state file told.
            guard before != 0 else { return }
            localIGMP = before
            record()
            try LocalIGMP.write(0)
        } catch {
            localIGMP = nil
            log.write(.warning, "disable_local_igmp has no effect: \(error)")
        }
    }

    /// At the end, and when a reload no longer asks for it.
    func restoreLocalIGMP() {
        guard let before = localIGMP else { return }
        do throws(SystemError) {
            try LocalIGMP.restore(before)
            localIGMP = nil
            record()
        } catch {
            localIGMP = nil
            log.write(.warning, "cannot put igmp_link_local_mcast_reports back: \(error)")
        }
    }
}
