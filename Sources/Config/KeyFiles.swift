package import Net
import VRRP

/// `key ID file:PATH` of auth_hmac. Whoever may read it hands the text to `resolveKeys`.
package struct KeyFile: Hashable, Sendable {
    package var id: UInt8
    package var path: ByteString
    package var location: SourceLocation
}

extension Configuration {
    /// Every file that holds a key.
    package var keyFiles: [KeyFile] { instances.flatMap { $0.keyFiles } }

    /// Completes auth_hmac with what its key files hold. An instance without a key to sign with
    /// becomes a last resort, which is said as a matter of security.
    ///
    /// - Parameter read: the content of a file; nil where it cannot be read.
    package mutating func resolveKeys(_ read: (ByteString) -> [UInt8]?) -> [Diagnostic] {
        var findings: [Diagnostic] = []
        for index in instances.indices where plan.virtualRouters.indices.contains(index) {
            guard plan.virtualRouters[index].trailer != nil else { continue }
            let block = "vrrp_instance " + instances[index].name
            for file in instances[index].keyFiles {
                if let secret = secret(in: read(file.path)) {
                    plan.virtualRouters[index].trailer?.keys.append(
                        TrailerAuthentication.Key(id: file.id, secret: secret))
                } else {
                    findings.append(
                        Diagnostic(
                            .warning, "bad-key-file",
                            "no key can be read from " + file.path, at: file.location,
                            block: block, word: file.path,
                            hint: "32 to 64 bytes, and a newline if you like"))
                }
            }
            guard plan.virtualRouters[index].trailer?.signingKey == nil else { continue }
            plan.virtualRouters[index].becomeLastResort()
            findings.append(
                Diagnostic(
                    .security, "no-active-key",
                    "auth_hmac has no key to sign with: the instance signs nothing, and is master"
                        + " only where nobody else is",
                    at: instances[index].location, block: block, word: "auth_hmac",
                    hint: "active_key names one of the keys"))
        }
        return findings
    }

    private func secret(in text: [UInt8]?) -> [UInt8]? {
        guard var text else { return nil }
        while let last = text.last, last == Byte.newline || last == 13 { text.removeLast() }
        return TrailerAuthentication.allowsKey(text) ? text : nil
    }
}

extension VirtualRouterParameters {
    /// Without its key an instance neither proves itself nor can tell who does. Peers that have
    /// theirs refuse what it says and would be master beside it, so it believes them all, never
    /// preempts and has the lowest priority; where nobody else is, it keeps the address up. An
    /// owner's address is there anyhow, and stays.
    fileprivate mutating func becomeLastResort() {
        trailer?.mode = .keyless
        guard !isOwner else { return }
        priority = 1
        startsAsMaster = false
        preempts = false
        preemptDelay = .zero
        tracking = tracking.filter { $0.weight.value == 0 }
    }
}
