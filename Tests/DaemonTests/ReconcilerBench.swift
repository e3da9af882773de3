import Daemon
import Linux
import Net

// MARK: A kernel with one interface, e0, whose number is 3

struct Unexpected: Error {}

func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

func prefix(_ text: String) -> Prefix {
    let parts = text.split(separator: "/")
    return Prefix(address: IPAddress(String(parts[0]))!, length: Int(parts[1])!)
}

func key(_ text: String) -> HoldingKey {
    .address(AddressKey(interface: "e0", prefix: prefix(text)))
}

func info(_ text: String) -> AddressInfo {
    AddressInfo(interfaceIndex: 3, prefix: prefix(text))
}

func desired(
    _ text: String, on interface: ByteString = "e0", isTracked: Bool = true, adopts: Bool = false
) -> DesiredAddress {
    DesiredAddress(
        interface: interface, spec: AddressSpec(interfaceIndex: 0, prefix: prefix(text)),
        isTracked: isTracked, adopts: adopts)
}

var routeHolding: Holding {
    var route = Route(destination: prefix("10.0.0.0/8"))
    route.hops = [Route.Hop(gateway: IPAddress("10.9.0.9"))]
    return .route(route, isTracked: true)
}

var ruleHolding: Holding {
    .rule(Rule(family: .ipv4, preference: 5, action: .lookup(table: 7)), isTracked: true)
}

let ruleText = "from all priority 5 lookup 7"

extension HoldingKey {
    /// An address without its interface.
    var text: String {
        guard case .address(let key) = self else { return description }
        return key.prefix.description
    }
}

struct Kernel {
    var reconciler = Reconciler()
    var present: Set<String> = []
    /// Answers everything with this errno; 0 for none.
    var refusal: Int32 = 0
    var outcomes: [HoldingOutcome] = []

    init() { reconciler.interfacePresent("e0", index: 3, at: at(0)) }

    mutating func want(_ texts: String..., adopts: Bool = false) {
        for text in texts {
            reconciler.want(.address(desired(text, adopts: adopts)), by: 0, at: at(0))
        }
    }

    mutating func wantAll() {
        want("10.9.0.1/24")
        reconciler.want(routeHolding, by: 0, at: at(0))
        reconciler.want(ruleHolding, by: 0, at: at(0))
    }

    mutating func unwant(_ text: String) { reconciler.unwant(key(text), by: 0, at: at(0)) }

    /// Executes what is asked, and gives it as text.
    mutating func turn(_ seconds: Int64 = 0, limit: Int = 64) -> [String] {
        var story: [String] = []
        outcomes = []
        for operation in reconciler.nextBatch(limit: limit, at: at(seconds)) {
            let errno: Int32
            let text = operation.key.text
            switch operation.change {
            case .add, .renew, .addRoute, .addRule:
                story.append("add \(text)")
                errno = refusal != 0 ? refusal : present.insert(text).inserted ? 0 : 17
            case .remove, .removeRoute, .removeRule:
                story.append("remove \(text)")
                errno = refusal != 0 ? refusal : present.remove(text) != nil ? 0 : 99
            }
            outcomes.append(reconciler.confirm(operation, errno: errno, at: at(seconds)))
        }
        return story
    }

    /// Somebody removes an address.
    mutating func steal(_ text: String, _ seconds: Int64) -> HoldingNote? {
        present.remove(text)
        return reconciler.noticedRemoval(info(text), at: at(seconds))
    }
}
