// SMTP by libcurl, and the two calls that the helper needs of the kernel.
#pragma once
#include <stdint.h>

struct cmail_order {
    const char *server;
    // Decimal.
    const char *port;
    const char *hello;
    const char *authorities;
    const char *user;
    const char *password;
    const char *sender;
    const char *const *recipients;
    const uint8_t *message;
    unsigned long length;
    // Seconds.
    long timeout;
    // 0 none, 1 STARTTLS, 2 TLS from the start.
    int encryption;
};

// 'd' delivered, 'r' refused for good, 'f' failed. In text (size bytes) what there is to say; in
// replies (count bytes) to each recipient the first digit of the server's reply, 0 where none came.
char cmail_send(const struct cmail_order *order, char *text, unsigned long size, uint8_t *replies,
                unsigned long count);

// Gives up whatever an exec could regain. Waits for a message on descriptor 0: its length, 0 at
// the end of the other side.
void cmail_confine(void);
long cmail_receive(uint8_t *bytes, unsigned long size);
void cmail_reply(const uint8_t *bytes, unsigned long length);
