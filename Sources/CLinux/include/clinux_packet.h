// Raw VRRP sockets and AF_PACKET frames. Addresses are 4 or 16 bytes in network order.
#pragma once
#include <stdint.h>

// A raw socket for one family and protocol (112, or 51 for AH), bound to an interface ("": to none),
// with everything on that the receiver wants to know of a packet. -1 with errno.
int clinux_vrrp_socket(
    int family_bits, int protocol, const char *interface, int receive_buffer);
// Packets dropped because the buffer was full, since the socket was opened.
uint32_t clinux_drops(int fd);
void clinux_set_receive_buffer(int fd, int bytes);
// Nothing is received any more.
int clinux_vrrp_mute(int fd);
int clinux_join(int fd, int family_bits, const uint8_t *group, int interface_index);
// Lets through only packets whose VRID's bit is set in vrids (32 bytes), and those too short to
// have one. offset: where the message begins behind the IP header.
int clinux_vrrp_filter(int fd, int family_bits, int offset, const uint8_t *vrids);

// Addresses below are in host order; IPv4 has the low half's low 32 bits.
struct clinux_address {
    uint64_t high;
    uint64_t low;
};

// Packets read with one call at most, and room for one of them; a longer one is cut off.
#define CLINUX_BATCH 32
#define CLINUX_PACKET 2048
struct clinux_packet {
    struct clinux_address source;
    struct clinux_address destination;
    // Wall clock of arrival in nanoseconds; 0: unknown.
    int64_t stamp;
    // -1: unknown.
    int32_t hop_limit;
    // Since the socket was opened.
    uint32_t drops;
    uint32_t length;
    // Where the message starts: behind the IPv4 header.
    uint32_t offset;
};
// Reads packet i to bytes + i * CLINUX_PACKET.
struct clinux_receiver;
struct clinux_receiver *clinux_receiver_new(uint8_t *bytes);
void clinux_receiver_free(struct clinux_receiver *receiver);
// How many were read (0: none waits), or -1 with errno.
int clinux_vrrp_receive(
    int fd, int family_bits, struct clinux_receiver *receiver, struct clinux_packet *packets,
    int limit);

struct clinux_outgoing {
    struct clinux_address source;
    struct clinux_address destination;
    int32_t fd;
    int32_t family_bits;
    int32_t interface_index;
    // IPv6 only.
    int32_t hop_limit;
    // Of the packet within all bytes.
    uint32_t offset;
    uint32_t length;
};
// Sends all, in order, with as few calls as sockets follow one another. A message that fails is
// skipped; how many were, and the errno of the first (0: the interface is down) in *error.
int clinux_vrrp_send(
    const struct clinux_outgoing *messages, int count, const uint8_t *bytes, int *error);

int clinux_frame_socket(void);
struct clinux_frame {
    int32_t interface_index;
    // Of the frame within all bytes.
    uint32_t offset;
    uint32_t length;
};
// Sends all, in order, with as few calls as possible; how many failed, and were skipped.
int clinux_frames_send(
    int fd, const struct clinux_frame *frames, int count, const uint8_t *bytes);
