import CLinux
package import Net

/// Log lines to syslog's socket, a console and a file. Nothing here ever waits: a line that nobody
/// takes is dropped and counted.
package final class SystemLog {
    private struct Line {
        var priority: Int32
        var time: String
        /// Bytes of `texts`.
        var length: Int
    }

    private let identity: String
    private let facility: Int32
    private let socket: Descriptor?
    private let toConsole: Bool
    private let file: Descriptor?
    private var waiting: [Line] = []
    /// Of the lines that wait, one behind the other.
    private var texts: [UInt8] = []
    package private(set) var dropped: UInt64 = 0
    /// Lines wait for `flush`, so that what is urgent is done first; critical ones never do.
    package var isDeferring = false

    /// So many lines wait at most.
    private static let patience = 512
    /// syslog's number of what must be out before anything else happens.
    private static let critical: Int32 = 2
    /// Bytes that a pipe takes as a whole once it takes any (pipe(7), PIPE_BUF).
    private static let chunk = 4096

    /// - Parameter facility: syslog's number times 8.
    package init(
        identity: String, facility: Int32, toSyslog: Bool, toConsole: Bool, file: ByteString?
    ) {
        self.identity = identity
        self.facility = facility
        self.toConsole = toConsole
        let raw = toSyslog ? clinux_datagram_socket() : -1
        socket = raw >= 0 ? Descriptor(owning: raw) : nil
        let log = file.map { unsafe $0.withCText { unsafe clinux_open_log($0) } } ?? -1
        self.file = log >= 0 ? Descriptor(owning: log) : nil
    }

    /// - Parameter priority: 0 (emergency) ... 7 (debug).
    package func write(priority: Int32, _ text: ByteString) {
        waiting.append(Line(priority: priority, time: localTime(), length: text.count))
        texts += text.bytes
        let mayWait = isDeferring && priority > Self.critical
        if !mayWait || waiting.count >= Self.patience { flush() }
    }

    /// Writes what waits.
    package func flush() {
        guard !waiting.isEmpty else { return }
        if toConsole { put(to: 2) }
        if let descriptor = fileDescriptor { put(to: descriptor) }
        sendToSyslog()
        waiting = []
        texts = []
    }

    /// Where the first is not taken, nobody takes the others either.
    private func sendToSyslog() {
        guard let descriptor = socketDescriptor else { return }
        let process = Process.identifier
        var (sent, start) = (0, 0)
        for line in waiting {
            let text = texts[start..<(start + line.length)]
            guard send(line, text, of: process, to: descriptor) else { break }
            sent += 1
            start += line.length
        }
        dropped &+= UInt64(waiting.count - sent)
    }

    private var fileDescriptor: Int32? {
        switch file {
        case .some(let file): file.rawValue
        case .none: nil
        }
    }

    private var socketDescriptor: Int32? {
        switch socket {
        case .some(let socket): socket.rawValue
        case .none: nil
        }
    }

    private func put(to descriptor: Int32) {
        var chunk: [UInt8] = []
        var count: UInt64 = 0
        var start = 0
        for line in waiting {
            let text = texts[start..<(start + line.length)]
            start += line.length
            if chunk.count + line.time.utf8.count + line.length + 3 > Self.chunk {
                put(chunk, of: count, to: descriptor)
                chunk = []
                count = 0
            }
            chunk += line.time.utf8
            chunk += ": ".utf8
            chunk += text
            chunk.append(UInt8(ascii: "\n"))
            count += 1
        }
        put(chunk, of: count, to: descriptor)
    }

    private func put(_ chunk: [UInt8], of lines: UInt64, to descriptor: Int32) {
        guard lines > 0 else { return }
        let result = unsafe chunk.withUnsafeBufferPointer { chunk in
            unsafe clinux_write_now(descriptor, chunk.baseAddress, UInt(chunk.count))
        }
        if result < 0 { dropped &+= lines }
    }

    private func send(
        _ line: Line, _ text: ArraySlice<UInt8>, of process: Int32, to descriptor: Int32
    ) -> Bool {
        let start = "<\(facility | line.priority)>\(line.time) \(identity)[\(process)]: "
        let bytes = [UInt8](start.utf8) + text
        let result = unsafe ByteString("/dev/log").withCText { path in
            unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe clinux_datagram_send(descriptor, path, bytes.baseAddress, UInt(bytes.count))
            }
        }
        return result >= 0
    }

    private func localTime() -> String {
        var text = [CChar](repeating: 0, count: 32)
        unsafe text.withUnsafeMutableBufferPointer { text in
            unsafe clinux_local_time(text.baseAddress, UInt(text.count))
        }
        let end = text.firstIndex(of: 0) ?? 0
        return String(decoding: text[0..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// systemd's notification socket (sd_notify), where there is one.
package final class ServiceManager {
    private let path: ByteString?
    /// How often the watchdog wants to hear; nil: there is none.
    package let watchdog: Interval?

    package init() {
        path = Arguments.environment("NOTIFY_SOCKET")
        let microseconds = Arguments.environment("WATCHDOG_USEC").flatMap {
            Int64($0.description)
        }
        let meant = Arguments.environment("WATCHDOG_PID").flatMap { Int32($0.description) }
        let isMeant = meant.map { $0 == Process.identifier } ?? true
        watchdog = isMeant ? microseconds.map { .microseconds($0) } : nil
    }

    /// "READY=1" and the like, one assignment a line.
    package func tell(_ text: String) { tell(ByteString(text)) }

    package func tell(_ text: ByteString) {
        guard let path else { return }
        let socket = Descriptor(owning: clinux_datagram_socket())
        _ = unsafe path.withCText { path in
            unsafe text.bytes.withUnsafeBufferPointer { bytes in
                unsafe clinux_datagram_send(
                    socket.rawValue, path, bytes.baseAddress, UInt(bytes.count))
            }
        }
    }
}
