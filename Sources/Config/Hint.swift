package import Net

/// The known word that differs least from a mistyped one; nil if none is near.
package func nearest(_ text: ByteString, among names: [String]) -> String? {
    guard text.count <= 64 else { return nil }
    var best: (name: String, distance: Int)?
    for name in names {
        let distance = editDistance(lowercase(text).bytes, lowercase(ByteString(name)).bytes)
        if distance < best?.distance ?? .max { best = (name, distance) }
    }
    guard let best, best.distance * 3 <= max(3, text.count) else { return nil }
    return best.name
}

/// Insertions, deletions and replacements that turn one into the other; two neighbours that
/// changed places count as one.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = [Int](0...right.count)
    for (row, a) in left.enumerated() {
        var current = [row + 1]
        for (column, b) in right.enumerated() {
            var cost = min(last[column] + (a == b ? 0 : 1), last[column + 1] + 1)
            cost = min(cost, current[column] + 1)
            if row > 0, column > 0, a == right[column - 1], left[row - 1] == b {
                cost = min(cost, beforeLast[column - 1] + 1)
            }
            current.append(cost)
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}

func lowercase(_ text: ByteString) -> ByteString {
    ByteString(text.bytes.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 })
}

/// Where else a keyword would be known.
func homeOf(_ keyword: ByteString) -> String? {
    for (block, names) in keywordTable() where names.contains(where: { keyword == $0 }) {
        return block.isEmpty ? "it stands outside of all blocks" : "it belongs in \(block)"
    }
    return nil
}
