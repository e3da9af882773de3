import Config
import Net
import VRRP

extension KeeperTable {
    func encode(into writer: inout ByteWriter) {
        writer.append(generation)
        writer.append(each: scripts) { $0.encode(into: &$1) }
        writer.append(each: files) { $0.encode(into: &$1) }
        writer.append(each: processes) { $0.encode(into: &$1) }
        instances.encode(into: &writer)
        groups.encode(into: &writer)
        writer.append(each: fifos) { $0.encode(into: &$1) }
        writer.append(repeatsStatesOnReload)
        writer.append(notifyTimeout?.nanoseconds ?? -1)
        encodeCommand(startup, into: &writer)
        writer.append(startupTimeout.nanoseconds)
        encodeCommand(shutdown, into: &writer)
        writer.append(shutdownTimeout.nanoseconds)
        writer.append(each: mail.map { [$0] } ?? []) { $0.encode(into: &$1) }
        process.encode(into: &writer)
        writer.append(firewallTable ?? "")
        writer.append(disablesLocalIGMP)
        standing.encode(into: &writer)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        generation = try reader.number(UInt32.self)
        scripts = try reader.list { (r) throws(DecodingError) in try ScriptEntry(from: &r) }
        files = try reader.list { (r) throws(DecodingError) in try FileEntry(from: &r) }
        processes = try reader.list { (r) throws(DecodingError) in try ProcessEntry(from: &r) }
        instances = try SubjectList(from: &reader)
        groups = try SubjectList(from: &reader)
        fifos = try reader.list { (r) throws(DecodingError) in try FIFOEntry(from: &r) }
        repeatsStatesOnReload = try reader.flag()
        let timeout = try reader.interval()
        notifyTimeout = timeout < .zero ? nil : timeout
        startup = try decodeCommand(from: &reader)
        startupTimeout = try reader.interval()
        shutdown = try decodeCommand(from: &reader)
        shutdownTimeout = try reader.interval()
        mail = try reader.list(limit: 1) { (r) throws(DecodingError) in try MailTable(from: &r) }
            .first
        process = try ProcessSettings(from: &reader)
        let table = try reader.text()
        firewallTable = table.isEmpty ? nil : table
        disablesLocalIGMP = try reader.flag()
        standing = try Leftovers(from: &reader)
    }
}

extension ByteReader {
    mutating func interval() throws(DecodingError) -> Interval {
        Interval(nanoseconds: try number(Int64.self))
    }
}

func encodeCommand(_ command: ResolvedCommand?, into writer: inout ByteWriter) {
    writer.append(each: command?.words ?? []) { $1.append($0) }
    writer.append(command?.user ?? 0)
    writer.append(command?.group ?? 0)
}

/// A command without words stands for none.
func decodeCommand(
    from reader: inout ByteReader
) throws(DecodingError) -> ResolvedCommand? {
    let words = try reader.list { (r) throws(DecodingError) in try r.text() }
    let user = try reader.number(UInt32.self)
    let group = try reader.number(UInt32.self)
    return words.isEmpty ? nil : ResolvedCommand(words: words, user: user, group: group)
}

extension ScriptEntry {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(name)
        encodeCommand(command, into: &writer)
        check.encode(into: &writer)
        writer.append(interval.nanoseconds)
        writer.append(timeout.nanoseconds)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        name = try reader.text()
        command = try decodeCommand(from: &reader)
        check = try BuiltInCheck?(from: &reader)
        interval = try reader.interval()
        timeout = try reader.interval()
    }
}

extension FileEntry {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(name)
        writer.append(path)
        writer.append(initialValue != nil)
        writer.append(Int64(initialValue ?? 0))
        writer.append(overwrites)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        name = try reader.text()
        path = try reader.text()
        let isGiven = try reader.flag()
        let value = Int(try reader.number(Int64.self))
        initialValue = isGiven ? value : nil
        overwrites = try reader.flag()
    }
}

extension ProcessEntry {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(name)
        writer.append(each: words) { $1.append($0) }
        writer.append(matching.rawValue)
        writer.append(Int64(quorum))
        writer.append(Int64(quorumMaximum ?? -1))
        writer.append(forkDelay.nanoseconds)
        writer.append(terminateDelay.nanoseconds)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        name = try reader.text()
        words = try reader.list { (r) throws(DecodingError) in try r.text() }
        guard let matching = ProcessMatching(rawValue: try reader.number(UInt8.self)) else {
            throw DecodingError()
        }
        self.matching = matching
        quorum = Int(try reader.number(Int64.self))
        let maximum = Int(try reader.number(Int64.self))
        quorumMaximum = maximum < 0 ? nil : maximum
        forkDelay = try reader.interval()
        terminateDelay = try reader.interval()
    }
}

extension SubjectList {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(UInt32(truncatingIfNeeded: count))
        for entry in self { entry.encode(into: &writer) }
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        self.init()
        let count = Int(try reader.number(UInt32.self))
        for _ in 0..<count { append(try SubjectEntry(from: &reader)) }
    }
}

extension SubjectEntry {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(name)
        let all = [
            commands.master, commands.backup, commands.fault, commands.stop, commands.deleted,
            commands.any, commands.lowerPriorityHeard,
        ]
        for command in all { encodeCommand(command, into: &writer) }
        writer.append(sendsMail)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        name = try reader.text()
        var commands = SubjectCommands()
        commands.master = try decodeCommand(from: &reader)
        commands.backup = try decodeCommand(from: &reader)
        commands.fault = try decodeCommand(from: &reader)
        commands.stop = try decodeCommand(from: &reader)
        commands.deleted = try decodeCommand(from: &reader)
        commands.any = try decodeCommand(from: &reader)
        commands.lowerPriorityHeard = try decodeCommand(from: &reader)
        sendsMail = try reader.flag()
        self.commands = commands
    }
}

extension FIFOEntry {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(path)
        writer.append(user)
        writer.append(group)
        encodeCommand(script, into: &writer)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
        path = try reader.text()
        user = try reader.number(UInt32.self)
        group = try reader.number(UInt32.self)
        script = try decodeCommand(from: &reader)
    }
}
