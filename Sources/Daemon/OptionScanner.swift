import Net

enum OptionError: Error, Hashable {
    case unknown(ByteString)
    case ambiguous(ByteString)
    case missingArgument(ByteString)
    case surplusArgument(ByteString)

    var text: String {
        switch self {
        case .unknown(let word): "unknown option '\(word)'"
        case .ambiguous(let word): "option '\(word)' is ambiguous"
        case .missingArgument(let word): "option '\(word)' requires an argument"
        case .surplusArgument(let word): "option '\(word)' does not take an argument"
        }
    }
}

/// One option as it was given.
struct ScannedOption: Hashable {
    var option: Option
    var argument: ByteString?
}

/// Splits a command line as getopt_long does: clustered letters, `-fFILE` and `-f FILE`,
/// `--name=value` and `--name value`, unambiguous beginnings of long names, `--` as the end.
func scanOptions(
    _ words: [ByteString], table: [OptionEntry]
) throws(OptionError) -> (options: [ScannedOption], operands: [ByteString]) {
    var options: [ScannedOption] = []
    var operands: [ByteString] = []
    var index = 0
    while index < words.count {
        let word = words[index]
        index += 1
        let rest = words[index...]
        if word == "--" {
            operands += rest
            break
        } else if word.bytes.starts(with: [dash, dash]) {
            index += try scanLong(word, next: rest.first, table, into: &options)
        } else if word.count > 1 && word.bytes[0] == dash {
            index += try scanCluster(word, next: rest.first, table, into: &options)
        } else {
            operands.append(word)
        }
    }
    return (options, operands)
}

private let dash = UInt8(ascii: "-")

/// Gives how many further words were used up: 0 or 1.
private func scanLong(
    _ word: ByteString, next: ByteString?, _ table: [OptionEntry],
    into options: inout [ScannedOption]
) throws(OptionError) -> Int {
    let parts = word.bytes.dropFirst(2).split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
    let value = parts.count > 1 ? ByteString(parts[1]) : nil
    let entry = try findLong(parts.first ?? [], word, table)
    switch entry.argument {
    case .none:
        guard value == nil else { throw .surplusArgument(word) }
        options.append(ScannedOption(option: entry.option))
        return 0
    case .optional:
        options.append(ScannedOption(option: entry.option, argument: value))
        return 0
    case .required:
        guard let argument = value ?? next else { throw .missingArgument(word) }
        options.append(ScannedOption(option: entry.option, argument: argument))
        return value == nil ? 1 : 0
    }
}

private func findLong(
    _ name: ArraySlice<UInt8>, _ word: ByteString, _ table: [OptionEntry]
) throws(OptionError) -> OptionEntry {
    var candidate: OptionEntry? = nil
    var isAmbiguous = false
    for entry in table {
        if entry.name.utf8.elementsEqual(name) { return entry }
        if entry.name.utf8.starts(with: name) {
            isAmbiguous = candidate != nil
            candidate = entry
        }
    }
    if isAmbiguous { throw .ambiguous(word) }
    guard let candidate else { throw .unknown(word) }
    return candidate
}

private func scanCluster(
    _ word: ByteString, next: ByteString?, _ table: [OptionEntry],
    into options: inout [ScannedOption]
) throws(OptionError) -> Int {
    var letters = word.bytes.dropFirst()
    while let letter = letters.popFirst() {
        guard let entry = table.first(where: { $0.letter == letter && letter != 0 }) else {
            throw .unknown(ByteString([dash, letter]))
        }
        let attached = letters.isEmpty ? nil : ByteString(letters)
        switch entry.argument {
        case .none:
            options.append(ScannedOption(option: entry.option))
        case .optional:
            options.append(ScannedOption(option: entry.option, argument: attached))
            return 0
        case .required:
            guard let argument = attached ?? next else {
                throw .missingArgument(ByteString([dash, letter]))
            }
            options.append(ScannedOption(option: entry.option, argument: argument))
            return attached == nil ? 1 : 0
        }
    }
    return 0
}
