#define _GNU_SOURCE
#include "clinux_probe.h"
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ICMP_FILTER_OPTION 1

static socklen_t name_of(
    struct sockaddr_storage *name, int family_bits, struct clinux_address address, uint16_t port) {
    memset(name, 0, sizeof *name);
    if (family_bits == 32) {
        struct sockaddr_in *v4 = (struct sockaddr_in *)name;
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        v4->sin_addr.s_addr = htonl((uint32_t)address.low);
        return sizeof *v4;
    }
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)name;
    uint64_t halves[2] = {htobe64(address.high), htobe64(address.low)};
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    memcpy(&v6->sin6_addr, halves, sizeof halves);
    return sizeof *v6;
}

int clinux_connect(int family_bits, struct clinux_address address, uint16_t port) {
    struct sockaddr_storage name;
    socklen_t length = name_of(&name, family_bits, address, port);
    int fd = socket(name.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (connect(fd, (struct sockaddr *)&name, length) == 0 || errno == EINPROGRESS) return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int clinux_connect_error(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0 ? errno : error;
}

long clinux_send(int fd, const uint8_t *bytes, unsigned long length) {
    return send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int clinux_echo_socket(int family_bits) {
    int v4 = family_bits == 32;
    int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
        v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
    if (fd < 0) return -1;
    if (v4) {
        uint32_t refused = ~(1U << ICMP_ECHOREPLY);
        setsockopt(fd, SOL_RAW, ICMP_FILTER_OPTION, &refused,
            sizeof refused);
    } else {
        uint32_t refused[8];
        memset(refused, 0xff, sizeof refused);
        refused[ICMP6_ECHO_REPLY >> 5] &= ~(1U << (ICMP6_ECHO_REPLY & 31));
        setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, refused, sizeof refused);
    }
    return fd;
}

static uint16_t sum(const uint8_t *bytes, int length) {
    uint32_t total = 0;
    for (int i = 0; i + 1 < length; i += 2) total += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    while (total >> 16) total = (total & 0xffff) + (total >> 16);
    return (uint16_t)~total;
}

static void put(uint8_t *place, uint16_t value) {
    place[0] = (uint8_t)(value >> 8);
    place[1] = (uint8_t)value;
}

int clinux_echo_send(
    int fd, int family_bits, struct clinux_address address, uint16_t identifier,
    uint16_t sequence) {
    // Type, code, checksum, identifier, sequence, and a few bytes as ping sends them.
    uint8_t message[24] = {family_bits == 32 ? ICMP_ECHO : ICMP6_ECHO_REQUEST};
    put(message + 4, identifier);
    put(message + 6, sequence);
    if (family_bits == 32) put(message + 2, sum(message, sizeof message));
    struct sockaddr_storage name;
    socklen_t length = name_of(&name, family_bits, address, 0);
    ssize_t sent = sendto(
        fd, message, sizeof message, MSG_DONTWAIT, (struct sockaddr *)&name, length);
    return sent < 0 ? -1 : 0;
}

static struct clinux_address address_of(const struct sockaddr_storage *name) {
    struct clinux_address address = {0};
    if (name->ss_family == AF_INET) {
        address.low = ntohl(((const struct sockaddr_in *)name)->sin_addr.s_addr);
        return address;
    }
    uint64_t halves[2];
    memcpy(halves, &((const struct sockaddr_in6 *)name)->sin6_addr, sizeof halves);
    address.high = be64toh(halves[0]);
    address.low = be64toh(halves[1]);
    return address;
}

int clinux_echo_receive(
    int fd, int family_bits, uint16_t identifier, uint16_t *sequence,
    struct clinux_address *sender) {
    for (;;) {
        uint8_t bytes[2048];
        struct sockaddr_storage from = {0};
        socklen_t size = sizeof from;
        ssize_t length = recvfrom(
            fd, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
        if (length < 0) return 0;
        // Only IPv4 shows its header.
        ssize_t start = family_bits == 32 ? (bytes[0] & 15) * 4 : 0;
        if (length < start + 8) continue;
        const uint8_t *message = bytes + start;
        if (message[0] != (family_bits == 32 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY)) continue;
        if ((message[4] << 8 | message[5]) != identifier) continue;
        *sequence = (uint16_t)(message[6] << 8 | message[7]);
        *sender = address_of(&from);
        return 1;
    }
}

int clinux_drop_everything(uint32_t user, uint32_t group) {
    if (geteuid() == 0) {
        if (setgroups(0, NULL) < 0) return -1;
        if (setresgid(group, group, group) < 0) return -1;
        if (setresuid(user, user, user) < 0) return -1;
    }
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {0};
    if (syscall(SYS_capset, &header, none) < 0) return -1;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
