import Linux
import Net

/// The track_files of one configuration: where the kernel's notices of them come from, and which
/// number each holds.
struct TrackedFiles {
    /// Nil: not needed, or not to be had; then the files are read every second.
    var notices: FileNotices?
    var entries: [FileEntry] = []
    /// 0 for a file that is missing or holds no number.
    var values: [Int] = []
    /// By file: the watch of its directory; nil while there is none.
    var watches: [Int32?] = []
    /// By file that is a symbolic link: where it leads to; nil for others.
    var targets: [FileTarget?] = []
    /// Directories that cannot be watched are tried again.
    var nextLook: Instant?

    static let patience = Interval.seconds(1)
}

/// What a symbolic link leads to, where it may be changed without the link's directory noticing.
struct FileTarget {
    var watch: Int32
    var name: ByteString
}

extension ByteString {
    fileprivate var directory: ByteString {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == 0 ? "/" : ByteString(bytes[..<slash])
    }

    fileprivate var fileName: ByteString {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return self }
        return ByteString(bytes[(slash + 1)...])
    }
}

// vrrp_track_file.
extension Keeper {
    /// Before the engine starts, and for each new configuration.
    func watchFiles() {
        let known = files.entries.map { $0.path }
        if let notices = files.notices { poller.remove(notices.descriptor) }
        files = TrackedFiles()
        files.entries = bundle.table.files
        if files.entries.isEmpty { return }
        for entry in files.entries where !known.contains(entry.path) { initialize(entry) }
        files.values = [Int](repeating: 0, count: files.entries.count)
        files.watches = [Int32?](repeating: nil, count: files.entries.count)
        files.targets = [FileTarget?](repeating: nil, count: files.entries.count)
        openFileNotices()
        lookAtFiles(at: Clock.boot())
    }

    private func openFileNotices() {
        do throws(SystemError) {
            let notices = try FileNotices()
            try poller.add(notices.descriptor, token: Token.files)
            files.notices = notices
        } catch {
            log.write(.warning, "track files are read once a second: \(error)")
        }
    }

    /// init_file: a file that is missing is made; `overwrite` writes it in any case.
    private func initialize(_ entry: FileEntry) {
        guard let value = entry.initialValue else { return }
        if !entry.overwrites && isThere(entry.path) { return }
        do throws(SystemError) {
            try Files.write(entry.path, [UInt8]("\(value)\n".utf8), mode: 0o644)
        } catch {
            log.write(.error, "cannot write the track file \(entry.path): \(error)")
        }
    }

    private func isThere(_ path: ByteString) -> Bool {
        do throws(SystemError) {
            _ = try Files.status(path)
            return true
        } catch {
            return false
        }
    }

    /// Watches what is not watched yet, and reads everything: a watch first, so that nothing that
    /// is written meanwhile is missed.
    func lookAtFiles(at now: Instant) {
        var isComplete = true
        for index in files.entries.indices {
            if files.watches[index] == nil {
                files.watches[index] = watch(files.entries[index].path.directory)
            }
            files.targets[index] = target(of: index)
            if files.watches[index] == nil { isComplete = false }
            readFile(index)
        }
        files.nextLook = isComplete ? nil : now + TrackedFiles.patience
    }

    private func watch(_ directory: ByteString) -> Int32? {
        do throws(SystemError) {
            return try files.notices?.watch(directory)
        } catch {
            return nil
        }
    }

    /// Nil for what is no symbolic link, nor behind one.
    private func target(of index: Int) -> FileTarget? {
        let path = files.entries[index].path
        guard let real = Files.realPath(path), real != path, let watch = watch(real.directory),
            watch != files.watches[index] || real.fileName != path.fileName
        else { return nil }
        return FileTarget(watch: watch, name: real.fileName)
    }

    func readFileNotices() {
        guard let notices = files.notices?.read() else { return }
        for notice in notices {
            switch notice {
            case .file(let watch, let name): fileChanged(watch, name)
            case .directoryGone(let watch): directoryGone(watch)
            case .lost: lookAtFiles(at: Clock.boot())
            }
        }
    }

    private func fileChanged(_ watch: Int32, _ name: ByteString) {
        for index in files.entries.indices {
            let path = files.entries[index].path
            if let target = files.targets[index] {
                // A link between this one and its file may be another one now.
                guard files.watches[index] == watch || target.watch == watch && target.name == name
                else { continue }
                files.targets[index] = self.target(of: index)
                readFile(index)
            } else if files.watches[index] == watch, path.fileName == name {
                files.targets[index] = target(of: index)
                readFile(index)
            }
        }
    }

    private func directoryGone(_ watch: Int32) {
        for index in files.entries.indices {
            if files.watches[index] == watch { files.watches[index] = nil }
            if files.targets[index]?.watch == watch { files.targets[index] = nil }
        }
        lookAtFiles(at: Clock.boot())
    }

    private func readFile(_ index: Int) {
        let value = number(in: files.entries[index])
        guard value != files.values[index] else { return }
        files.values[index] = value
        tellEngine(.file(generation: bundle.table.generation, index: index, value: value))
    }

    private func number(in entry: FileEntry) -> Int {
        do throws(SystemError) {
            let text = try Files.read(entry.path, limit: 4096)
            if let number = trackedNumber(text) { return number }
            if !text.isEmpty {
                log.write(.warning, "track file \(entry.path) holds no number: it counts as 0")
            }
        } catch {
            return 0
        }
        return 0
    }

    /// What is known already, for an engine that starts or runs on another configuration.
    var knownFiles: [KeeperMessage] {
        var messages: [KeeperMessage] = []
        for (index, value) in files.values.enumerated() {
            messages.append(
                .file(generation: bundle.table.generation, index: index, value: value))
        }
        return messages
    }
}
