import Testing

@testable import Linux

@Test func errorsReadAsOperationAndReason() {
    #expect("\(SystemError("bind", code: 98))" == "bind: Address already in use")
}

@Test func onlyNegativeResultsAreErrors() throws {
    #expect(try SystemError.check("read", 0) == 0)
    #expect(throws: SystemError("read", code: 4)) { try SystemError.check("read", -4) }
}
