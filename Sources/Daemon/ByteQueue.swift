/// Messages that wait, one behind the other in one piece of memory. Hundreds come at once when
/// hundreds of virtual routers take over, and pieces of their own would lie scattered between what
/// is made at the same time and stays.
struct ByteQueue {
    private var bytes: [UInt8] = []
    /// Where each message ends in `bytes`.
    private var ends: [UInt32] = []
    /// How many at the front are gone already.
    private var taken = 0

    var count: Int { ends.count - taken }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ message: [UInt8]) {
        bytes += message
        ends.append(UInt32(clamping: bytes.count))
    }

    /// Takes from the front as long as `accept` says yes.
    mutating func drain(_ accept: ([UInt8]) -> Bool) {
        while taken < ends.count {
            let start = taken == 0 ? 0 : Int(ends[taken - 1])
            guard accept([UInt8](bytes[start..<Int(ends[taken])])) else { return }
            taken += 1
        }
        self = ByteQueue()
    }
}
