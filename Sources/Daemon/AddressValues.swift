package import Linux
package import Net

/// What the kernel tells addresses apart by; interfaces by name, since one that is deleted and made
/// anew comes back under another number.
package struct AddressKey: Hashable, Sendable {
    package var interface: ByteString
    package var prefix: Prefix

    package init(interface: ByteString, prefix: Prefix) {
        self.interface = interface
        self.prefix = prefix
    }
}

/// An address that somebody wants, as configured.
package struct DesiredAddress: Hashable, Sendable {
    package var interface: ByteString
    /// Its interface index is filled in when it is added.
    package var spec: AddressSpec
    /// False under no_track: what somebody removes is not brought back.
    package var isTracked: Bool
    /// Of an address owner: one that is there before us is left at the end.
    package var adopts: Bool

    package init(
        interface: ByteString, spec: AddressSpec, isTracked: Bool = true, adopts: Bool = false
    ) {
        self.interface = interface
        self.spec = spec
        self.isTracked = isTracked
        self.adopts = adopts
    }

    package var key: AddressKey { AddressKey(interface: interface, prefix: spec.prefix) }
}

/// One change to ask of the kernel; its errno goes to `confirm`.
package struct AddressOperation: Hashable, Sendable {
    package var key: AddressKey
    package var change: AddressChange
}

/// What became of an operation.
package enum AddressOutcome: Hashable, Sendable {
    /// There for the first time since it was wanted: announced with the others.
    case added
    /// There before us, under an owner: announced, and left at the end.
    case adopted
    /// Back after somebody removed it, or its interface came back: announced once.
    case repaired
    /// It had not been gone.
    case stillThere
    case removed
    case failed(errno: Int32, retry: Instant)
    /// Overtaken by another wish.
    case superseded
}

/// What somebody else did to an address of ours.
package enum AddressNote: Hashable, Sendable {
    /// Removed, after so many repairs without a quiet minute; it comes back at that time.
    case removedByOthers(AddressKey, repairs: Int, returns: Instant)
    /// Removed and left so (no_track).
    case abandoned(AddressKey)
}
