import Net

/// Where a daemon keeps what it needs while it runs: all beside its pid file, so that several
/// daemons live on one machine.
struct RunTimeFiles {
    let pid: ByteString
    let state: ByteString
    /// The control socket.
    let socket: ByteString

    init(pidFile: ByteString) {
        pid = pidFile
        var stem = pidFile.bytes
        let suffix = [UInt8](".pid".utf8)
        if stem.count > suffix.count, stem.suffix(suffix.count).elementsEqual(suffix) {
            stem.removeLast(suffix.count)
        }
        state = ByteString(stem + [UInt8](".state".utf8))
        socket = ByteString(stem + [UInt8](".sock".utf8))
    }
}

/// The dump files of keepalived: in $TMPDIR, or /tmp.
struct DumpFiles {
    let directory: ByteString

    init(temporaryDirectory: ByteString?) {
        directory = temporaryDirectory ?? "/tmp"
    }

    func path(_ kind: DumpKind) -> ByteString {
        let name =
            switch kind {
            case .data: "/keepalived.data"
            case .statistics, .statisticsAndClear: "/keepalived.stats"
            case .json: "/keepalived.json"
            }
        return ByteString(directory.bytes + [UInt8](name.utf8))
    }
}
