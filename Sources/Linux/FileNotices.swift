import CLinux
package import Net

/// inotify: which files of a directory were written, came or went.
package final class FileNotices {
    package enum Notice: Hashable {
        /// A name in a watched directory.
        case file(watch: Int32, name: ByteString)
        /// The directory itself is gone.
        case directoryGone(watch: Int32)
        /// Notices were lost: everything may have changed.
        case lost
    }

    private let watcher: Descriptor

    package init() throws(SystemError) {
        watcher = Descriptor(owning: try check(clinux_watch_create(), "inotify_init1"))
    }

    package var descriptor: Int32 { watcher.rawValue }

    /// The watch's number: the same for the same directory.
    package func watch(_ directory: ByteString) throws(SystemError) -> Int32 {
        let result = unsafe directory.withCText { unsafe clinux_watch_add(watcher.rawValue, $0) }
        return try check(result, "inotify_add_watch")
    }

    package func read() -> [Notice] {
        let found = NoticeList()
        let context = unsafe Unmanaged.passUnretained(found).toOpaque()
        unsafe clinux_watch_read(watcher.rawValue, context) { context, watch, name in
            guard let context = unsafe context else { return }
            let found = unsafe Unmanaged<NoticeList>.fromOpaque(context).takeUnretainedValue()
            if watch < 0 {
                found.notices.append(.lost)
            } else if let name = unsafe ByteString(name) {
                found.notices.append(.file(watch: watch, name: name))
            } else {
                found.notices.append(.directoryGone(watch: watch))
            }
        }
        return found.notices
    }
}

private final class NoticeList {
    var notices: [FileNotices.Notice] = []
}
