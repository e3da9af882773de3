import Config
import Net
import Testing
import VRRP

@testable import Daemon

@Suite struct CodingTests {
    private func bundle() -> Bundle {
        var configuration = Configuration()
        var script = CheckScript(name: "chk", command: Command(words: ["/bin/check", "-x"]))
        script.interval = .milliseconds(500)
        configuration.scripts = [script]
        var file = TrackFile(name: "weight", path: "/run/weight")
        file.initialValue = -3
        configuration.files = [file]
        var process = TrackProcess(name: "web", command: ["nginx", "-g"])
        process.matching = .partial
        process.quorumMaximum = 4
        process.forkDelay = .milliseconds(250)
        configuration.processes = [process]
        configuration.globals.notifyTimeout = .seconds(9)
        var instance = Instance(
            name: "VI_1", interface: "eth0", location: SourceLocation(file: 0, line: 1, column: 1))
        instance.source = .v4(IPv4Address(192, 0, 2, 10))
        instance.addresses = [
            VirtualAddress(prefix: Prefix(address: .v4(IPv4Address(192, 0, 2, 1)), length: 24))
        ]
        instance.notify.master = Command(words: ["/bin/notify"], user: "nobody")
        configuration.instances = [instance]
        var parameters = VirtualRouterParameters(
            name: "VI_1", family: .ipv4, vrid: 51, addresses: [.v4(IPv4Address(192, 0, 2, 1))])
        parameters.authentication = .password(0x3131_3131_0000_0000)
        parameters.transport = .unicast(peers: [.v4(IPv4Address(192, 0, 2, 11))])
        configuration.plan.virtualRouters = [parameters]
        configuration.instances[0].acceptsTraffic = false
        configuration.globals.firewall.table = "vips"
        configuration.globals.disablesLocalIGMP = true
        let table = KeeperTable(configuration, generation: 7) { command in
            ResolvedCommand(words: command.words, user: 65534, group: 1000)
        }
        let archive = Archive(
            main: SourceFile(path: "/a.conf", text: [1, 2, 3]),
            includes: [
                Archive.Include(
                    pattern: "*.conf", directory: "/d",
                    files: [SourceFile(path: "/d/b.conf", text: [4])])
            ])
        return Bundle(table: table, archive: archive)
    }

    @Test func aBundleComesBackAsItWas() throws {
        let bundle = bundle()
        let decoded = try Bundle(bundle.encode())
        #expect(decoded.archive == bundle.archive)
        #expect(decoded.table.scripts == bundle.table.scripts)
        #expect(decoded.table == bundle.table)
        #expect(decoded.table.files[0].initialValue == -3)
        #expect(decoded.table.processes[0].quorumMaximum == 4)
        #expect(decoded.table.notifyTimeout == .seconds(9))
        #expect(decoded.table.virtualRouters[0].parameters.vrid == 51)
        #expect(decoded.table.instances[0].commands.master?.user == 65534)
        #expect(decoded.table.firewallTable == "vips")
        #expect(decoded.table.disablesLocalIGMP)
    }

    @Test func aHandOverCanSign() throws {
        var bundle = bundle()
        bundle.archive.keyFiles = [SourceFile(path: "/key", text: [1, 2, 3])]
        for authentication in [Authentication.none, .header(0x7333_6372_0000_0000)] {
            bundle.table.virtualRouters[0].parameters.authentication = authentication
            bundle.table.virtualRouters[0].parameters.trailer = TrailerAuthentication(
                keys: [TrailerAuthentication.Key(id: 3, secret: [UInt8](repeating: 9, count: 32))],
                activeKey: 3, window: .seconds(7))
            bundle.table.virtualRouters[0].parameters.checksum = .multicastPseudoHeader
            bundle.table.virtualRouters[0].parameters.hopLimit = 9
            #expect(try Bundle(bundle.encode()) == bundle)
        }
    }

    @Test func everyTruncationIsRefused() {
        let bytes = bundle().encode()
        for length in 0..<bytes.count {
            #expect(throws: DecodingError.self) { try Bundle([UInt8](bytes[0..<length])) }
        }
    }

    @Test func messagesComeBackAsTheyWere() throws {
        let engine: [EngineMessage] = [
            .running(generation: 3), .dump(.json), .stopped, .status("fine"), .unreadable,
            .notify(
                Daemon.Notification(
                    generation: 3, isGroup: true, subject: 2, state: .fault, previous: .master,
                    priority: 0, reason: "eth0 is down")),
        ]
        for message in engine { #expect(try EngineMessage(message.encode()) == message) }
        let keeper: [KeeperMessage] = [
            .reload(generation: 4), .dump(.data), .stop,
            .script(
                generation: 4, index: 1,
                ScriptReport(
                    success: false, outcome: "exit status 7", duration: .milliseconds(12),
                    output: "no answer")),
            .file(generation: 4, index: 0, value: -5),
            .process(generation: 4, index: 9, working: false),
        ]
        for message in keeper { #expect(try KeeperMessage(message.encode()) == message) }
    }

    @Test func foreignBytesAreRefused() {
        #expect(throws: DecodingError.self) { try EngineMessage([]) }
        #expect(throws: DecodingError.self) { try EngineMessage([99]) }
        #expect(throws: DecodingError.self) { try EngineMessage([3, 77]) }
        #expect(throws: DecodingError.self) { try KeeperMessage([4, 1, 2]) }
    }
}
