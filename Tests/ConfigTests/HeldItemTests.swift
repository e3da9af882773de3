import Config
import Net
import Testing

/// What an instance holds: address lines, limits, and what they make it depend on.
struct HeldItemTests {
    private func read(_ text: String) -> ParseResult {
        parse(
            SourceFile(path: "test.conf", text: [UInt8](text.utf8)), options: ParseOptions()
        ) { _, _ in [] }
    }

    private func instance(_ addresses: [String], _ extra: String = "") -> String {
        """
        vrrp_instance VI {
            interface eth0
            virtual_router_id 51
            virtual_ipaddress {
                \(addresses.joined(separator: "\n"))
            }
            \(extra)
        }
        """
    }

    private func address(_ line: String) -> VirtualAddress? {
        read(instance([line])).configuration.instances.first?.addresses.first
    }

    @Test func everyOptionOfAnAddress() throws {
        let first = try #require(
            address("fd00::1/64 home mngtmpaddr noprefixroute autojoin -nodad preferred_lft 60"))
        #expect(first.flags == [.home, .managesTemporary, .noPrefixRoute, .autoJoin])
        #expect(first.detectsDuplicates)
        #expect(first.preferredLifetime == 60)
        let second = try #require(address("fd00::1/128 preferred_lft forever"))
        #expect(second.preferredLifetime == UInt32.max)
        let third = try #require(address("10.0.0.1/24 noprefixroute scope site no_track"))
        #expect(third.flags == .noPrefixRoute)
        #expect(third.scope == 200)
        #expect(!third.isTracked)
    }

    @Test(
        arguments: [
            ("10.0.0.1/24 home", "ipv6-only"), ("10.0.0.1/24 -nodad", "ipv6-only"),
            ("fe80::1/64 preferred_lft soon", "bad-number"),
            ("10.0.0.1/24 preferred_lft", "missing-value"),
            ("10.0.0.1/24 scope somewhere", "bad-scope"),
        ])
    func aMistakeCostsTheOption(line: String, code: String) {
        #expect(read(instance([line])).diagnostics.map { $0.code } == [code])
        #expect(address(line) != nil)
    }

    @Test func whatAnAdvertisementCannotHoldIsExcluded() throws {
        let many = (0..<257).map { "10.0.\($0 / 250).\($0 % 250)/24" }
        let result = read(instance(many, "virtual_ipaddress_excluded {\n10.1.0.1/24\n}"))
        let first = try #require(result.configuration.instances.first)
        #expect(first.addresses.count == 255)
        #expect(
            first.excludedAddresses.map { $0.prefix.description } == [
                "10.0.1.5/24", "10.0.1.6/24", "10.1.0.1/24",
            ])
        #expect(result.configuration.plan.virtualRouters.first?.addresses.count == 255)
        #expect(result.diagnostics.map { $0.code } == ["too-many-addresses"])
        // What the MTU allows is the daemon's matter: AddressRoomTests.
        let six = read(instance((1...91).map { "fd00::\($0)/64" }))
        #expect(six.configuration.instances.first?.addresses.count == 91)
    }

    @Test func interfacesOfWhatIsHeldAreTracked() {
        let text = instance(
            ["10.0.0.1/24 dev e1", "10.0.0.2/24 dev e2 no_track", "10.0.0.3/24 dev e3"],
            """
            virtual_routes {
                10.9.0.0/16 via 10.0.0.9 dev e4
            }
            track_interface {
                e3 weight 5
            }
            """)
        let configuration = read(text).configuration
        #expect(
            configuration.trackedObjects == [
                .interface("e3"), .device("e1"), .device("e4"),
            ])
        let tracking = configuration.plan.virtualRouters.first?.tracking ?? []
        #expect(tracking.map { $0.object } == [0, 1, 2])
        #expect(tracking.map { $0.weight.value } == [5, 0, 0])
    }

    @Test func staticItemsAndTheirGroup() throws {
        let result = read(
            """
            global_defs {
                default_interface e7
            }
            track_group core {
                group {
                    VI
                }
            }
            static_ipaddress {
                10.7.0.1/24 track_group core
            }
            static_routes {
                10.8.0.0/16 via 10.7.0.9 dev e7 track_group other
            }
            static_rules {
                from 10.8.0.0/16 table 8 preference 1
            }
            """ + instance(["10.0.0.1/24"]))
        let configuration = result.configuration
        #expect(configuration.statics.interface == "e7")
        #expect(configuration.statics.addresses.first?.group == "core")
        #expect(configuration.statics.routes.count == 1)
        #expect(configuration.statics.rules.count == 1)
        #expect(configuration.trackedObjects == [.staticGroup("core")])
        #expect(result.diagnostics.map { $0.code } == ["unknown-track-group"])
    }

    @Test func gapsBetweenAnnouncements() throws {
        let result = read(
            """
            global_defs {
                vrrp_garp_interval 0.0025
                vrrp_gna_interval .000001
                vrrp_garp_extra_if all 30
            }
            garp_group {
                garp_interval 0.124
                interfaces {
                    e1
                    e2
                }
            }
            garp_group {
                gna_interval 1.5
                interface e2
            }
            """ + instance(["10.0.0.1/24"]))
        let globals = result.configuration.globals
        #expect(globals.announcementGaps.arp == .microseconds(2500))
        #expect(globals.announcementGaps.neighbor == .microseconds(1))
        let group = try #require(globals.announcementGroups.first)
        #expect(group.interfaces == ["e1", "e2"])
        #expect(group.gaps.arp == .milliseconds(124))
        let extra = try #require(result.configuration.instances.first?.extraAnnouncement)
        #expect(extra.interval == .seconds(30))
        #expect(extra.includesOwn)
        // An interface has one group only.
        #expect(globals.announcementGroups.count == 1)
        #expect(
            result.diagnostics.map { $0.code } == ["empty-group", "long-gap", "member-of-two"])
    }

    @Test func theSyncDaemonIsExplainedOnce() {
        let result = read(
            "global_defs {\nlvs_sync_daemon eth0 VI id 3\n}\n" + instance(["10.0.0.1/24"]))
        #expect(result.diagnostics.map { $0.code } == ["virtual-servers"])
    }
}
