import CLinux
package import Net

/// How the engine confines itself: CAP_NET_ADMIN and CAP_NET_RAW, no new privileges, no new
/// processes. In this order, since each step needs what the next one takes away.
package enum Privileges {
    /// - Parameter account: nil keeps user 0; the capabilities go all the same.
    package static func drop(
        to account: Account?, parent: Int32
    ) throws(SystemError) {
        var step: Int32 = 0
        let result = unsafe clinux_drop_privileges(account?.user ?? 0, account?.group ?? 0, &step)
        try check(result, name(step))
        try check(clinux_forbid_processes(), "seccomp")
        // A change of user clears it, so it comes last; the parent may be gone by now.
        try check(clinux_die_with_parent(parent), "PR_SET_PDEATHSIG")
    }

    private static func name(_ step: Int32) -> StaticString {
        switch step {
        case 1: "setgroups"
        case 2: "PR_SET_KEEPCAPS"
        case 3: "PR_CAPBSET_DROP"
        case 4: "setresgid"
        case 5: "setresuid"
        case 6: "capset"
        default: "PR_SET_NO_NEW_PRIVS"
        }
    }
}

/// A user with its own group.
package struct Account: Hashable, Sendable {
    package var user: UInt32
    package var group: UInt32

    package init(user: UInt32, group: UInt32) {
        self.user = user
        self.group = group
    }
}

/// /etc/passwd and /etc/group, read by hand: the C library's look-ups need shared libraries and
/// may wait for a directory server.
package enum Accounts {
    /// As the kernel will decide when it runs, access lists and directories on the way included.
    package static func mayExecute(_ path: ByteString, _ account: Account) -> Bool {
        unsafe path.withCText { unsafe clinux_may_execute($0, account.user, account.group) } == 0
    }

    package static func account(_ name: ByteString) -> Account? {
        for fields in entries("/etc/passwd") where fields.count >= 4 && fields[0] == name {
            guard let user = number(fields[2]), let group = number(fields[3]) else { continue }
            return Account(user: user, group: group)
        }
        return nil
    }

    package static func group(_ name: ByteString) -> UInt32? {
        for fields in entries("/etc/group") where fields.count >= 3 && fields[0] == name {
            return number(fields[2])
        }
        return nil
    }

    private static func entries(_ path: ByteString) -> [[ByteString]] {
        do throws(SystemError) {
            let text = try Files.read(path)
            var entries: [[ByteString]] = []
            for line in text.split(separator: UInt8(ascii: "\n")) {
                let fields = line.split(
                    separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
                entries.append(fields.map { ByteString($0) })
            }
            return entries
        } catch {
            return []
        }
    }

    private static func number(_ text: ByteString) -> UInt32? { UInt32(text.description) }
}
