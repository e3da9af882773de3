import Net

// virtual_server and its like: structure is checked, and one note says that nothing balances here.
extension Interpreter {
    mutating func balancerBlock(_ statement: Statement, _ block: BalancerBlock) {
        guard let keyword = statement.keyword else { return }
        if !sawVirtualServers {
            sawVirtualServers = true
            findings.note(
                "virtual-servers", "this daemon does not balance: LVS blocks have no effect",
                keyword)
        }
        let name = statement.values.map { $0.text.description }.joined(separator: " ")
        findings.block = ByteString(name.isEmpty ? block.name : "\(block.name) \(name)")
        if block == .virtualServer { virtualServerName(statement) }
        balancerBody(statement, block)
        if block == .virtualServer && statement.hasBlock { checkVirtualServer(statement) }
        if block == .ssl { checkSSL(statement) }
        if block == .virtualServerGroup && statement.hasBlock && statement.body.isEmpty {
            findings.error("empty-group", "the group has no address", keyword)
        }
        findings.block = ""
    }

    private mutating func virtualServerName(_ statement: Statement) {
        guard let first = statement.values.first else {
            findings.error(
                "missing-value", "virtual_server needs an address, fwmark or group",
                statement.keyword)
            return
        }
        if first.text == "fwmark" { return fwmarkProtocol(statement) }
        if first.text == "group" { return }
        if address(first) == nil {
            findings.error("bad-address", "\(first.text) is no address", first)
        }
    }

    /// A firewall mark stands for any protocol.
    private mutating func fwmarkProtocol(_ statement: Statement) {
        guard let line = statement.body.first(where: { $0.keyword?.text == "protocol" }) else {
            return
        }
        findings.warning(
            "fwmark-protocol", "protocol means nothing with fwmark", line.keyword,
            hint: "remove this line")
    }

    private mutating func balancerBody(_ statement: Statement, _ block: BalancerBlock) {
        if !statement.hasBlock {
            findings.error(
                "missing-block", "\(block.name) needs a block in braces", statement.keyword)
        }
        let table = block.keywords
        for inner in statement.body { balancerStatement(inner, table, block) }
    }

    private mutating func balancerStatement(
        _ statement: Statement, _ table: [BalancerKeyword], _ block: BalancerBlock
    ) {
        guard let word = statement.keyword else { return }
        guard let known = table.first(where: { word.text == $0.name }) else {
            if block.holdsAddresses { return groupAddress(word) }
            let near = nearest(word.text, among: table.map { $0.name })
            findings.error(
                "unknown-keyword", "unknown keyword \(word.text) in \(block.name)", word,
                hint: near.map { "did you mean \($0)?" })
            return
        }
        if word.text == "nb_get_retry" {
            findings.error(
                "deprecated", "nb_get_retry is an old name", word, hint: "write retry instead")
        }
        var shape = known.shape
        if known.inner != nil { shape.hasBlock = true }
        guard hasShape(statement, shape) else { return }
        checkValue(statement, of: block)
        if let inner = known.inner { balancerBody(statement, inner) }
    }

    /// `ADDRESS[-LAST] [PORT]`, one a line.
    private mutating func groupAddress(_ word: Word) {
        let end = word.text.bytes.firstIndex { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "/") }
        var plain = word
        if let end { plain.text = ByteString(word.text.bytes[..<end]) }
        if address(plain) == nil {
            findings.error("bad-address", "\(word.text) is no address: the line is ignored", word)
        }
    }
}
