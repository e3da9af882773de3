import Linux
import Net

// What the keeper and the log are told: after what is urgent.
extension Engine {
    /// The keeper hears at the end of the turn, or of the turns in which addresses are changed:
    /// who wakes it for each of 255 transitions pays for it. A keeper that does not read loses
    /// messages, never the engine its rhythm.
    func tell(_ message: EngineMessage) {
        guard messages.count < Engine.mostMessages else {
            return log.write(.warning, "the keeper takes no messages")
        }
        messages.append(message.encode())
    }

    private static let mostMessages = 4096
    /// So many turns of changing addresses do not put off for long what is to be told.
    private static let patience = 32

    /// Tells what waits, unless addresses still do.
    func tellWhatWaits() {
        untoldTurns += 1
        guard untoldTurns >= Engine.patience || !hasAddressWork else { return }
        untoldTurns = 0
        sendMessages()
        log.flush()
    }

    private func sendMessages() {
        // Its socket holds some 250: the rest goes when it has read.
        messages.drain { channel.send($0) }
    }

    /// When messages that the keeper had no room for are tried again.
    func nextMessages(at now: Instant) -> Instant? {
        messages.isEmpty ? nil : now + .milliseconds(2)
    }

    /// Before the engine ends: a keeper that reads has heard everything.
    func tellTheRest() {
        log.flush()
        do throws(SystemError) {
            // Nothing is ever ready here: it only waits.
            let pause = try Poller()
            for _ in 0..<100 where !isKeeperGone {
                sendMessages()
                if messages.isEmpty { return }
                _ = pause.wait(milliseconds: 2)
            }
        } catch {
            sendMessages()
        }
    }
}
