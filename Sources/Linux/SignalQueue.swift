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

    package func next() -> Int32? {
        let signal = clinux_signal_next(queue.rawValue)
        return signal > 0 ? signal : nil
    }
}
