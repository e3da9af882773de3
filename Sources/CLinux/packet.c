#define _GNU_SOURCE
#include "clinux_packet.h"
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/sock_diag.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29
#endif

static int set(int fd, int level, int name, int value) {
    return setsockopt(fd, level, name, &value, sizeof value);
}

static int options_ipv4(int fd) {
    if (set(fd, IPPROTO_IP, IP_HDRINCL, 1) < 0) return -1;
    set(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
    set(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
    return 0;
}

static int options_ipv6(int fd) {
    if (set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) < 0) return -1;
    if (set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) < 0) return -1;
    // The ladder checks sums, so that a bad one is counted.
    set(fd, IPPROTO_IPV6, IPV6_CHECKSUM, -1);
    set(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
    set(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
    set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 255);
    set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 255);
    set(fd, IPPROTO_IPV6, IPV6_TCLASS, 0xc0);
    set(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1);
    return 0;
}

uint32_t clinux_drops(int fd) {
    uint32_t values[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof values;
    return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values, &size) < 0 ? 0 : values[SK_MEMINFO_DROPS];
}

void clinux_set_receive_buffer(int fd, int bytes) {
    if (set(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes) < 0) set(fd, SOL_SOCKET, SO_RCVBUF, bytes);
}

static int configure(int fd, int family_bits, const char *interface, int receive_buffer) {
    if (*interface
        && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, strlen(interface) + 1) < 0)
        return -1;
    // 7 is TC_PRIO_CONTROL.
    set(fd, SOL_SOCKET, SO_PRIORITY, 7);
    set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    clinux_set_receive_buffer(fd, receive_buffer);
    return family_bits == 32 ? options_ipv4(fd) : options_ipv6(fd);
}

int clinux_vrrp_socket(
    int family_bits, int protocol, const char *interface, int receive_buffer) {
    int family = family_bits == 32 ? AF_INET : AF_INET6;
    int fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd < 0) return -1;
    if (configure(fd, family_bits, interface, receive_buffer) == 0) return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int clinux_vrrp_mute(int fd) {
    struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_fprog program = {.len = 1, .filter = code};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int clinux_join(int fd, int family_bits, const uint8_t *group, int interface_index) {
    if (family_bits == 32) {
        struct ip_mreqn request = {.imr_ifindex = interface_index};
        memcpy(&request.imr_multiaddr, group, 4);
        if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request) < 0) return -1;
        return setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request);
    }
    struct ipv6_mreq request = {.ipv6mr_interface = (unsigned)interface_index};
    memcpy(&request.ipv6mr_multiaddr, group, 16);
    if (set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, interface_index) < 0) return -1;
    return setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &request, sizeof request);
}

static int has_vrid(const uint8_t *vrids, unsigned vrid) {
    return vrids[vrid / 8] >> vrid % 8 & 1;
}

// Loads the VRID into the accumulator and looks for it among runs of ours. Classic BPF: IPv4 raw
// sockets see the IP header first, IPv6 ones the message. A load beyond the end would drop the
// packet, so the length is looked at before.
int clinux_vrrp_filter(int fd, int family_bits, int offset, const uint8_t *vrids) {
    const unsigned vrid_place = (unsigned)offset + 1;
    struct sock_filter code[24 + 3 * 128];
    int n = 0;
    if (family_bits == 32) {
        // X = header length of IPv4.
        code[n++] = (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0);
        // Too short for a VRID behind the header: pass, to be counted.
        code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0);
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, vrid_place + 1, 1, 0);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0xffffffff);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_IND, vrid_place);
    } else {
        code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0);
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, vrid_place + 1, 1, 0);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0xffffffff);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_ABS, vrid_place);
    }
    for (unsigned first = 1; first < 256; first++) {
        if (!has_vrid(vrids, first)) continue;
        unsigned last = first;
        while (last < 255 && has_vrid(vrids, last + 1)) last++;
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first, 0, 2);
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last, 1, 0);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0xffffffff);
        first = last;
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {.len = (unsigned short)n, .filter = code};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static struct clinux_address address4(const void *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return (struct clinux_address){0, ntohl(value)};
}

static struct clinux_address address6(const void *bytes) {
    uint64_t halves[2];
    memcpy(halves, bytes, sizeof halves);
    return (struct clinux_address){be64toh(halves[0]), be64toh(halves[1])};
}

static void put_address4(struct clinux_address address, void *bytes) {
    uint32_t value = htonl((uint32_t)address.low);
    memcpy(bytes, &value, sizeof value);
}

static void put_address6(struct clinux_address address, void *bytes) {
    uint64_t halves[2] = {htobe64(address.high), htobe64(address.low)};
    memcpy(bytes, halves, sizeof halves);
}

static void read_control(struct msghdr *header, struct clinux_packet *packet) {
    struct cmsghdr *part;
    for (part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
        const void *data = CMSG_DATA(part);
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_TIMESTAMPNS) {
            struct timespec stamp;
            memcpy(&stamp, data, sizeof stamp);
            packet->stamp = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
        } else if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_RXQ_OVFL) {
            memcpy(&packet->drops, data, sizeof packet->drops);
        } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, data, sizeof info);
            packet->destination = address6(&info.ipi6_addr);
        } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_HOPLIMIT) {
            memcpy(&packet->hop_limit, data, sizeof packet->hop_limit);
        }
    }
}

// The kernel has checked the header's length and sum before a raw socket sees it; whatever does not
// fit all the same becomes an empty message, which the ladder counts as too short.
static void read_ipv4_header(struct clinux_packet *packet, const uint8_t *bytes) {
    uint32_t size = packet->length > 0 ? (uint32_t)(bytes[0] & 0x0f) * 4 : 0;
    packet->offset = packet->length;
    if (packet->length < 20) return;
    packet->hop_limit = bytes[8];
    packet->source = address4(bytes + 12);
    packet->destination = address4(bytes + 16);
    if (size >= 20 && size <= packet->length) packet->offset = size;
}

// What recvmmsg is told: made once, so that a lone packet does not pay for the whole batch.
struct clinux_receiver {
    struct mmsghdr headers[CLINUX_BATCH];
    struct iovec parts[CLINUX_BATCH];
    struct sockaddr_in6 names[CLINUX_BATCH];
    char control[CLINUX_BATCH][128] __attribute__((aligned(8)));
    uint8_t *bytes;
};

static void make_ready(struct clinux_receiver *receiver, int i) {
    receiver->headers[i].msg_hdr.msg_namelen = sizeof receiver->names[i];
    receiver->headers[i].msg_hdr.msg_controllen = sizeof receiver->control[i];
}

struct clinux_receiver *clinux_receiver_new(uint8_t *bytes) {
    struct clinux_receiver *receiver = calloc(1, sizeof *receiver);
    if (!receiver) abort();
    receiver->bytes = bytes;
    for (int i = 0; i < CLINUX_BATCH; i++) {
        receiver->parts[i] = (struct iovec){bytes + i * CLINUX_PACKET, CLINUX_PACKET};
        receiver->headers[i].msg_hdr.msg_name = &receiver->names[i];
        receiver->headers[i].msg_hdr.msg_iov = &receiver->parts[i];
        receiver->headers[i].msg_hdr.msg_iovlen = 1;
        receiver->headers[i].msg_hdr.msg_control = receiver->control[i];
        make_ready(receiver, i);
    }
    return receiver;
}

void clinux_receiver_free(struct clinux_receiver *receiver) { free(receiver); }

int clinux_vrrp_receive(
    int fd, int family_bits, struct clinux_receiver *receiver, struct clinux_packet *packets,
    int limit) {
    if (limit > CLINUX_BATCH) limit = CLINUX_BATCH;
    int count = recvmmsg(fd, receiver->headers, (unsigned)limit, MSG_DONTWAIT, NULL);
    if (count < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
    for (int i = 0; i < count; i++) {
        struct clinux_packet *packet = &packets[i];
        memset(packet, 0, sizeof *packet);
        packet->length = receiver->headers[i].msg_len;
        packet->hop_limit = -1;
        read_control(&receiver->headers[i].msg_hdr, packet);
        if (family_bits == 32) read_ipv4_header(packet, receiver->bytes + i * CLINUX_PACKET);
        else packet->source = address6(&receiver->names[i].sin6_addr);
        make_ready(receiver, i);
    }
    return count;
}

#define SEND_BATCH 64

// Room for in6_pktinfo, which is larger than in_pktinfo, and a hop limit.
struct packet_control {
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))]
        __attribute__((aligned(8)));
};

static void put_control(
    struct msghdr *header, struct packet_control *control, int level, int type, const void *data,
    unsigned length) {
    header->msg_control = control->bytes;
    header->msg_controllen = CMSG_SPACE(length);
    struct cmsghdr *part = CMSG_FIRSTHDR(header);
    part->cmsg_level = level;
    part->cmsg_type = type;
    part->cmsg_len = CMSG_LEN(length);
    memcpy(CMSG_DATA(part), data, length);
}

static void prepare_ipv4(
    const struct clinux_outgoing *message, struct msghdr *header, struct sockaddr_in6 *name,
    struct packet_control *control) {
    struct sockaddr_in *address = (struct sockaddr_in *)name;
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    put_address4(message->destination, &address->sin_addr);
    header->msg_namelen = sizeof *address;
    // The source is in the header that we wrote; only the way out is said here.
    struct in_pktinfo info = {.ipi_ifindex = message->interface_index};
    put_control(header, control, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
}

static void prepare_ipv6(
    const struct clinux_outgoing *message, struct msghdr *header, struct sockaddr_in6 *name,
    struct packet_control *control) {
    memset(name, 0, sizeof *name);
    memset(control, 0, sizeof *control);
    name->sin6_family = AF_INET6;
    put_address6(message->destination, &name->sin6_addr);
    name->sin6_scope_id = (uint32_t)message->interface_index;
    header->msg_namelen = sizeof *name;
    struct in6_pktinfo info = {.ipi6_ifindex = (unsigned)message->interface_index};
    put_address6(message->source, &info.ipi6_addr);
    put_control(header, control, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    header->msg_controllen = sizeof control->bytes;
    struct cmsghdr *part = CMSG_NXTHDR(header, CMSG_FIRSTHDR(header));
    part->cmsg_level = IPPROTO_IPV6;
    part->cmsg_type = IPV6_HOPLIMIT;
    part->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(part), &message->hop_limit, sizeof(int));
}

// Sends what was prepared. A link that is down ends sendmmsg early, without an errno.
static int send_prepared(int fd, struct mmsghdr *headers, int count, int *error) {
    int done = 0, failed = 0;
    while (done < count) {
        errno = 0;
        int sent = sendmmsg(fd, headers + done, (unsigned)(count - done), MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent > 0) done += sent;
        if (done == count || sent > 0) continue;
        if (failed++ == 0) *error = errno;
        done++;
    }
    return failed;
}

static int send_run(
    const struct clinux_outgoing *messages, int count, const uint8_t *bytes, int *error) {
    struct mmsghdr headers[SEND_BATCH];
    struct iovec parts[SEND_BATCH];
    struct sockaddr_in6 names[SEND_BATCH];
    struct packet_control control[SEND_BATCH];
    memset(headers, 0, sizeof headers[0] * (unsigned)count);
    for (int i = 0; i < count; i++) {
        struct msghdr *header = &headers[i].msg_hdr;
        parts[i] = (struct iovec){(void *)(bytes + messages[i].offset), messages[i].length};
        header->msg_iov = &parts[i];
        header->msg_iovlen = 1;
        header->msg_name = &names[i];
        if (messages[i].family_bits == 32) prepare_ipv4(&messages[i], header, &names[i], &control[i]);
        else prepare_ipv6(&messages[i], header, &names[i], &control[i]);
    }
    return send_prepared(messages[0].fd, headers, count, error);
}

int clinux_vrrp_send(
    const struct clinux_outgoing *messages, int count, const uint8_t *bytes, int *error) {
    int failed = 0, first = 0;
    *error = 0;
    while (first < count) {
        int run = 1;
        while (first + run < count && run < SEND_BATCH
               && messages[first + run].fd == messages[first].fd)
            run++;
        int code = 0, lost = send_run(messages + first, run, bytes, &code);
        if (lost > 0 && failed == 0) *error = code;
        failed += lost;
        first += run;
    }
    return failed;
}

int clinux_frame_socket(void) {
    // Protocol 0: nothing is ever received.
    return socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int send_frames(
    int fd, const struct clinux_frame *frames, int count, const uint8_t *bytes) {
    struct mmsghdr headers[SEND_BATCH];
    struct iovec parts[SEND_BATCH];
    struct sockaddr_ll names[SEND_BATCH];
    memset(headers, 0, sizeof headers[0] * (unsigned)count);
    memset(names, 0, sizeof names[0] * (unsigned)count);
    for (int i = 0; i < count; i++) {
        const uint8_t *frame = bytes + frames[i].offset;
        parts[i] = (struct iovec){(void *)frame, frames[i].length};
        names[i].sll_family = AF_PACKET;
        names[i].sll_ifindex = frames[i].interface_index;
        names[i].sll_halen = ETH_ALEN;
        memcpy(&names[i].sll_protocol, frame + 12, 2);
        memcpy(names[i].sll_addr, frame, ETH_ALEN);
        headers[i].msg_hdr = (struct msghdr){
            .msg_name = &names[i], .msg_namelen = sizeof names[i],
            .msg_iov = &parts[i], .msg_iovlen = 1};
    }
    int error = 0;
    return send_prepared(fd, headers, count, &error);
}

int clinux_frames_send(
    int fd, const struct clinux_frame *frames, int count, const uint8_t *bytes) {
    int failed = 0;
    for (int first = 0; first < count; first += SEND_BATCH) {
        int run = count - first < SEND_BATCH ? count - first : SEND_BATCH;
        failed += send_frames(fd, frames + first, run, bytes);
    }
    return failed;
}
