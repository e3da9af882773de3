@testable import Advice

/// A good node of a pair: unicast, a check without a weight.
func web(_ number: Int, priority: Int) -> String {
    script()
        + instance(
            priority: priority, "unicast_src_ip 192.0.2.\(number)",
            "unicast_peer {\n        192.0.2.\(3 - number)\n    }", tracked)
}

private func pass(_ password: String) -> String {
    "authentication {\n        auth_type PASS\n        auth_pass \(password)\n    }"
}

private func peer(_ address: String) -> String { "unicast_peer {\n        \(address)\n    }" }

private func two(_ first: Int, _ second: Int) -> String {
    instance(priority: first)
        + instance(named: "VI_2", vrid: 52, priority: second, addresses: ["198.51.100.1/24"])
}

private let better = instance(priority: 150)
private let worse = instance()

let between = [
    Showing(
        lint: .vridDiffers, bad: [better, instance(vrid: 52)],
        says: "web1:3 web2:3 VI_1: VRID 51 on web1, 52 on web2, for the same addresses: both would "
            + "be master",
        good: [better, worse]),
    Showing(
        lint: .vridClash, bad: [better, instance(addresses: ["192.0.2.200/24"])],
        says: "web1:5 web2:5 VI_1: VRID 51 means other addresses on web1 than on web2: two virtual "
            + "routers with one VRID",
        good: [better, instance(vrid: 52, addresses: ["192.0.2.200/24"])]),
    Showing(
        lint: .versionDiffers, bad: [instance(priority: 150, "version 3"), worse],
        says: "web1:5 web2:1 VI_1: web1 speaks VRRP version 3, web2 version 2: neither hears the "
            + "other, both are master",
        good: [instance(priority: 150, "version 3"), instance("version 3")]),
    Showing(
        lint: .intervalDiffers, bad: [better, instance("advert_int 2")],
        says: "web1:1 web2:5 VI_1: advert_int 1 on web1, 2 on web2: neither hears the other, both "
            + "are master",
        good: [instance(priority: 150, "advert_int 1"), worse]),
    Showing(
        lint: .intervalDiffers,
        bad: [
            instance(priority: 150, "version 3", "advert_int 0.5"),
            instance("version 3", "advert_int 1"),
        ],
        says: "web1:6 web2:6 VI_1: advert_int 0.5 on web1, 1 on web2: how long a takeover takes "
            + "depends on who was master",
        good: [instance(priority: 150, "version 3"), instance("version 3", "advert_int 1.0")]),
    Showing(
        lint: .authenticationDiffers, bad: [instance(priority: 150, pass("one")), worse],
        says: "web1:6 web2:1 VI_1: authentication PASS on web1, none on web2: neither hears the "
            + "other, both are master",
        good: [better, worse]),
    Showing(
        lint: .authenticationDiffers,
        bad: [instance(priority: 150, pass("one")), instance(pass("two"))],
        says: "web1:7 web2:7 VI_1: the passwords of web1 and web2 differ in their first 8 bytes: "
            + "neither hears the other, both are master",
        good: [instance(priority: 150, pass("12345678a")), instance(pass("12345678b"))]),
    Showing(
        lint: .transportDiffers, bad: [instance(priority: 150, peer("192.0.2.2")), worse],
        says: "web1:5 web2:1 VI_1: web1 has unicast_peer, web2 sends multicast: both are master",
        good: [web(1, priority: 150), web(2, priority: 100)]),
    Showing(
        lint: .transportDiffers, bad: [instance(priority: 150, "mcast_dst_ip 224.0.0.19"), worse],
        says: "web1:5 web2:1 VI_1: web1 sends to 224.0.0.19, web2 to 224.0.0.18: neither hears the "
            + "other, both are master",
        good: [better, instance("mcast_dst_ip 224.0.0.18")]),
    Showing(
        lint: .peerMissing,
        bad: [
            instance(priority: 150, "unicast_src_ip 192.0.2.1", peer("192.0.2.3")),
            instance("unicast_src_ip 192.0.2.2", peer("192.0.2.1")),
        ],
        says: "web1:6 web2:5 VI_1: web1 does not name 192.0.2.2 (web2) in unicast_peer: web2 hears "
            + "nothing from it",
        good: [web(1, priority: 150), web(2, priority: 100)]),
    Showing(
        lint: .strayPeer,
        bad: [
            instance(priority: 150, "unicast_src_ip 192.0.2.1", peer("192.0.2.3")),
            instance("unicast_src_ip 192.0.2.2", peer("192.0.2.1")),
        ],
        says: "web1:7 VI_1: the peer 192.0.2.3 of web1 is none of these nodes",
        good: [web(1, priority: 150), web(2, priority: 100)]),
    Showing(
        lint: .sameSource,
        bad: [
            instance(priority: 150, "mcast_src_ip 192.0.2.1"), instance("mcast_src_ip 192.0.2.1"),
        ],
        says: "web1:5 web2:5 VI_1: 192.0.2.1 is the source of web1 and of web2",
        good: [
            instance(priority: 150, "mcast_src_ip 192.0.2.1"), instance("mcast_src_ip 192.0.2.2"),
        ]),
    Showing(
        lint: .twoOwners, bad: [instance(priority: 255), instance(priority: 255)],
        says: "web1:4 web2:4 VI_1: priority 255 on web1 and on web2: two owners of the addresses, "
            + "both are master",
        good: [instance(priority: 255), instance(priority: 254)]),
    Showing(
        lint: .loneInstance, bad: [two(150, 150), worse],
        says: "web1:9 web1: no other node has VI_2 (VRID 52): nobody takes over from it",
        good: [
            two(150, 150), worse, instance(named: "VI_2", vrid: 52, addresses: ["198.51.100.1/24"]),
        ]),
    Showing(
        lint: .addressesDiffer,
        bad: [instance(priority: 150, addresses: ["192.0.2.100/24", "192.0.2.101/24"]), worse],
        says: "web1:7 web2:5 VI_1: 192.0.2.101 is in virtual_ipaddress of web1, not of web2: it is "
            + "gone while web2 is master",
        good: [better, worse]),
    Showing(
        lint: .prefixDiffers, bad: [better, instance(addresses: ["192.0.2.100/32"])],
        says: "web1:6 web2:6 VI_1: 192.0.2.100/24 on web1, 192.0.2.100/32 on web2",
        good: [better, worse]),
    Showing(
        lint: .addressOrder,
        bad: [
            instance(priority: 150, addresses: ["192.0.2.100/24", "192.0.2.101/24"]),
            instance(addresses: ["192.0.2.101/24", "192.0.2.100/24"]),
        ],
        says: "web1:5 web2:5 VI_1: the same addresses in another order",
        good: [better, worse]),
    Showing(
        lint: .tiedPriorities, bad: [worse, worse],
        says:
            "web1:4 web2:4 VI_1: priority 100 on web1 and on web2: the higher address decides who "
            + "is master, and only after both were",
        good: [instance("nopreempt"), instance("nopreempt")]),
    Showing(
        lint: .nopreemptUndone,
        bad: [instance(priority: 150, "state MASTER"), instance("state BACKUP", "nopreempt")],
        says: "web1:5 web2:6 VI_1: nopreempt is undone by web1, which has state MASTER: when it "
            + "comes back it takes over from web2",
        good: [
            instance(priority: 150, "state BACKUP", "nopreempt"),
            instance("state BACKUP", "nopreempt"),
        ]),
    Showing(
        lint: .nopreemptUndone, bad: [better, instance("nopreempt")],
        says: "web1:4 web2:5 VI_1: nopreempt is undone by web1, which has priority 150 and no "
            + "nopreempt: when it comes back it takes over from web2",
        good: [instance(priority: 150, "nopreempt"), worse]),
    Showing(
        lint: .twoMasters,
        bad: [instance(priority: 150, "state MASTER"), instance("state MASTER")],
        says: "web1:5 web2:5 VI_1: state MASTER on web1 and on web2: the priority alone decides, "
            + "and neither can have nopreempt",
        good: [instance(priority: 150, "state MASTER"), instance("state BACKUP")]),
    Showing(
        lint: .lowerMaster, bad: [better, instance("state MASTER")],
        says: "web2:5 web1:4 VI_1: web2 has state MASTER and priority 100, below 150 of web1: the "
            + "priority decides",
        good: [instance(priority: 150, "state MASTER"), worse]),
    Showing(
        lint: .groupsDiffer, bad: [two(150, 150) + group(), two(100, 100)],
        says:
            "web1:17 web2:1 G joins VI_1 and its other members on web1, not on web2: they may end "
            + "up on two nodes",
        good: [two(150, 150) + group(), two(100, 100) + group()]),
    Showing(
        lint: .tornGroup, bad: [two(150, 100) + group(), two(100, 150) + group()],
        says:
            "web1:12 web2:12 G: web1 has the higher priority for VI_1, web2 for VI_2: a group is on "
            + "one node, and neither takes over from the other",
        good: [two(150, 100), two(100, 150)]),
    Showing(
        lint: .noFailover,
        bad: [
            script("weight -2") + instance(priority: 103, tracked),
            script("weight -2") + instance(tracked),
        ],
        says: "web1:13 web2:11 script chk fails on web1: 103 - 2 = 101 > 100: NO failover of VI_1",
        good: [
            script("weight -4") + instance(priority: 103, tracked),
            script("weight -4") + instance(tracked),
        ]),
    Showing(
        lint: .noTakeover,
        bad: [
            better,
            script() + instance("track_script {\n        chk weight 0 reverse\n    }"),
        ],
        says: "web1:1 web1 dies: nobody, or more than one, is master of VI_1",
        good: [better, worse]),
]
