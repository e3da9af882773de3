import Glibc
import Linux
import Net
import Testing

/// Runs `body` in a network namespace of its own, on a thread of its own; the namespace ends with
/// the thread and its sockets, so nothing is left behind.
func inNamespace(_ body: @escaping () throws -> Void) throws {
    let box = Box(body)
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(box).toOpaque()
    let code = pthread_create(&thread, nil, { runInNewNamespace($0!) }, argument)
    #expect(code == 0)
    pthread_join(thread, nil)
    if let error = box.error { throw error }
}

private final class Box {
    let body: () throws -> Void
    var error: (any Error)?

    init(_ body: @escaping () throws -> Void) { self.body = body }
}

private func runInNewNamespace(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
    typealias Unshare = @convention(c) (Int32) -> Int32
    let unshare = unsafeBitCast(dlsym(nil, "unshare"), to: Unshare.self)
    let newNetwork: Int32 = 0x4000_0000
    do {
        guard unshare(newNetwork) == 0 else { throw NamespaceRefused() }
        try box.body()
    } catch {
        box.error = error
    }
    return nil
}

struct NamespaceRefused: Error {}

/// Namespaces need root.
let mayUnshare = geteuid() == 0

/// Runs ip(8) in the namespace of the calling thread.
func ip(_ arguments: String) {
    #expect(system("ip " + arguments) == 0, "ip \(arguments)")
}

func openRequests() throws -> NetlinkRequests {
    try NetlinkRequests {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

/// The kernel settles a link's operational state a moment later.
func eventually(_ condition: () throws -> Bool) throws {
    for _ in 0..<200 {
        if try condition() { return }
        usleep(10_000)
    }
    Issue.record("still not so after 2 s")
}

extension NetlinkRequests {
    func link(_ name: String) throws -> LinkInfo {
        try #require(try links().first { $0.name == name })
    }
}

extension NetlinkNotices {
    /// Everything that waits, and how the reading ended.
    func all() -> ([Notice], Outcome) {
        var notices: [Notice] = []
        var outcome = Outcome.pending
        while outcome == .pending { outcome = receive { notices.append($0) } }
        return (notices, outcome)
    }
}

func prefix(_ text: String, _ length: Int) -> Prefix {
    Prefix(address: IPAddress(text)!, length: length)
}
