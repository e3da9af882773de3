import Net
import Testing

@testable import Mail

@Suite struct MailQueueTests {
    private func letter(_ state: MailedState, _ name: ByteString = "VI_1") -> Letter {
        Letter(isGroup: false, name: name, state: state, time: 0)
    }

    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    @Test func oneAtATimeInOrder() {
        var queue = MailQueue()
        queue.add(letter(.backup), at: at(0))
        queue.add(letter(.master), at: at(1))
        #expect(queue.next(at: at(1))?.state == .backup)
        #expect(queue.next(at: at(1)) == nil)
        queue.finished(.delivered(""), at: at(2))
        #expect(queue.next(at: at(2))?.state == .master)
    }

    @Test func theSameStateTwiceIsOneMail() {
        var queue = MailQueue()
        queue.add(letter(.master), at: at(0))
        queue.add(letter(.master), at: at(1))
        queue.add(letter(.master, "VI_2"), at: at(1))
        #expect(queue.count == 2)
    }

    @Test func failuresAreFollowedByLongerWaits() {
        var queue = MailQueue()
        queue.add(letter(.master), at: at(0))
        var now = at(0)
        var waits: [Int64] = []
        for _ in 0..<10 {
            #expect(queue.next(at: now)?.state == .master)
            queue.finished(.failed("451"), at: now)
            #expect(queue.isQuiet)
            guard let next = queue.deadline else { return }
            waits.append((next - now).nanoseconds / 1_000_000_000)
            #expect(queue.next(at: next - .nanoseconds(1)) == nil)
            now = next
        }
        #expect(waits == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900])
    }

    @Test func refusedIsNotTriedAgain() {
        var queue = MailQueue()
        queue.add(letter(.master), at: at(0))
        _ = queue.next(at: at(0))
        queue.finished(.refused("550"), at: at(0))
        #expect(queue.count == 0)
        #expect(queue.deadline == nil)
    }

    @Test func aHundredWaitAtMostAndTheOneOnItsWayStays() {
        var queue = MailQueue()
        queue.add(letter(.master, "0"), at: at(0))
        #expect(queue.next(at: at(0))?.name == "0")
        for number in 1...120 { queue.add(letter(.master, ByteString("\(number)")), at: at(0)) }
        #expect(queue.count == 100)
        #expect(queue.dropped == 21)
        queue.finished(.delivered(""), at: at(0))
        #expect(queue.next(at: at(0))?.name == "22")
    }

    @Test func whoIsPutOffWaitsAloneAndLonger() {
        var queue = MailQueue()
        queue.add(letter(.backup), at: at(0))
        queue.add(letter(.master), at: at(0))
        _ = queue.next(at: at(0))
        queue.finished(.deferred(["late@c"], "451"), at: at(0))
        #expect(!queue.isQuiet)
        #expect(queue.next(at: at(0))?.state == .master)
        queue.finished(.delivered(""), at: at(0))
        #expect(queue.isQuiet)
        #expect(queue.deadline == at(5))
        #expect(queue.next(at: at(4)) == nil)
        #expect(queue.next(at: at(5))?.recipients == ["late@c"])
        queue.finished(.deferred(["late@c"], "451"), at: at(5))
        #expect(queue.deadline == at(15))
        queue.tryAgain()
        #expect(queue.next(at: at(6))?.recipients == ["late@c"])
        queue.finished(.delivered(""), at: at(6))
        #expect(queue.count == 0)
    }

    @Test func theOneOnItsWayStaysAlsoWhenItIsNotTheFirst() {
        var queue = MailQueue()
        queue.add(letter(.master, "0"), at: at(0))
        _ = queue.next(at: at(0))
        queue.finished(.deferred(["late@c"], "451"), at: at(0))
        queue.add(letter(.master, "1"), at: at(0))
        #expect(queue.next(at: at(0))?.name == "1")
        for number in 2...100 { queue.add(letter(.master, ByteString("\(number)")), at: at(0)) }
        queue.finished(.delivered(""), at: at(0))
        #expect(queue.next(at: at(0))?.name == "2")
        #expect(queue.dropped == 1)
    }

    @Test func aDayOldMailIsGivenUp() {
        var queue = MailQueue()
        queue.add(letter(.master), at: at(0))
        #expect(queue.next(at: at(86_400)) == nil)
        #expect(queue.dropped == 1)
    }
}

@Suite struct LetterTests {
    private var settings: MailSettings {
        var settings = MailSettings(
            server: "192.0.2.9", host: "web1", recipients: ["Ops <ops@example.org>", "b@c"])
        settings.routerID = "LVS_1"
        return settings
    }

    @Test func aWholeMessage() {
        let letter = Letter(isGroup: false, name: "VI_1", state: .master, time: 1_795_552_892)
        let text = String(
            decoding: letter.message(from: "keepalived@web1", settings), as: UTF8.self)
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "Date: Tue, 24 Nov 2026 20:41:32 +0000")
        #expect(lines[1] == "From: keepalived@web1")
        #expect(lines[2] == "Subject: [LVS_1] VRRP Instance VI_1 - Entering MASTER state")
        #expect(lines[3] == "X-Mailer: Keepalived (martlet)")
        #expect(lines[4] == "To: Ops <ops@example.org>,")
        #expect(lines[5] == " b@c")
        #expect(lines.suffix(3) == ["", "=> VRRP Instance is now owning VRRP VIPs <=", ""])
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
        (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 +0000"),
    ]) func dates(seconds: Int64, text: String) { #expect(mailDate(seconds) == text) }

    @Test func aNameCannotBeginAHeader() {
        let letter = Letter(isGroup: true, name: "a\r\nBcc: x@y", state: .stop, time: 0)
        let text = String(decoding: letter.message(from: "a@b", settings), as: UTF8.self)
        #expect(text.contains("Subject: [LVS_1] VRRP Group a??Bcc: x@y - Stopping\r\n"))
    }

    @Test func whatIsNotASCIIIsEncoded() {
        #expect(headerText("주") == "=?UTF-8?B?7KO8?=")
        #expect(String(decoding: base64([1, 2, 3, 4][...]), as: UTF8.self) == "AQIDBA==")
    }

    @Test func anOrderIsReadBack() {
        let letter = Letter(isGroup: false, name: "VI_1", state: .stop, time: 0)
        let order = MailOrder(letter, settings)
        let read = MailOrder(order.encode())
        #expect(read == order)
        #expect(read?.values("to") == ["ops@example.org", "b@c"])
        #expect(read?.value("timeout") == "30")
        #expect(MailOrder([UInt8]("server x".utf8)) == nil)
    }

    @Test func onlyThoseWhoDoNotHaveItYetGetItAgain() {
        var letter = Letter(isGroup: false, name: "VI_1", state: .stop, time: 0)
        letter.recipients = ["b@c", "somebody@else"]
        #expect(MailOrder(letter, settings).values("to") == ["b@c"])
    }
}

@Suite struct MailOutcomeTests {
    /// To a@b, c@d and e@f: what became of the whole, and the first digits of the replies.
    private func outcome(_ whole: MailOutcome, _ digits: String) -> MailOutcome {
        let settings = MailSettings(server: "s", host: "h", recipients: ["a@b", "c@d", "e@f"])
        let letter = Letter(isGroup: false, name: "VI_1", state: .stop, time: 0)
        return MailOutcome(
            whole, replies: [UInt8](digits.utf8) + [0], to: MailOrder(letter, settings))
    }

    @Test func whoIsPutOffAmongOthersGetsItLater() {
        #expect(outcome(.delivered("451"), "242") == .deferred(["c@d"], "451"))
        #expect(outcome(.delivered("451"), "245") == .deferred(["c@d"], "451"))
        #expect(outcome(.refused("550"), "454") == .deferred(["a@b", "e@f"], "550"))
    }

    @Test func otherwiseTheWholeDecides() {
        #expect(outcome(.delivered("550"), "252") == .delivered("550"))
        #expect(outcome(.failed("451"), "444") == .failed("451"))
        #expect(outcome(.failed("no answer"), "24\0") == .failed("no answer"))
        #expect(outcome(.refused("554"), "242") == .refused("554"))
    }

    @Test func anOutcomeIsReadBack() {
        for one: MailOutcome in [
            .delivered(""), .refused("550"), .failed("x"), .deferred(["a@b", "c@d"], "451"),
        ] { #expect(MailOutcome(one.encode()) == one) }
        #expect(MailOutcome([UInt8]("lnobody".utf8)) == .failed("nobody"))
        #expect(MailOutcome([]) == .failed(""))
    }
}
