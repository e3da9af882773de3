import CLinux

/// Signals as something to read: they are blocked from here on.
package final class SignalQueue {
    private let queue: Descriptor

    package init(_ signals: [Int32]) throws(SystemError) {
        let raw = unsafe signals.withUnsafeBufferPointer { buffer in
            unsafe clinux_signal_queue(buffer.baseAddress, Int32(buffer.count))
        }
        queue = Descriptor(owning: try check(raw, "signalfd"))
    }

    package var descriptor: Int32 { queue.rawValue }

    /// The next signal, and who sent it: 0 for the kernel.
    package func next() -> (signal: Int32, sender: Int32)? {
        var sender: Int32 = 0
        let signal = unsafe clinux_signal_next(queue.rawValue, &sender)
        return signal > 0 ? (signal, sender) : nil
    }
}
