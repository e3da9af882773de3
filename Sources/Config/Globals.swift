package import Net

/// smtp_tls: whether the way to the mail server is encrypted.
package enum MailEncryption: UInt8, Hashable, Sendable {
    case none = 0
    /// Plain at first, then STARTTLS; a server that does not offer it gets nothing.
    case starttls = 1
    /// From the first byte, usually on port 465.
    case tls = 2
}

/// The time between two frames of an interface, or of a group of interfaces; zero: none.
package struct AnnouncementGaps: Hashable, Sendable {
    /// Gratuitous ARP.
    package var arp = Interval.zero
    /// Unsolicited Neighbor Advertisements.
    package var neighbor = Interval.zero

    package init() {}
}

/// garp_group: interfaces that take turns.
package struct AnnouncementGroup: Hashable, Sendable {
    package var gaps = AnnouncementGaps()
    package var interfaces: [ByteString] = []

    package init() {}
}

/// global_defs.
package struct Globals: Hashable, Sendable {
    package var routerID: ByteString?
    package var mailRecipients: [ByteString] = []
    package var mailSender: ByteString?
    package var mailServer: ByteString?
    /// Nil: the usual one.
    package var mailPort: UInt16?
    package var mailEncryption = MailEncryption.none
    package var mailAuthorities: ByteString?
    package var mailUser: ByteString?
    package var mailPassword: ByteString?
    package var mailHello: ByteString?
    package var mailTimeout = Interval.seconds(30)
    package var mailsFaults = true
    /// script_user; nil: keepalived_script where it exists, else the daemon's own user.
    package var scriptUser: ByteString?
    package var scriptGroup: ByteString?
    package var scriptSecurity = false
    /// notify_fifo and vrrp_notify_fifo, both written to.
    package var fifos: [NotifyFIFO] = []
    /// fifo_write_vrrp_states_on_reload: after a reload FIFOs hear of every state again.
    package var repeatsStatesOnReload = false
    /// notify_timeout (an extension): nil lets notify scripts take as long as they like.
    package var notifyTimeout: Interval?
    package var startupScript: Command?
    package var startupTimeout = Interval.seconds(10)
    package var shutdownScript: Command?
    package var shutdownTimeout = Interval.seconds(10)
    /// dynamic_interfaces: an interface that does not exist is no finding.
    package var dynamicInterfaces = false
    /// vrrp_garp_interval and vrrp_gna_interval.
    package var announcementGaps = AnnouncementGaps()
    package var announcementGroups: [AnnouncementGroup] = []
    package var logsUnknownVRIDs = false
    package var receiveBuffers = ReceiveBuffers()
    package var process = ProcessSettings()
    package var firewall = FirewallOptions()
    package var disablesLocalIGMP = false
    package var linkDelays: [LinkDelay] = []

    package init() {}
}
