/* In the static build: no name is ever looked up. libnl refers to these for texts that nobody asks
 * it for; with the C library's own come its resolver, its name service and its dynamic loader. */
#ifdef MARTLET_STATIC

#include <netdb.h>
#include <stddef.h>

int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict result) {
    (void)node, (void)service, (void)hints, (void)result;
    return EAI_FAIL;
}

void freeaddrinfo(struct addrinfo *list) { (void)list; }

struct protoent *getprotobyname(const char *name) {
    (void)name;
    return NULL;
}

struct protoent *getprotobynumber(int number) {
    (void)number;
    return NULL;
}

#endif
