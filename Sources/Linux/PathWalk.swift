import CLinux
package import Net

/// One component of a path, as it was met on the way.
package struct PathStep: Hashable, Sendable {
    package var path: ByteString
    package var status: FileStatus
}

/// Walks a path as the kernel does, links and what they lead to included. Each component is opened
/// from the one before, so that nobody can put another in its place between two looks.
package enum PathWalk {
    /// As the kernel's own limit.
    private static let linkLimit = 40

    package static func steps(to path: ByteString) throws(SystemError) -> [PathStep] {
        var walk = Walk()
        try walk.start()
        var rest = components(try absolute(path))
        var links = 0
        while let name = rest.popLast() {
            guard let target = try walk.step(name, isLast: rest.isEmpty) else { continue }
            links += 1
            guard links <= linkLimit else { throw SystemError("open", code: 40) }
            if target.bytes.first == UInt8(ascii: "/") { walk.returnToRoot() }
            rest += components(target)
        }
        return walk.steps
    }

    private static func absolute(_ path: ByteString) throws(SystemError) -> ByteString {
        if path.bytes.first == UInt8(ascii: "/") { return path }
        guard let here = Files.realPath(".") else { throw SystemError("getcwd", code: 2) }
        return here + "/" + path
    }

    /// The last one first.
    private static func components(_ path: ByteString) -> [ByteString] {
        path.bytes.split(separator: UInt8(ascii: "/")).reversed().map { ByteString($0) }
    }
}

private struct Walk {
    var steps: [PathStep] = []
    /// From the root to where the walk is.
    private var place: [(descriptor: Descriptor, path: ByteString)] = []

    mutating func start() throws(SystemError) {
        let raw = unsafe ByteString("/").withCText { unsafe clinux_open_step(-1, $0) }
        let root = Descriptor(owning: try check(raw, "open"))
        try note(root, "/")
        place = [(root, "")]
    }

    mutating func returnToRoot() { place = Array(place.prefix(1)) }

    /// What a link says; nil for anything else.
    mutating func step(_ name: ByteString, isLast: Bool) throws(SystemError) -> ByteString? {
        if name == "." { return nil }
        if name == ".." {
            if place.count > 1 { place.removeLast() }
            return nil
        }
        guard let here = place.last else { return nil }
        let raw = unsafe name.withCText { unsafe clinux_open_step(here.descriptor.rawValue, $0) }
        let next = Descriptor(owning: try check(raw, "open"))
        let path = here.path + "/" + name
        let status = try note(next, path)
        if status.kind == .link { return try target(of: next) }
        place.append((next, path))
        return nil
    }

    @discardableResult
    private mutating func note(
        _ descriptor: Descriptor, _ path: ByteString
    ) throws(SystemError) -> FileStatus {
        var raw = clinux_status()
        try check(unsafe clinux_step_status(descriptor.rawValue, &raw), "stat")
        let status = FileStatus(raw)
        steps.append(PathStep(path: path, status: status))
        return status
    }

    private func target(of link: Descriptor) throws(SystemError) -> ByteString {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe clinux_step_link(link.rawValue, buffer.baseAddress, UInt(buffer.count))
        }
        guard count >= 0 else { throw SystemError("readlink", code: clinux_errno()) }
        return ByteString(bytes[0..<min(count, bytes.count)])
    }
}
