package struct SystemError: Error, Hashable, Sendable {
    package var errno: Int32
    package init(errno: Int32, _ what: StaticString) { self.errno = errno }
}
