import CLinux
package import Net

/// Log lines to syslog's socket, a console and a file. Nothing here ever waits: a line that nobody
/// takes is dropped and counted.
package final class SystemLog {
    private let identity: String
    private let facility: Int32
    private let socket: Descriptor?
    private let toConsole: Bool
    private let file: Descriptor?
    package private(set) var dropped: UInt64 = 0

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
        let time = localTime()
        if toConsole { put("\(time): ", text, to: 2) }
        if let descriptor = fileDescriptor { put("\(time): ", text, to: descriptor) }
        sendToSyslog("<\(facility | priority)>\(time) \(identity)[\(Process.identifier)]: ", text)
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

    private func put(_ start: String, _ text: ByteString, to descriptor: Int32) {
        let line = [UInt8](start.utf8) + text.bytes + [UInt8(ascii: "\n")]
        let result = unsafe line.withUnsafeBufferPointer { line in
            unsafe clinux_write_now(descriptor, line.baseAddress, UInt(line.count))
        }
        if result < 0 { dropped &+= 1 }
    }

    private func sendToSyslog(_ start: String, _ text: ByteString) {
        guard let descriptor = socketDescriptor else { return }
        let line = [UInt8](start.utf8) + text.bytes
        let result = unsafe ByteString("/dev/log").withCText { path in
            unsafe line.withUnsafeBufferPointer { line in
                unsafe clinux_datagram_send(descriptor, path, line.baseAddress, UInt(line.count))
            }
        }
        if result < 0 { dropped &+= 1 }
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
