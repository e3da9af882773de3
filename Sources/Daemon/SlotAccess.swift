import Linux
import Net

/// The engine's side of the shared memory. A slot's sequence count is odd while it is written.
struct SlotWriter {
    let memory: SharedMemory

    init(_ memory: SharedMemory) { self.memory = memory }

    func publish(_ index: Int, _ state: PublishedState) {
        guard (0..<SlotLayout.capacity).contains(index) else { return }
        let words = state.words
        let sequence = SlotLayout.slot(index, SlotLayout.sequence)
        let count = memory.load(sequence)
        memory.store(sequence, count | 1)
        memory.store(SlotLayout.slot(index, SlotLayout.flags), words.flags)
        memory.store(SlotLayout.slot(index, SlotLayout.since), words.since)
        memory.store(SlotLayout.slot(index, SlotLayout.sourceHigh), words.high)
        memory.store(SlotLayout.slot(index, SlotLayout.sourceLow), words.low)
        memory.store(sequence, (count | 1) &+ 1)
    }

    func publish(_ index: Int, number: UInt64) {
        guard (0..<SlotLayout.capacity).contains(index) else { return }
        memory.store(SlotLayout.slot(index, SlotLayout.number), number)
    }

    /// On the packet path: one store.
    func publish(_ index: Int, masterDown deadline: Instant?) {
        guard (0..<SlotLayout.capacity).contains(index) else { return }
        let word = UInt64(bitPattern: deadline?.nanoseconds ?? 0)
        memory.store(SlotLayout.slot(index, SlotLayout.masterDown), word)
    }

    func publish(_ index: Int, promoted link: Int32) {
        guard (0..<SlotLayout.capacity).contains(index) else { return }
        memory.store(
            SlotLayout.slot(index, SlotLayout.promoted), UInt64(UInt32(bitPattern: link)))
    }

    func publish(generation: UInt32) {
        memory.store(SlotLayout.generation, UInt64(generation))
    }

    func publish(
        deadline: Instant?, turns: UInt64, longestWait: Interval, shortestMasterDown: Interval
    ) {
        let deadline = deadline?.nanoseconds ?? .max
        memory.store(SlotLayout.deadline, UInt64(bitPattern: deadline))
        memory.store(SlotLayout.longestWait, UInt64(bitPattern: longestWait.nanoseconds))
        memory.store(
            SlotLayout.shortestMasterDown, UInt64(bitPattern: shortestMasterDown.nanoseconds))
        memory.store(SlotLayout.turns, turns)
    }

    /// Forgets what a predecessor published, before there is anything of one's own.
    ///
    /// - Parameter count: virtual routers that there are.
    func clear(count: Int) {
        for word in 0..<SlotLayout.headerWords { memory.store(word, 0) }
        memory.store(SlotLayout.deadline, UInt64(bitPattern: Int64.max))
        for index in 0..<min(count, SlotLayout.capacity) { clear(slot: index) }
    }

    /// Virtual routers stand at other positions: what lasts goes along, the rest is forgotten.
    ///
    /// - Parameters:
    ///   - origins: for each new position the old one; nil for what is new.
    ///   - count: old positions that there are.
    func moveNumbers(from origins: [Int?], of count: Int) {
        let old = (0..<min(count, SlotLayout.capacity)).map { index in
            SlotLayout.lasting.map { memory.load(SlotLayout.slot(index, $0)) }
        }
        let total = max(count, origins.count)
        clear(count: total)
        for index in 0..<min(total, SlotLayout.capacity) {
            let origin = origins.indices.contains(index) ? origins[index] : nil
            for (position, word) in SlotLayout.lasting.enumerated() {
                let value = origin.flatMap { old.indices.contains($0) ? old[$0][position] : nil }
                memory.store(SlotLayout.slot(index, word), value ?? 0)
            }
        }
    }

    func clear(slot index: Int) {
        guard (0..<SlotLayout.capacity).contains(index) else { return }
        for word in 0..<SlotLayout.slotWords where !SlotLayout.lasting.contains(word) {
            memory.store(SlotLayout.slot(index, word), 0)
        }
    }
}

/// The other side. What it reads is foreign: nothing is taken for more than a hint.
struct SlotReader {
    private let memory: SharedMemory

    init(_ memory: SharedMemory) { self.memory = memory }

    /// Nil where the slot is torn: its writer died within it.
    func state(of index: Int) -> PublishedState? {
        guard (0..<SlotLayout.capacity).contains(index) else { return nil }
        let sequence = SlotLayout.slot(index, SlotLayout.sequence)
        let before = memory.load(sequence)
        let state = PublishedState(
            flags: memory.load(SlotLayout.slot(index, SlotLayout.flags)),
            since: memory.load(SlotLayout.slot(index, SlotLayout.since)),
            high: memory.load(SlotLayout.slot(index, SlotLayout.sourceHigh)),
            low: memory.load(SlotLayout.slot(index, SlotLayout.sourceLow)))
        guard before & 1 == 0, memory.load(sequence) == before else { return nil }
        return state
    }

    func number(of index: Int) -> UInt64 {
        guard (0..<SlotLayout.capacity).contains(index) else { return 0 }
        return memory.load(SlotLayout.slot(index, SlotLayout.number))
    }

    /// When Master_Down_Timer would have fired; nil where it did not run.
    func masterDown(of index: Int) -> Instant? {
        guard (0..<SlotLayout.capacity).contains(index) else { return nil }
        let word = memory.load(SlotLayout.slot(index, SlotLayout.masterDown))
        let deadline = Int64(bitPattern: word)
        return deadline > 0 ? Instant(nanoseconds: deadline) : nil
    }

    /// Of which interface promote_secondaries was changed; 0: of none.
    func promoted(by index: Int) -> Int32 {
        guard (0..<SlotLayout.capacity).contains(index) else { return 0 }
        let word = memory.load(SlotLayout.slot(index, SlotLayout.promoted))
        return Int32(bitPattern: UInt32(truncatingIfNeeded: word))
    }

    var generation: UInt32 { UInt32(truncatingIfNeeded: memory.load(SlotLayout.generation)) }

    /// Positions of those that were mastered; a torn slot counts.
    func masters(count: Int) -> [Int] {
        (0..<min(count, SlotLayout.capacity)).filter { state(of: $0)?.isMaster ?? true }
    }

    var evidence: HangDetector.Evidence {
        let deadline = Int64(bitPattern: memory.load(SlotLayout.deadline))
        return HangDetector.Evidence(
            deadline: deadline == .max ? nil : Instant(nanoseconds: deadline),
            turns: memory.load(SlotLayout.turns),
            longestNetlinkWait: interval(SlotLayout.longestWait),
            shortestMasterDownInterval: interval(SlotLayout.shortestMasterDown))
    }

    /// Bounded, so that no foreign value can put off the verdict for long.
    private func interval(_ word: Int) -> Interval {
        let value = Interval(nanoseconds: Int64(bitPattern: memory.load(word)))
        return min(max(value, .zero), .seconds(300))
    }
}
