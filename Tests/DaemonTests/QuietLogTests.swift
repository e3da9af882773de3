import Config
import Linux
import Net
import Testing

@testable import Daemon

private func topic(_ kind: Int, _ host: UInt8) -> QuietLog.Topic {
    QuietLog.Topic(virtualRouter: 0, kind: kind, source: .v4(IPv4Address(192, 0, 2, host)))
}

private func seconds(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000_000) }

@Test func theFirstOfEachKindAndSourceIsWritten() {
    var log = QuietLog()
    let topics = [topic(1, 1), topic(2, 1), topic(1, 2), topic(1, 1), topic(1, 2)]
    var written: [Bool] = []
    for one in topics { written.append(log.isWorthALine(one, at: seconds(0))) }
    #expect(written == [true, true, true, false, false])
}

@Test func aMinuteIsSummedUpAndSilenceForgets() {
    var log = QuietLog()
    for _ in 0..<1_001 { _ = log.isWorthALine(topic(1, 1), at: seconds(5)) }
    #expect(log.deadline == seconds(65))
    let early = log.summaries(at: seconds(64))
    #expect(early == nil)
    let first = log.summaries(at: seconds(65))
    #expect(first?.told == [QuietLog.Summary(topic: topic(1, 1), count: 1_000)])
    #expect(first?.untold == 0)
    let second = log.summaries(at: seconds(125))
    #expect(second?.told == [])
    #expect(log.deadline == nil)
    let again = log.isWorthALine(topic(1, 1), at: seconds(200))
    #expect(again)
}

/// A flood of every kind from forged senders: eight lines, and nothing is lost in the sums.
@Test func forgedSendersDoNotFillTheLog() {
    var log = QuietLog()
    var lines: UInt64 = 0
    for number in 0..<10_000 {
        let some = topic(number % 16, UInt8(number % 251))
        if log.isWorthALine(some, at: seconds(0)) { lines += 1 }
    }
    #expect(lines == 8)
    guard let (told, untold) = log.summaries(at: seconds(60)) else {
        Issue.record("no summary")
        return
    }
    #expect(told.count == 8)
    #expect(told.reduce(lines + untold) { $0 + $1.count } == 10_000)
}

@Test func aSurveyNamesWhatIsFree() {
    var survey = VRIDSurvey(at: seconds(0))
    #expect(survey.end == seconds(5))
    for vrid in 1...250 where vrid != 7 { survey.insert(UInt8(vrid)) }
    var used = VRIDSet()
    for vrid: UInt8 in [52, 253] { used.insert(vrid) }
    #expect(survey.freeText(used: used) == "7, 251-252, 254-255")
}

@Test func realTimePriorityRisesStepByStep() {
    var settings = ProcessSettings()
    settings.automaticPriorityLimit = 2
    settings.automaticPriorityDelay = .milliseconds(5)
    var priority = AutomaticPriority(start: 0)
    var steps: [Int?] = []
    for delay in [4, 5, 9, 1_000] {
        steps.append(priority.raise(after: .milliseconds(Int64(delay)), settings))
    }
    #expect(steps == [nil, 1, 2, nil])
}
