/// What has a value that says nothing.
package protocol Sparse: Hashable {
    init()
}

extension Optional: Sparse where Wrapped: Hashable {
    package init() { self = nil }
}

/// A setting that few blocks have: it takes one pointer until it says something.
@propertyWrapper
package struct Rare<Value: Sparse>: Hashable {
    /// One, or none while it says nothing.
    private var box: [Value] = []

    package init(wrappedValue: Value) { self.wrappedValue = wrappedValue }

    package var wrappedValue: Value {
        get { box.first ?? Value() }
        set {
            if newValue != Value() {
                box = [newValue]
            } else if !box.isEmpty {
                box = []
            }
        }
    }
}

extension Rare: Sendable where Value: Sendable {}
