/// What has a value that says nothing.
package protocol Sparse: Hashable {
    init()
}

extension Optional: Sparse where Wrapped: Hashable {
    package init() { self = nil }
}

/// A setting that few make, where thousands of records have a place for it: as long as it says
/// nothing it takes a pointer's room and no more.
@propertyWrapper
package struct Rare<Value: Sparse>: Hashable {
    fileprivate indirect enum Box: Hashable {
        case holding(Value)
    }

    private var box: Box?

    /// Takes the other's memory, if it holds the same.
    package mutating func share(with other: Rare) {
        if self == other { box = other.box }
    }

    package init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
    package init() {}

    package var wrappedValue: Value {
        get {
            guard case .holding(let value) = box else { return Value() }
            return value
        }
        set { box = newValue == Value() ? nil : .holding(newValue) }
    }
}

extension Rare: Sendable where Value: Sendable {}
extension Rare.Box: Sendable where Value: Sendable {}
