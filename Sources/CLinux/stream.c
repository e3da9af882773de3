#define _GNU_SOURCE
#include "clinux_stream.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int stream_socket(int flags) {
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
}

// -1 with ENAMETOOLONG where the path does not fit.
static int fill(struct sockaddr_un *address, const char *path) {
    size_t length = strlen(path);
    if (length >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, length + 1);
    return 0;
}

// A socket that nobody listens at. One with a full queue is in use.
static int is_left_over(const struct sockaddr_un *address) {
    struct stat status;
    if (lstat(address->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) return 0;
    int probe = stream_socket(SOCK_NONBLOCK);
    if (probe < 0) return 0;
    int result = connect(probe, (const struct sockaddr *)address, sizeof *address);
    int is_refused = result != 0 && errno == ECONNREFUSED;
    close(probe);
    return is_refused;
}

static int bind_with(int fd, const struct sockaddr_un *address, int mode) {
    mode_t old = umask(0777 & ~(mode_t)mode);
    int result = bind(fd, (const struct sockaddr *)address, sizeof *address);
    int why = errno;
    umask(old);
    errno = why;
    return result;
}

int clinux_stream_listen(const char *path, int mode) {
    struct sockaddr_un address;
    if (fill(&address, path) != 0) return -1;
    int fd = stream_socket(SOCK_NONBLOCK);
    if (fd < 0) return -1;
    int result = bind_with(fd, &address, mode);
    if (result != 0 && errno == EADDRINUSE) {
        if (is_left_over(&address) && unlink(path) == 0) result = bind_with(fd, &address, mode);
        else errno = EADDRINUSE;
    }
    if (result == 0) result = listen(fd, 16);
    if (result == 0) return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

int clinux_stream_accept(int fd) {
    return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static void set_time(int fd, int option, int milliseconds) {
    struct timeval time = {milliseconds / 1000, milliseconds % 1000 * 1000};
    setsockopt(fd, SOL_SOCKET, option, &time, sizeof time);
}

int clinux_stream_connect(const char *path, int seconds) {
    struct sockaddr_un address;
    if (fill(&address, path) != 0) return -1;
    int fd = stream_socket(0);
    if (fd < 0) return -1;
    set_time(fd, SO_SNDTIMEO, seconds * 1000);
    set_time(fd, SO_RCVTIMEO, seconds * 1000);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

void clinux_stream_finish(int fd) { shutdown(fd, SHUT_WR); }

void clinux_stream_set_patience(int fd, int milliseconds) {
    set_time(fd, SO_SNDTIMEO, milliseconds);
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0) fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

// Somebody who was stopped and goes on (^Z, fg) is interrupted while it waits with a timeout.
long clinux_stream_receive(int fd, uint8_t *bytes, unsigned long size) {
    ssize_t count;
    do count = recv(fd, bytes, size, 0);
    while (count < 0 && errno == EINTR);
    return count;
}

long clinux_stream_send(int fd, const uint8_t *bytes, unsigned long length) {
    ssize_t count;
    do count = send(fd, bytes, length, MSG_NOSIGNAL);
    while (count < 0 && errno == EINTR);
    return count;
}
