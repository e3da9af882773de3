// What built-in checks ask of the network.
#pragma once
#include "clinux_packet.h"
#include <stdint.h>

// A TCP connection that is being made: writable when that is decided. -1 with errno.
int clinux_connect(int family_bits, struct clinux_address address, uint16_t port);
// 0 when the connection stands, else its errno.
int clinux_connect_error(int fd);
long clinux_send(int fd, const uint8_t *bytes, unsigned long length);

// A raw socket for ICMP or ICMPv6 that hears echo replies only.
int clinux_echo_socket(int family_bits);
// Asks for an echo. 0, or -1 with errno.
int clinux_echo_send(
    int fd, int family_bits, struct clinux_address address, uint16_t identifier,
    uint16_t sequence);
// The next echo with our identifier: its sequence and sender; 0: none waits.
int clinux_echo_receive(
    int fd, int family_bits, uint16_t identifier, uint16_t *sequence,
    struct clinux_address *sender);

// Gives up every capability and becomes that user. 0, or -1 with errno.
int clinux_drop_everything(uint32_t user, uint32_t group);
