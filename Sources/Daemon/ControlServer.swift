import Control
import Linux
import Net

/// Somebody who asks at the control socket.
struct ControlClient {
    enum Phase {
        /// Its line is not whole yet.
        case asking([UInt8])
        /// For the engine's report.
        case waiting(ControlRequest)
        /// A child writes to it.
        case answered(pid: Int32, ended: Descriptor)
    }

    let socket: StreamSocket
    var phase = Phase.asking([])
    /// By then it is let go.
    var deadline: Instant
    /// The question whose answer it waits for; nil while that is not put.
    var question: UInt32?
}

/// What the engine was asked.
struct ControlQuestion {
    var number: UInt32
    var instance: ByteString?
    /// It is put again then.
    var due: Instant
    /// It is given up then.
    var end: Instant
}

/// The control socket and its clients: a few at a time, each with little time.
struct ControlServer {
    let listener: StreamListener
    var clients = [ControlClient?](repeating: nil, count: ControlServer.places)
    var question: ControlQuestion?
    var lastNumber: UInt32 = 0
    /// When listening goes on, after there was no descriptor left.
    var pausedUntil: Instant?

    static let places = 8
    /// Connections taken in one go.
    static let patience = 16
    /// For the request.
    static let timeToAsk = Interval.seconds(1)
    /// For the answer, once the engine has said what it knows.
    static let timeToRead = Interval.seconds(5)
    /// For the engine, which is asked again in between.
    static let timeToReport = Interval.seconds(2)
    static let timeToAskAgain = Interval.milliseconds(500)

    init(_ listener: StreamListener) { self.listener = listener }

    var deadline: Instant? {
        var result = earliest(pausedUntil, question.map { min($0.due, $0.end) })
        for client in clients { result = earliest(result, client?.deadline) }
        return result
    }
}
