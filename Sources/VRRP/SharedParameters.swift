/// The parameters of a virtual router behind one reference: the plan, the virtual router and its
/// port look at the same ones, of which none ever changes.
package final class SharedParameters: Sendable {
    package let value: VirtualRouterParameters
    /// The key of an Authentication Header; empty where there is none.
    let headerKey: [UInt8]

    package init(_ value: VirtualRouterParameters) {
        self.value = value
        headerKey = value.version == .v2 ? value.authentication.headerKey : []
    }
}

/// What looks like an array of parameters, and holds references: a plan that is copied, or of which
/// a router is made, costs nothing for each virtual router. Changing an element makes it anew.
package struct ParametersList: Sendable, RandomAccessCollection, MutableCollection,
    RangeReplaceableCollection, ExpressibleByArrayLiteral
{
    private var references: [SharedParameters] = []

    package init() {}
    package init(arrayLiteral elements: VirtualRouterParameters...) {
        references = elements.map { SharedParameters($0) }
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { references.count }

    package subscript(position: Int) -> VirtualRouterParameters {
        get { references[position].value }
        set { references[position] = SharedParameters(newValue) }
    }

    package func reference(at position: Int) -> SharedParameters { references[position] }

    package mutating func reserveCapacity(_ count: Int) { references.reserveCapacity(count) }

    package mutating func append(_ element: VirtualRouterParameters) {
        references.append(SharedParameters(element))
    }

    package mutating func replaceSubrange<Elements: Collection>(
        _ range: Range<Int>, with elements: Elements
    ) where Elements.Element == VirtualRouterParameters {
        references.replaceSubrange(range, with: elements.map { SharedParameters($0) })
    }
}

extension ParametersList: Hashable {
    package static func == (left: ParametersList, right: ParametersList) -> Bool {
        left.references.elementsEqual(right.references) { $0 === $1 || $0.value == $1.value }
    }

    package func hash(into hasher: inout Hasher) {
        for reference in references { hasher.combine(reference.value) }
    }
}
