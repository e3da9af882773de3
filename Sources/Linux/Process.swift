import CLinux
package import Net

/// How a child ended.
package enum ExitStatus: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)

    init(raw: Int32) { self = raw >= 256 ? .signalled(raw - 256) : .exited(raw) }

    package var isSuccess: Bool { self == .exited(0) }

    package var text: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signalled(let signal): "signal \(signal)"
        }
    }
}

/// Signals by their numbers on Linux.
package enum Signal {
    package static let hangup: Int32 = 1
    package static let interrupt: Int32 = 2
    package static let user1: Int32 = 10
    package static let user2: Int32 = 12
    package static let kill: Int32 = 9
    package static let pipe: Int32 = 13
    package static let terminate: Int32 = 15
    package static let child: Int32 = 17
    /// keepalived's SIGRTMIN+2.
    package static let json: Int32 = 36
    /// keepalived's SIGRTMAX-1.
    package static let clearStatistics: Int32 = 63
}

package enum Process {
    package static var identifier: Int32 { clinux_pid() }
    package static var parent: Int32 { clinux_parent_pid() }
    package static var isRoot: Bool { clinux_user() == 0 }
    /// CAP_NET_ADMIN and CAP_NET_RAW are there.
    package static var mayNetwork: Bool { clinux_may_network() != 0 }

    /// 0 in the child, which shares nothing with its parent but what both hold open.
    package static func fork() throws(SystemError) -> Int32 { try check(clinux_fork(), "fork") }

    package static func exit(_ status: Int32) -> Never { clinux_exit(status) }

    /// A descriptor that becomes readable when the process ends.
    package static func openPidfd(_ pid: Int32) throws(SystemError) -> Descriptor {
        Descriptor(owning: try check(clinux_pidfd_open(pid), "pidfd_open"))
    }

    /// Ends and buries a child, and the group that it may lead.
    package static func discard(_ pid: Int32) {
        send(Signal.kill, toGroup: pid)
        send(Signal.kill, to: pid)
        _ = wait(pid)
    }

    /// `openPidfd` of a child of ours. One that nobody can watch would never be buried: it is
    /// discarded.
    package static func watch(_ pid: Int32) throws(SystemError) -> Descriptor {
        do throws(SystemError) {
            return try openPidfd(pid)
        } catch {
            discard(pid)
            throw error
        }
    }

    /// Nil while the child runs.
    package static func reap(_ pid: Int32) -> ExitStatus? {
        var status: Int32 = 0
        let result = unsafe clinux_reap(pid, &status)
        if result == 0 { return nil }
        return result < 0 ? .exited(127) : ExitStatus(raw: status)
    }

    /// Waits for the child's end.
    package static func wait(_ pid: Int32) -> ExitStatus {
        var status: Int32 = 0
        let result = unsafe clinux_wait(pid, &status)
        return result < 0 ? .exited(127) : ExitStatus(raw: status)
    }

    package static func send(_ signal: Int32, to pid: Int32) {
        if pid > 0 { _ = clinux_kill(pid, signal) }
    }

    package static func send(_ signal: Int32, toGroup group: Int32) {
        if group > 1 { _ = clinux_kill(0 &- group, signal) }
    }

    /// The process group of a process; 0: there is none.
    package static func group(of pid: Int32) -> Int32 { max(clinux_group(pid), 0) }

    package static func daemonize() throws(SystemError) {
        try check(clinux_daemonize(), "detaching from the terminal")
    }

    /// At most 15 bytes, as ps and top show it.
    package static func setName(_ name: ByteString) {
        unsafe name.withCText { unsafe clinux_set_name($0) }
    }

    /// Closes every descriptor from 3 on but one.
    package static func closeDescriptors(but kept: Int32) { clinux_close_from(3, kept) }

    /// - Parameter other: negative: none.
    package static func closeDescriptors(but kept: Int32, and other: Int32) {
        guard other >= 3, other != kept else { return closeDescriptors(but: kept) }
        clinux_close_between(3, min(kept, other) - 1)
        clinux_close_between(min(kept, other) + 1, max(kept, other) - 1)
        clinux_close_from(max(kept, other) + 1, -1)
    }

    package static func setUmask(_ mask: UInt32) { clinux_umask(Int32(mask & 0o777)) }

    /// As many descriptors as the hard limit permits: each virtual MAC that is up has a socket, each
    /// command that runs has a pidfd. Commands get the limit that this process was started with.
    package static func raiseDescriptorLimit() { _ = clinux_raise_descriptor_limit() }
    /// The machine's name, which needs no /proc/sys; empty where it has none.
    package static var hostName: ByteString {
        var name = [CChar](repeating: 0, count: 256)
        let length = unsafe name.withUnsafeMutableBufferPointer {
            unsafe clinux_host_name($0.baseAddress, UInt($0.count))
        }
        return ByteString(name.prefix(max(0, Int(length))).map { UInt8(bitPattern: $0) })
    }

    package static func allowCoreDumps() { _ = clinux_allow_core_dumps() }

    /// Moves to a namespace of `ip netns`.
    package static func enterNamespace(_ name: ByteString) throws(SystemError) {
        let path = ByteString([UInt8]("/run/netns/".utf8) + name.bytes)
        let result = unsafe path.withCText { unsafe clinux_set_namespace($0) }
        try check(result, "entering the network namespace")
    }
}
