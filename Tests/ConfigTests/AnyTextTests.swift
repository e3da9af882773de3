import Glibc
import Net
import Testing

@testable import Config

// Whatever the text, `parse` returns. The corpus of the fuzzer holds the texts.

private func corpus(_ name: String) -> [UInt8] {
    let folder = String(#filePath).split(separator: "/").dropLast(2).joined(separator: "/")
    return contents("/" + folder + "/Fuzz/corpus/config/" + name)
}

private let rich = corpus("rich")

@Suite struct AnyTextTests {
    @Test func theRichTextIsRich() {
        let result = parseAnything(rich)
        #expect(result.configuration.instances.map { $0.name } == ["VI_1", "VI_2", "VI_3"])
        #expect(result.configuration.groups.map { $0.name } == ["G"])
        #expect(result.configuration.scripts.count == 2)
        #expect(result.diagnostics.filter { $0.severity >= .error }.map { $0.message } == [])
    }

    @Test func everyTruncationGivesAResult() {
        for length in 0..<rich.count {
            let result = parseAnything([UInt8](rich[..<length]))
            #expect(result.configuration.instances.count <= 3)
        }
    }

    @Test func everyLostWordGivesAResult() {
        var start = 0
        while start < rich.count {
            let end = rich[start...].firstIndex { $0 <= 32 } ?? rich.count
            if end > start {
                let result = parseAnything([UInt8](rich[..<start] + rich[end...]))
                #expect(result.configuration.instances.count <= 3)
            }
            start = end + 1
        }
    }

    @Test func bytesByChanceGiveAResult() {
        var random: UInt64 = 42
        for _ in 0..<200 {
            var text: [UInt8] = []
            for _ in 0..<200 { text.append(UInt8(draw(&random, 256))) }
            #expect(parseAnything(text).configuration.instances == [])
            var changed = rich
            for _ in 0..<8 { changed[draw(&random, rich.count)] = text[draw(&random, 200)] }
            #expect(parseAnything(changed).configuration.instances.count <= 8)
        }
    }

    @Test(arguments: ["rich", "mistakes", "growth", "braces"])
    func theFuzzersCorpus(_ name: String) {
        #expect(corpus(name).count > 20)
        _ = parseAnything(corpus(name))
    }

    /// The fuzzer's own changes, each on top of those before.
    @Test(arguments: [("rich", 100), ("mistakes", 100), ("growth", 10), ("braces", 100)])
    func everyChangeOfGrammarGivesAResult(_ name: String, count: Int) {
        var text = corpus(name)
        for seed in 0..<count {
            var mutator = ConfigMutator(seed: UInt64(seed))
            let changed = mutator.mutate(text, limit: 8000)
            #expect(changed.count <= 8000)
            let result = parseAnything(changed)
            #expect(result.configuration.instances.count <= 2000)
            text = seed % 25 == 24 ? corpus(name) : changed
        }
    }

    /// Most of what the changes make has to be read, or they find nothing.
    @Test func changesKeepTheGrammar() {
        var instances = 0
        for seed in 0..<200 {
            var mutator = ConfigMutator(seed: UInt64(seed))
            let changed = mutator.mutate(rich, limit: 8000)
            #expect(changed != rich)
            var again = ConfigMutator(seed: UInt64(seed))
            #expect(again.mutate(rich, limit: 8000) == changed)
            instances += parseAnything(changed).configuration.instances.count
        }
        #expect(instances > 400)
    }
}

private func draw(_ random: inout UInt64, _ count: Int) -> Int {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return Int(random % UInt64(count))
}

private func contents(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = fread(&bytes, 1, bytes.count, file)
    return [UInt8](bytes[..<count])
}
