/// Why a received packet was not accepted: one reason for each rung of the decoder's ladder, in
/// the order in which they are tried. The reason's name is the counter's name.
package enum Discard: UInt8, Error, Hashable, Sendable, CaseIterable {
    /// Shorter than the fixed part of the header, or than its own address count says.
    case packetTooShort
    /// TTL or hop limit is not 255.
    case ttl
    case version
    /// Not type 1, ADVERTISEMENT.
    case type
    /// Longer than an advertisement with its address count (RFC 3768 section 7.1).
    case packetLength
    case checksum
    /// v3/IPv4: the sum is right only without pseudo-header (keyword v3_checksum_as_v2).
    case checksumWithoutPseudoHeader
    /// The VRID is 0, or not the expected one.
    case vrid
    case authenticationType
    /// No Authentication Header, or no trailer, that could be a VRRP router's.
    case authenticationFormat
    /// auth_hmac: there is no trailer.
    case authenticationMissing
    /// auth_hmac: signed with a key that is not configured.
    case unknownKey
    case authenticationMismatch
    /// auth_hmac: its time is not ours (keyword time_window).
    case stale
    /// AH or auth_hmac: heard before.
    case replayed
    /// v2: Adver_Int is not ours (RFC 3768 section 7.1).
    case advertisementInterval
    /// Multicast where unicast is configured, or the other way round.
    case destination
    /// The sender's address cannot be a router's.
    case source
    /// check_unicast_src: the sender is no configured peer.
    case unknownPeer
    /// The address list has nothing in common with ours: a foreign cluster on this VRID.
    case addressList
    /// owner_ignore_adverts: an owner hears nobody.
    case ownerIgnores
}
