import Config
import Linux
import Net

/// Which processes that somebody tracks are running, and whether they are enough. Pure: it is told
/// what /proc and the kernel say.
struct ProcessWatch {
    fileprivate struct Line {
        var entry: ProcessEntry
        var pids: Set<Int32> = []
        /// What was told; nil before the first look.
        var isWorking: Bool?
        /// The other state, from then on; nil while nothing changes.
        var changesAt: Instant?

        var hasQuorum: Bool {
            pids.count >= entry.quorum && pids.count <= entry.quorumMaximum ?? Int.max
        }
    }

    private var lines: [Line]

    init(_ entries: [ProcessEntry]) { lines = entries.map { Line(entry: $0) } }

    var isEmpty: Bool { lines.isEmpty }

    /// Whether command lines have to be read.
    var needsWords: Bool {
        for line in lines where line.entry.needsWords { return true }
        return false
    }

    /// By process; nil before the first look.
    var results: [Bool?] { lines.map { $0.isWorking } }

    var deadline: Instant? {
        var result: Instant? = nil
        for line in lines { result = earliest(result, line.changesAt) }
        return result
    }

    /// Everything that runs, and nothing else does.
    mutating func replace(_ images: [(pid: Int32, image: ProcessImage)], at now: Instant) {
        for index in lines.indices {
            lines[index].pids = []
            for (pid, image) in images where lines[index].entry.matches(image) {
                lines[index].pids.insert(pid)
            }
            lines[index].weigh(at: now)
        }
    }

    /// One process is another one than before, or gone (nil).
    mutating func update(_ pid: Int32, _ image: ProcessImage?, at now: Instant) {
        for index in lines.indices {
            if let image, lines[index].entry.matches(image) {
                lines[index].pids.insert(pid)
            } else if lines[index].pids.remove(pid) == nil {
                continue
            }
            lines[index].weigh(at: now)
        }
    }

    /// Whose state changed by now.
    mutating func changes(at now: Instant) -> [(index: Int, isWorking: Bool)] {
        var result: [(index: Int, isWorking: Bool)] = []
        for index in lines.indices {
            guard let at = lines[index].changesAt, at <= now else { continue }
            lines[index].changesAt = nil
            let isWorking = lines[index].hasQuorum
            guard isWorking != lines[index].isWorking else { continue }
            lines[index].isWorking = isWorking
            result.append((index, isWorking))
        }
        return result
    }

    /// The same processes as before keep what was told of them, so that delays count.
    mutating func keepResults(of old: ProcessWatch) {
        for index in lines.indices {
            for candidate in old.lines where candidate.entry == lines[index].entry {
                lines[index].isWorking = candidate.isWorking
            }
        }
    }
}

extension ProcessWatch.Line {
    /// The first look decides at once; later a quorum that is gained or lost has to last
    /// (fork_delay, terminate_delay).
    fileprivate mutating func weigh(at now: Instant) {
        guard let isWorking else {
            changesAt = now
            return
        }
        guard hasQuorum != isWorking else {
            changesAt = nil
            return
        }
        if changesAt != nil { return }
        changesAt = now + (hasQuorum ? entry.forkDelay : entry.terminateDelay)
    }
}

extension ProcessEntry {
    /// A name that is a path stands only in the command line.
    private var isPath: Bool { words.first?.bytes.contains(UInt8(ascii: "/")) ?? false }

    var needsWords: Bool { matching != .name || isPath }

    func matches(_ image: ProcessImage) -> Bool {
        guard let name = words.first else { return false }
        switch matching {
        case .name: return isPath ? image.words.first == name : image.isNamed(name)
        case .command: return image.words == words
        case .partial: return image.words.starts(with: words)
        case .initial:
            guard let last = words.last, image.words.count >= words.count else { return false }
            let rest = words.count - 1
            return image.words.prefix(rest).elementsEqual(words.prefix(rest))
                && image.words[rest].bytes.starts(with: last.bytes)
        }
    }
}

extension ProcessImage {
    /// The kernel keeps 15 bytes of a name.
    fileprivate func isNamed(_ wanted: ByteString) -> Bool {
        name.bytes.elementsEqual(wanted.bytes.prefix(15))
    }
}
