#include "clinux_digest.h"
#include <nettle/hmac.h>
#include <stdlib.h>

struct digest {
    int is_sha256;
    union {
        struct hmac_md5_ctx md5;
        struct hmac_sha256_ctx sha256;
    };
};

void *clinux_digest_create(void) { return calloc(1, sizeof(struct digest)); }

void clinux_digest_md5(void *opaque, const uint8_t *key, unsigned long length) {
    struct digest *digest = opaque;
    digest->is_sha256 = 0;
    hmac_md5_set_key(&digest->md5, length, key);
}

void clinux_digest_sha256(void *opaque, const uint8_t *key, unsigned long length) {
    struct digest *digest = opaque;
    digest->is_sha256 = 1;
    hmac_sha256_set_key(&digest->sha256, length, key);
}

void clinux_digest_add(void *opaque, const uint8_t *bytes, unsigned long length) {
    struct digest *digest = opaque;
    if (digest->is_sha256) hmac_sha256_update(&digest->sha256, length, bytes);
    else hmac_md5_update(&digest->md5, length, bytes);
}

void clinux_digest_finish(void *opaque, uint8_t *bytes) {
    struct digest *digest = opaque;
    if (digest->is_sha256) hmac_sha256_digest(&digest->sha256, 16, bytes);
    else hmac_md5_digest(&digest->md5, 16, bytes);
}
