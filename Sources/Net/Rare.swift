/// What has a value that almost everyone has.
package protocol HasUsual: Hashable {
    static var usual: Self { get }
}

extension Optional: HasUsual where Wrapped: Hashable {
    package static var usual: Wrapped? { nil }
}

/// A setting that few make, where thousands of records have a place for it: as long as it has its
/// usual value it takes a pointer's room and no more.
@propertyWrapper
package struct Rare<Value: HasUsual>: Hashable {
    fileprivate indirect enum Box: Hashable {
        case holding(Value)
    }

    private var box: Box?

    package init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
    package init() {}

    package var wrappedValue: Value {
        get {
            guard case .holding(let value) = box else { return Value.usual }
            return value
        }
        set { box = newValue == Value.usual ? nil : .holding(newValue) }
    }
}

extension Rare: Sendable where Value: Sendable {}
extension Rare.Box: Sendable where Value: Sendable {}
