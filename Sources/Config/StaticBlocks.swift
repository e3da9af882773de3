import Net

// static_ipaddress, static_routes and static_rules.
extension Interpreter {
    mutating func staticBlock(_ keyword: RootKeyword, _ statement: Statement) {
        findings.block = ByteString(keyword.rawValue)
        var items = statics
        for line in statement.body {
            switch keyword {
            case .static_ipaddress: staticAddress(line, &items)
            case .static_routes: add(watchedRoute(line), to: &items.routes)
            case .static_rules: add(rule(line), to: &items.rules)
            default: break
            }
        }
        statics = items
        findings.block = ""
    }

    private mutating func staticAddress(_ line: Statement, _ items: inout StaticItems) {
        guard let address = address(line: line) else { return }
        for other in items.addresses where isSame(other, address) {
            findings.error(
                "duplicate-address", "\(address.prefix) is there already: ignored", line.keyword)
            return
        }
        items.addresses.append(address)
    }

}

/// What is written twice is wanted once.
func add<Item: Equatable>(_ item: Item?, to list: inout [Item]) {
    guard let item, !list.contains(item) else { return }
    list.append(item)
}
