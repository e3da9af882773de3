import Glibc
import Linux
import Net
import Testing

private let settings = FirewallSettings(table: "keepalived", priority: -1, counts: false)

private func entry(_ text: String, on interface: Int32 = 1) -> FirewallEntry {
    FirewallEntry(address: IPAddress(text)!, interface: interface)
}

/// What nft(8) says, to the letter.
private func nft(_ arguments: String) -> String {
    guard let pipe = popen("nft " + arguments + " 2>&1", "r") else { return "" }
    defer { pclose(pipe) }
    var text = ""
    var buffer = [CChar](repeating: 0, count: 4096)
    while fgets(&buffer, 4096, pipe) != nil {
        text += String(
            decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    return text
}

@Suite(.enabled(if: mayUnshare), .serialized)
struct FirewallTests {
    @Test func theTableIsWhatNftReads() throws {
        try inNamespace {
            let firewall = try Firewall(settings, process: 7)
            #expect(firewall.table == "keepalived")
            try firewall.add([
                entry("192.0.2.100"), entry("2001:db8::100"), entry("fe80::100"),
            ])
            #expect(
                nft("list table inet keepalived | grep -v progname") == """
                    \tflags owner

                    \tset vips {
                    \t\ttype ipv4_addr
                    \t\telements = { 192.0.2.100 }
                    \t}

                    \tset vips6 {
                    \t\ttype ipv6_addr
                    \t\telements = { 2001:db8::100 }
                    \t}

                    \tset vips_link_local {
                    \t\ttype ipv6_addr . iface_index
                    \t\telements = { fe80::100 . "lo" }
                    \t}

                    \tchain martlet-in {
                    \t\ttype filter hook input priority filter - 1; policy accept;
                    \t\ticmpv6 type 135-136 accept
                    \t\tip daddr @vips drop
                    \t\tip6 daddr @vips6 drop
                    \t\tip6 daddr . iif @vips_link_local drop
                    \t}
                    }

                    """)
        }
    }

    @Test func addressesComeAndGo() throws {
        try inNamespace {
            let firewall = try Firewall(settings, process: 7)
            let all = (1...200).map { entry("10.0.0.\($0)") } + [entry("fe80::1"), entry("::2")]
            try firewall.add(all)
            try firewall.add([entry("10.0.0.1")])  // Once more does no harm.
            #expect(nft("list set inet keepalived vips").contains("10.0.0.200"))
            try firewall.remove(Array(all.dropFirst()))
            let left = nft("list table inet keepalived")
            #expect(left.contains("elements = { 10.0.0.1 }"))
            #expect(!left.contains("fe80::1"))
            #expect(throws: SystemError.self) { try firewall.remove([entry("10.0.0.99")]) }
        }
    }

    @Test func priorityAndCountersAreAsAsked() throws {
        try inNamespace {
            let firewall = try Firewall(
                FirewallSettings(table: "vips", priority: 25, counts: true), process: 7)
            let text = nft("list table inet vips")
            #expect(text.contains("priority filter + 25;") || text.contains("priority 25;"))
            #expect(text.contains("ip daddr @vips counter packets 0 bytes 0 drop"))
            withExtendedLifetime(firewall) {}
        }
    }

    @Test func nobodyElseFlushesIt() throws {
        try inNamespace {
            let firewall = try Firewall(settings, process: 7)
            _ = nft("flush ruleset")
            #expect(nft("list tables") == "table inet keepalived\n")
            withExtendedLifetime(firewall) {}
        }
    }

    @Test func itGoesWithItsOwner() throws {
        try inNamespace {
            do {
                let firewall = try Firewall(settings, process: 7)
                withExtendedLifetime(firewall) {}
            }
            #expect(nft("list tables") == "")
        }
    }

    /// Whoever holds the socket keeps the table; a successor swaps what is in it at one stroke.
    @Test func aHeldSocketKeepsItForASuccessor() throws {
        try inNamespace {
            var held: Descriptor?
            do {
                let firewall = try Firewall(settings, process: 7)
                try firewall.add([entry("192.0.2.100"), entry("192.0.2.101")])
                // Not for the children of other tests.
                held = Descriptor(owning: fcntl(firewall.descriptor, F_DUPFD_CLOEXEC, 3))
            }
            #expect(nft("list set inet keepalived vips").contains("192.0.2.100, 192.0.2.101"))
            do {
                let next = try Firewall(
                    settings, "keepalived", adopting: held!,
                    entries: [entry("192.0.2.101"), entry("fe80::100")])
                #expect(nft("list set inet keepalived vips").contains("{ 192.0.2.101 }"))
                #expect(nft("list table inet keepalived").contains("fe80::100 . \"lo\""))
                try next.add([entry("192.0.2.102")])
                try next.remove([entry("192.0.2.101")])
                #expect(nft("list set inet keepalived vips").contains("{ 192.0.2.102 }"))
            }
            #expect(nft("list tables") == "table inet keepalived\n")
            held = nil
            #expect(nft("list tables") == "")
        }
    }

    @Test func aStrangeTableOfThatNameStays() throws {
        try inNamespace {
            #expect(nft("add table inet keepalived") == "")
            let firewall = try Firewall(settings, process: 7)
            #expect(firewall.table == "keepalived-7")
            let second = try Firewall(settings, process: 8)
            #expect(second.table == "keepalived-8")
            Firewall.removeLeftover(table: "keepalived")
            #expect(
                nft("list tables")
                    == "table inet keepalived\ntable inet keepalived-7\ntable inet keepalived-8\n"
            )
            withExtendedLifetime((firewall, second)) {}
        }
    }

    /// Before Linux 5.12 a table outlives a crash.
    @Test func whatHasNoOwnerIsFoundAgain() throws {
        try inNamespace {
            do {
                let firewall = try Firewall(settings, process: 7, mayOwn: false)
                try firewall.add([entry("192.0.2.100")])
            }
            #expect(nft("list tables") == "table inet keepalived\n")
            let second = try Firewall(settings, process: 8, mayOwn: false)
            #expect(second.table == "keepalived")
            #expect(!nft("list table inet keepalived").contains("192.0.2.100"))
            second.removeTable()
            #expect(nft("list tables") == "")
            _ = try Firewall(settings, process: 9, mayOwn: false)
            Firewall.removeLeftover(table: "keepalived")
            #expect(nft("list tables") == "")
        }
    }
}
