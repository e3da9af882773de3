// HMAC-MD5 and HMAC-SHA256 of libnettle.
#pragma once
#include <stdint.h>

// Room for one digest in the making; null where there is no memory. Freed with clinux_free.
void *clinux_digest_create(void);
void clinux_digest_md5(void *digest, const uint8_t *key, unsigned long length);
void clinux_digest_sha256(void *digest, const uint8_t *key, unsigned long length);
void clinux_digest_add(void *digest, const uint8_t *bytes, unsigned long length);
// The first 16 bytes.
void clinux_digest_finish(void *digest, uint8_t *bytes);
