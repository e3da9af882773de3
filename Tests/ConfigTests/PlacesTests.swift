import Net
import Testing

@testable import Config

@Suite struct PlacesTests {
    private let text = """
        global_defs {
            router_id A
        }
        # martlet: silence tied-priorities, two-masters
        vrrp_instance VI_1 {
            priority 100
            priority 150    ! martlet: silence dead-weight
            virtual_ipaddress { 192.0.2.1/24 dev eth1
                2001:db8::1
            }
            track_script {
                chk weight 5
            }
        }
        vrrp_instance VI_1 {
            priority 1
        }
        """

    private var file: SourceFile { SourceFile(path: "x.conf", text: [UInt8](text.utf8)) }
    private var places: Places { Places(file, options: ParseOptions()) { _, _ in [] } }

    private func words(_ location: Config.SourceLocation?) -> String {
        location.map { "\($0.line):\($0.column)" } ?? "nowhere"
    }

    @Test func theLastLineOfAKeywordCountsAndTheFirstBlockOfAName() {
        #expect(words(places.place("priority", in: "vrrp_instance VI_1")) == "7:5")
        #expect(words(places.block("vrrp_instance VI_1")) == "5:15")
        #expect(places.titles == ["global_defs", "vrrp_instance VI_1"])
    }

    @Test func whatIsNotWrittenHasThePlaceOfItsBlock() {
        #expect(words(places.place("advert_int", in: "vrrp_instance VI_1")) == "5:15")
        #expect(places.line("advert_int", in: "vrrp_instance VI_1") == nil)
        #expect(places.place("priority", in: "vrrp_instance VI_2") == nil)
    }

    @Test(arguments: [("192.0.2.1", "8:25"), ("2001:db8::1", "9:9"), ("192.0.2.9", "5:15")])
    func addressesAreFoundHoweverTheyAreWritten(address: String, place: String) throws {
        let address = try #require(IPAddress(text: [UInt8](address.utf8)[...]))
        let found = places.place(
            of: address, sections: ["virtual_ipaddress"], in: "vrrp_instance VI_1")
        #expect(words(found) == place)
    }

    @Test func entriesOfABlockAreFoundByName() {
        let found = places.entry("chk", section: "track_script", in: "vrrp_instance VI_1")
        #expect(words(found) == "12:9")
        #expect(words(places.firstWord(startingWith: "2001:")) == "9:9")
    }

    @Test func filesMove() {
        var moved = places
        moved.move(by: 3)
        #expect(moved.place("priority", in: "vrrp_instance VI_1")?.file == 3)
        #expect(moved.block("vrrp_instance VI_1")?.file == 3)
    }

    @Test func aCommentSilencesItsLineOrItsFile() {
        let silences = Silences([file])
        let here = Config.SourceLocation(file: 0, line: 7, column: 1)
        let elsewhere = Config.SourceLocation(file: 0, line: 6, column: 1)
        #expect(silences.cover("dead-weight", at: here))
        #expect(!silences.cover("dead-weight", at: elsewhere))
        #expect(!silences.cover("root-script", at: here))
        #expect(silences.cover("tied-priorities", at: elsewhere))
        #expect(silences.cover("two-masters", at: here))
        #expect(
            !silences.cover("two-masters", at: Config.SourceLocation(file: 1, line: 6, column: 1)))
        #expect(!silences.cover("two-masters", at: nil))
    }
}
