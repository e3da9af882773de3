package import Net

/// An interface that the daemon makes on top of another: use_vmac, use_ipvlan.
package struct VirtualInterface: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// A macvlan in private mode with this MAC.
        case macvlan(MACAddress)
        case ipvlan(IPVLANMode)
    }

    package enum IPVLANMode: Hashable, Sendable {
        case bridge
        case isolated
        case vepa
    }

    package var name: ByteString
    package var parent: ByteString
    package var kind: Kind
    /// The kernel's interface group; nil: the parent's.
    package var group: UInt32?
    /// An address of its own (use_ipvlan needs one for IPv4).
    package var address: Prefix?

    package init(name: ByteString, parent: ByteString, kind: Kind) {
        self.name = name
        self.parent = parent
        self.kind = kind
    }
}
