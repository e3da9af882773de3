import Config
import Linux
import Mail
import Net

/// Who sends mail, and where to: part of what the keeper keeps of a configuration.
struct MailTable: Hashable {
    var settings: MailSettings
    var helper: ResolvedCommand
}

extension MailTable {
    /// Nil where nothing is to be mailed: as with keepalived, without a server or without
    /// recipients there is no mail at all.
    init?(_ globals: Globals, host: ByteString, helper: ResolvedCommand?) {
        guard let server = globals.mailServer, !globals.mailRecipients.isEmpty, let helper else {
            return nil
        }
        settings = MailSettings(server: server, host: host, recipients: globals.mailRecipients)
        settings.port = globals.mailPort ?? (globals.mailEncryption == .tls ? 465 : 25)
        settings.hello = globals.mailHello ?? host
        settings.timeout = globals.mailTimeout
        settings.encryption =
            Mail.MailEncryption(rawValue: globals.mailEncryption.rawValue) ?? .none
        settings.authorities = globals.mailAuthorities ?? ""
        settings.user = globals.mailUser ?? ""
        settings.password = globals.mailPassword ?? ""
        settings.sender = globals.mailSender ?? settings.sender
        settings.routerID = globals.routerID ?? host
        settings.mailsFaults = globals.mailsFaults
        self.helper = helper
    }
}

/// The helper's program: PREFIX/libexec/martlet beside PREFIX/sbin, or in our own folder, as it is
/// built. Wherever the daemon lies, its helper is as trustworthy as the daemon itself.
func mailHelper() -> ResolvedCommand? {
    guard let own = Files.realPath("/proc/self/exe"),
        let slash = own.bytes.lastIndex(of: UInt8(ascii: "/"))
    else { return nil }
    let account =
        Accounts.account("martlet") ?? Accounts.account("nobody")
        ?? Account(user: 65534, group: 65534)
    for place in ["/../libexec/martlet/martlet-mail", "/martlet-mail"] {
        let path = ByteString([UInt8](own.bytes[0..<slash]) + [UInt8](place.utf8))
        guard let real = Files.realPath(path) else { continue }
        return ResolvedCommand(words: [real], user: account.user, group: account.group)
    }
    return nil
}

/// The machine's name; "localhost" where it has none.
func hostName() -> ByteString {
    let name = Process.hostName
    return name.isEmpty ? "localhost" : name
}

extension MailTable {
    func encode(into writer: inout ByteWriter) {
        for text in [
            settings.server, settings.host, settings.hello, settings.authorities, settings.user,
            settings.password, settings.sender, settings.routerID,
        ] { writer.append(text) }
        writer.append(settings.port)
        writer.append(settings.timeout.nanoseconds)
        writer.append(settings.encryption.rawValue)
        writer.append(settings.mailsFaults)
        writer.append(each: settings.recipients) { $1.append($0) }
        encodeCommand(helper, into: &writer)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        let server = try reader.text()
        settings = MailSettings(server: server, host: try reader.text(), recipients: [])
        settings.hello = try reader.text()
        settings.authorities = try reader.text()
        settings.user = try reader.text()
        settings.password = try reader.text()
        settings.sender = try reader.text()
        settings.routerID = try reader.text()
        settings.port = try reader.number(UInt16.self)
        settings.timeout = try reader.interval()
        let encryption = try reader.number(UInt8.self)
        settings.encryption = Mail.MailEncryption(rawValue: encryption) ?? .tls
        settings.mailsFaults = try reader.flag()
        settings.recipients = try reader.list { (r) throws(DecodingError) in try r.text() }
        guard let helper = try decodeCommand(from: &reader) else { throw DecodingError() }
        self.helper = helper
    }
}
