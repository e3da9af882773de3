// Reference counting for a process with one thread. The small build's runtime counts with atomic
// instructions, which a router without threads pays for at each step; its functions are weak, so
// that these take their place. The standard build's runtime keeps its own.
#ifdef MARTLET_STATIC
#include <stddef.h>
#include <stdint.h>

struct object {
    const struct metadata *metadata;
    // The highest bit says that the memory is not to be freed; all others set: never counted.
    uint64_t count;
};

struct metadata {
    const void *superclass;
    __attribute__((swiftcall)) void (*destroy)(__attribute__((swift_context)) struct object *);
};

static const uint64_t IMMORTAL = INT64_MAX;

// Null and what carries its value in the pointer are not counted.
static int is_counted(const struct object *object) {
    return (intptr_t)object > 0 && (object->count & IMMORTAL) != IMMORTAL;
}

struct object *swift_retain_n(struct object *object, uint32_t times) {
    if (is_counted(object)) object->count += times;
    return object;
}

struct object *swift_retain(struct object *object) { return swift_retain_n(object, 1); }

void swift_release_n(struct object *object, uint32_t times) {
    if (!is_counted(object)) return;
    object->count -= times;
    if (object->count & IMMORTAL) return;
    object->count |= IMMORTAL;
    object->metadata->destroy(object);
}

void swift_release(struct object *object) { swift_release_n(object, 1); }
#endif
