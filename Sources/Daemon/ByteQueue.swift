/// Messages that wait, one behind the other in one piece of memory. Hundreds come at once when
/// hundreds of virtual routers take over, and pieces of their own would lie scattered between what
/// is made at the same time and stays.
struct ByteQueue {
    private var bytes: [UInt8] = []
    /// Where each message ends in `bytes`.
    private var ends: [UInt32] = []

    var count: Int { ends.count }
    var isEmpty: Bool { ends.isEmpty }

    mutating func append(_ message: [UInt8]) {
        bytes += message
        ends.append(UInt32(clamping: bytes.count))
    }

    /// Takes from the front as long as `accept` says yes.
    mutating func drain(_ accept: ([UInt8]) -> Bool) {
        var start: UInt32 = 0
        for (position, end) in ends.enumerated() {
            guard accept([UInt8](bytes[Int(start)..<Int(end)])) else {
                return forget(position, upTo: start)
            }
            start = end
        }
        self = ByteQueue()
    }

    private mutating func forget(_ count: Int, upTo start: UInt32) {
        bytes.removeFirst(Int(start))
        ends = ends.dropFirst(count).map { $0 - start }
    }
}
