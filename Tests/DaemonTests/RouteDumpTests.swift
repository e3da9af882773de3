import Config
import Control
import Net
import Testing

@testable import Daemon

/// Routes and rules in dumps: what a line of the configuration looks like in keepalived's files.
@Suite struct RouteDumpTests {
    private func instance(_ block: String, _ line: String) -> Instance? {
        let text = """
            vrrp_instance VI {
                interface eth0
                virtual_router_id 51
                virtual_ipaddress {
                    192.0.2.100/24
                }
                \(block) {
                    \(line)
                }
            }
            """
        return parse(
            SourceFile(path: "test.conf", text: [UInt8](text.utf8)), options: ParseOptions()
        ) { _, _ in [] }.configuration.instances.first
    }

    @Test(arguments: [
        (
            "198.51.100.0/24 via 192.0.2.9 dev d0",
            "prepend 198.51.100.0/24 via inet 192.0.2.9 dev d0 proto 18"
        ),
        (
            "198.51.106.0/24 via 192.0.2.9 dev d0 mtu lock 1300 metric 9 src 192.0.2.100 table 77",
            "prepend 198.51.106.0/24 src 192.0.2.100 via inet 192.0.2.9 dev d0 table 77 proto 18 metric 9 mtu lock 1300"
        ),
        ("198.51.100.5 dev d1", "prepend 198.51.100.5 dev d1 proto 18"),
        ("default via 192.0.2.9 dev d1", "prepend 0.0.0.0/0 via inet 192.0.2.9 dev d1 proto 18"),
        (
            "198.51.107.0/24 via 192.0.2.9 dev d0 no_track rtt 250ms",
            "prepend 198.51.107.0/24 via inet 192.0.2.9 dev d0 rtt 250ms no_track"
        ),
        ("blackhole 198.18.0.0/15", "add blackhole 198.18.0.0/15 proto 18 no_track"),
        (
            "203.0.113.0/24 nexthop via 192.0.2.9 weight 2 nexthop via 192.0.2.8 dev d0 weight 5",
            "prepend 203.0.113.0/24 proto 18 nexthop via inet 192.0.2.9 weight 2"
                + " nexthop via inet 192.0.2.8 dev d0 weight 5 no_track"
        ),
        (
            "198.51.100.0/24 nexthop via 192.0.2.9 dev d0 onlink",
            "prepend 198.51.100.0/24 proto 18 nexthop via inet 192.0.2.9 dev d0 onlink no_track"
        ),
        (
            "198.51.100.0/24 nexthop via 192.0.2.9 weight 1 nexthop dev d0",
            "prepend 198.51.100.0/24 proto 18 nexthop via inet 192.0.2.9 weight 1"
                + " nexthop dev d0 no_track"
        ),
        (
            "198.51.101.0/24 via 192.0.2.9 dev d0 encap mpls 100/200",
            "prepend 198.51.101.0/24 encap mpls 64000/c8100 via inet 192.0.2.9 dev d0 proto 18"
        ),
        (
            "198.51.110.0/24 via 192.0.2.9 dev d1 encap ip id 7 src 192.0.2.4 dst 192.0.2.5 tos 3 ttl 9 flags 4",
            "prepend 198.51.110.0/24 encap ip id 7 dst 192.0.2.5 src 192.0.2.4 tos 3 ttl 9 flags 0x4"
                + " via inet 192.0.2.9 dev d1 proto 18"
        ),
        (
            "198.51.104.0/24 via 192.0.2.9 dev d1 realms 7 rtt 1500ms rttvar lock 2500ms",
            "prepend 198.51.104.0/24 via inet 192.0.2.9 dev d1 proto 18 realm 7 rtt 1.5s rttvar lock 2.5s"
        ),
        (
            "198.51.101.0/24 dev d1 scope link tos 8 realms 5/6 mtu 1400 hoplimit 5 advmss 1000"
                + " rttvar 300ms rtt 2s reordering 4 window 1000 cwnd lock 5 ssthresh 6 initcwnd 7"
                + " initrwnd 8 rto_min 300ms quickack 1 congctl cubic features ecn ttl-propagate enabled"
                + " fastopen_no_cookie 1",
            "prepend 198.51.101.0/24 tos 8 dev d1 proto 18 scope 253 realms 5/6 congctl cubic rtt 2s"
                + " rttvar 300ms rto_min 300ms features ecn mtu 1400 window 1000 ssthresh 6 cwnd lock 5"
                + " advmss 1000 reordering 4 hoplimit 5 initcwnd 7 initrwnd 8 quickack 1"
                + " fastopen_no_cookie 1 ttl-propagate enabled"
        ),
        (
            "2001:db8:9::/48 dev d0 metric 5 expires 30 pref high",
            "prepend 2001:db8:9::/48 dev d0 proto 18 metric 5 expires 30sec pref high"
        ),
        (
            "2001:db8:5::/48 encap ip6 id 7 dst 2001:db8::5 hoplimit 9 via fe80::1 dev d0",
            "prepend 2001:db8:5::/48 encap ip6 id 7 dst 2001:db8::5 hoplimit 9 via inet6 fe80::1 dev d0 proto 18"
        ),
        (
            "append 2001:db8:3::/48 via fe80::1 dev d0",
            "append 2001:db8:3::/48 via inet6 fe80::1 dev d0 proto 18"
        ),
        (
            "2001:db8:1::/48 encap ila 1:2:3:4 via fe80::1 dev d0",
            "prepend 2001:db8:1::/48 encap ila 288233674720149760 via inet6 fe80::1 dev d0 proto 18"
        ),
    ])
    func routes(_ line: String, _ text: String) throws {
        let route = try #require(instance("virtual_routes", line)?.routes.first)
        #expect(route.dumpText.description == text)
    }

    @Test(arguments: [
        (
            "from default to 192.0.2.0/24 table 5 priority 7",
            "from 0.0.0.0/0 to 192.0.2.0/24 priority 7 tos 0x0 protocol 18 lookup 5"
        ),
        (
            "to all table 5 priority 7",
            "from all to 0.0.0.0/0 priority 7 tos 0x0 protocol 18 lookup 5"
        ),
        ("from ::/0 table 5 priority 7", "from ::/0 priority 7 tos 0x0 protocol 18 lookup 5"),
        (
            "from 192.0.2.100 to 198.51.100.0/24 table 1234 priority 500 fwmark 3/7",
            "from 192.0.2.100 to 198.51.100.0/24 priority 500 tos 0x0 fwmark 0x3/0x7 protocol 18 lookup 1234"
        ),
        (
            "not from 198.51.100.7 to 203.0.113.0/24 lookup main preference 501",
            "not from 198.51.100.7 to 203.0.113.0/24 priority 501 tos 0x0 protocol 18 lookup 254"
        ),
        (
            "from 198.51.100.7 iif d0 blackhole preference 504",
            "from 198.51.100.7 priority 504 tos 0x0 iif d0 protocol 18 type blackhole"
        ),
        (
            "to 203.0.113.7 goto 600 preference 503 no_track",
            "from all to 203.0.113.7 priority 503 tos 0x0 goto 600 no_track"
        ),
        (
            "from 192.0.2.5 realms 5/6 lookup 7 preference 600",
            "from 192.0.2.5 priority 600 tos 0x0 protocol 18 realms 5/6 lookup 7"
        ),
        (
            "from 2001:db8::/32 oif d0 lookup 300 preference 505 suppress_prefixlength 8 tos 4",
            "from 2001:db8::/32 priority 505 tos 0x4 oif d0 suppress_prefixlen 8 protocol 18 lookup 300"
        ),
        (
            "from 2001:db8::/32 sport 5-5 suppress_ifgroup default tunnel-id 8 lookup 12 preference 506",
            "from 2001:db8::/32 priority 506 tos 0x0 suppress_ifgroup 0 tunnel-id 8 protocol 18 sport 5-5 lookup 12"
        ),
        (
            "from 2001:db8::/32 l3mdev preference 507",
            "from 2001:db8::/32 priority 507 tos 0x0 l3mdev protocol 18 lookup 0"
        ),
        (
            "from 2001:db8::7 fwmark 5 ipproto udp lookup 8 preference 509",
            "from 2001:db8::7 priority 509 tos 0x0 fwmark 0x5 protocol 18 ipproto 17 lookup 8"
        ),
    ])
    func rules(_ line: String, _ text: String) throws {
        let rule = try #require(instance("virtual_rules", line)?.rules.first)
        #expect(rule.dumpText.description == text)
    }
}
