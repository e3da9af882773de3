/// A list that has one element most of the time, which then needs no memory of its own: thousands
/// of records have such a list.
package struct Few<Element: Hashable & Sendable>: Hashable, Sendable {
    fileprivate enum Storage: Hashable {
        case one(Element)
        case other([Element])
    }

    private var storage = Storage.other([])

    package init() {}

    private init(_ storage: Storage) { self.storage = storage }

    package var array: [Element] {
        switch storage {
        case .one(let element): [element]
        case .other(let elements): elements
        }
    }
}

extension Few.Storage: Sendable {}

extension Few: RandomAccessCollection, MutableCollection {
    package var startIndex: Int { 0 }

    package var endIndex: Int {
        switch storage {
        case .one: 1
        case .other(let elements): elements.count
        }
    }

    package subscript(position: Int) -> Element {
        get {
            switch storage {
            case .one(let element):
                precondition(position == 0)
                return element
            case .other(let elements): return elements[position]
            }
        }
        set {
            switch storage {
            case .one:
                precondition(position == 0)
                storage = .one(newValue)
            case .other(var elements):
                storage = .other([])
                elements[position] = newValue
                storage = .other(elements)
            }
        }
    }
}

extension Few {
    /// The collection's own would read by coroutines, each of which needs memory where it is not
    /// specialised: advertisements are made by it.
    package struct Iterator: IteratorProtocol {
        fileprivate let list: Few
        fileprivate var position = 0

        package mutating func next() -> Element? {
            guard position < list.count else { return nil }
            defer { position += 1 }
            return list[position]
        }
    }

    package func makeIterator() -> Iterator { Iterator(list: self) }

    package var first: Element? { isEmpty ? nil : self[0] }
}

extension Few: RangeReplaceableCollection, ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: Element...) { self.init(elements) }

    package init<Elements: Sequence>(_ elements: Elements) where Elements.Element == Element {
        // Without the room that was for more to come.
        let all = elements.map { $0 }
        if let only = all.first, all.count == 1 {
            self.init(.one(only))
        } else {
            self.init(.other(all))
        }
    }

    package mutating func replaceSubrange<Elements: Collection>(
        _ range: Range<Int>, with elements: Elements
    ) where Elements.Element == Element {
        var all = array
        storage = .other([])
        all.replaceSubrange(range, with: elements)
        self = Few(all)
    }

    /// In place, as long as there is room.
    package mutating func append(_ element: Element) {
        guard case .other(var elements) = storage, !elements.isEmpty else {
            self = Few(array + [element])
            return
        }
        storage = .other([])
        elements.append(element)
        storage = .other(elements)
    }
}
