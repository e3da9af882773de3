import CLinux
package import Net

/// A program to start: path, arguments (the program's name first), environment, user.
package struct SpawnRequest: Hashable, Sendable {
    package var words: [ByteString]
    package var environment: [ByteString]
    package var user: UInt32
    package var group: UInt32
    /// A descriptor to be its standard input; -1: /dev/null.
    package var input: Int32
    /// Where its output goes; -1: /dev/null.
    package var output: Int32

    package init(
        words: [ByteString], environment: [ByteString], user: UInt32, group: UInt32,
        input: Int32 = -1, output: Int32 = -1
    ) {
        self.input = input
        self.output = output
        self.words = words
        self.environment = environment
        self.user = user
        self.group = group
    }
}

extension Process {
    /// Starts a command in its own process group, with no descriptor but /dev/null thrice, or the
    /// output for the last two.
    ///
    /// - Returns: its pid, which is its group's too.
    package static func spawn(_ request: SpawnRequest) throws(SystemError) -> Int32 {
        guard let path = request.words.first else {
            throw SystemError("starting a command", code: 22)
        }
        let arguments = CTextList(request.words)
        let environment = CTextList(request.environment)
        let pid = unsafe path.withCText { path in
            unsafe arguments.withPointers { arguments in
                unsafe environment.withPointers { environment in
                    var command = unsafe clinux_command(
                        path: path, arguments: arguments, environment: environment,
                        user: request.user, group: request.group, input: request.input,
                        output: request.output)
                    return unsafe clinux_spawn(&command)
                }
            }
        }
        return try check(pid, "starting a command")
    }
}

/// An array of texts as C wants it, ended by null.
private struct CTextList {
    private var text: [CChar] = []
    private var starts: [Int] = []

    init(_ words: [ByteString]) {
        for word in words {
            starts.append(text.count)
            text += word.bytes.map { CChar(bitPattern: $0) }
            text.append(0)
        }
        text.append(0)
    }

    func withPointers<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        unsafe text.withUnsafeBufferPointer { text in
            var pointers: [UnsafePointer<CChar>?] = unsafe []
            for start in starts {
                unsafe pointers.append(text.baseAddress.map { unsafe $0 + start })
            }
            unsafe pointers.append(nil)
            return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
        }
    }
}
