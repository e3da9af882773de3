#define _GNU_SOURCE
#include "clinux_watch.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define INITIAL_NAMESPACE "/proc/1/ns/net"

int clinux_watch_create(void) { return inotify_init1(IN_NONBLOCK | IN_CLOEXEC); }

int clinux_watch_add(int fd, const char *directory) {
    uint32_t mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE
        | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
    return inotify_add_watch(fd, directory, mask);
}

void clinux_watch_read(int fd, void *context, void (*visit)(void *, int, const char *)) {
    char buffer[8192] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t size = read(fd, buffer, sizeof buffer);
    for (ssize_t at = 0; at + (ssize_t)sizeof(struct inotify_event) <= size;) {
        const struct inotify_event *event = (const void *)(buffer + at);
        at += (ssize_t)(sizeof *event + event->len);
        visit(context, event->mask & IN_Q_OVERFLOW ? -1 : event->wd,
            event->len > 0 ? event->name : NULL);
    }
}

static int subscribe(int fd) {
    enum proc_cn_mcast_op operation = PROC_CN_MCAST_LISTEN;
    struct cn_msg message = {.id = {CN_IDX_PROC, CN_VAL_PROC}, .len = sizeof operation};
    struct nlmsghdr header = {
        .nlmsg_len = sizeof header + sizeof message + sizeof operation, .nlmsg_type = NLMSG_DONE};
    struct iovec parts[] = {
        {&header, sizeof header}, {&message, sizeof message}, {&operation, sizeof operation}};
    return writev(fd, parts, 3) < 0 ? -1 : 0;
}

static int listening_socket(void) {
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_CONNECTOR);
    if (fd < 0) return -1;
    int size = 1 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
    if (bind(fd, (struct sockaddr *)&own, sizeof own) == 0 && subscribe(fd) == 0) return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

// Whether the first process of the machine has another network namespace than we (and may be asked).
static int is_in_another_namespace(void) {
    struct stat own, initial;
    if (stat("/proc/self/ns/net", &own) < 0 || stat(INITIAL_NAMESPACE, &initial) < 0) return 0;
    return own.st_ino != initial.st_ino;
}

// In the child that shares our descriptors: puts a listening socket of the initial namespace in the
// spot. 0 or an errno.
static int listen_in_initial(int spot) {
    int space = open(INITIAL_NAMESPACE, O_RDONLY | O_CLOEXEC);
    if (space < 0) return errno;
    int fd = setns(space, CLONE_NEWNET) == 0 ? listening_socket() : -1;
    int error = fd < 0 || dup3(fd, spot, O_CLOEXEC) < 0 ? errno : 0;
    if (fd >= 0) close(fd);
    close(space);
    return error;
}

// The kernel tells only sockets of the initial network namespace. A child goes there, so that we
// never have to find back.
static int socket_in_initial_namespace(void) {
    int spot = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (spot < 0) return -1;
    long child = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
    if (child == 0) _exit(listen_in_initial(spot));
    int status = 0, error = errno;
    if (child > 0) {
        while (waitpid((pid_t)child, &status, 0) < 0 && errno == EINTR) {}
        error = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
    }
    if (child > 0 && error == 0) return spot;
    close(spot);
    errno = error;
    return -1;
}

int clinux_process_events(void) {
    if (is_in_another_namespace()) {
        int fd = socket_in_initial_namespace();
        if (fd >= 0) return fd;
    }
    return listening_socket();
}

// Threads are not processes.
static int change_of(const struct proc_event *event, int *pid) {
    switch (event->what) {
    case PROC_EVENT_NONE:
        return event->event_data.ack.err == 0 ? CLINUX_PROCESS_LISTENING : CLINUX_PROCESS_NONE;
    case PROC_EVENT_FORK:
        if (event->event_data.fork.child_pid != event->event_data.fork.child_tgid) return -1;
        *pid = event->event_data.fork.child_tgid;
        return CLINUX_PROCESS_CHANGED;
    case PROC_EVENT_EXEC:
        *pid = event->event_data.exec.process_tgid;
        return CLINUX_PROCESS_CHANGED;
    case PROC_EVENT_COMM:
        *pid = event->event_data.comm.process_tgid;
        return CLINUX_PROCESS_CHANGED;
    case PROC_EVENT_EXIT:
        if (event->event_data.exit.process_pid != event->event_data.exit.process_tgid) return -1;
        *pid = event->event_data.exit.process_tgid;
        return CLINUX_PROCESS_GONE;
    default:
        return -1;
    }
}

int clinux_process_next(int fd, int *pid) {
    for (;;) {
        char got[1024];
        const size_t start = sizeof(struct nlmsghdr) + sizeof(struct cn_msg);
        struct proc_event event;
        struct sockaddr_nl from = {0};
        socklen_t length = sizeof from;
        ssize_t size = recvfrom(
            fd, got, sizeof got, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
        if (size < 0) return errno == ENOBUFS ? CLINUX_PROCESS_LOST : CLINUX_PROCESS_NONE;
        if (from.nl_pid != 0 || size < (ssize_t)(start + sizeof event)) continue;
        memcpy(&event, got + start, sizeof event);
        int change = change_of(&event, pid);
        if (change >= 0) return change;
    }
}

int clinux_list(const char *directory, void *context, void (*visit)(void *, const char *)) {
    DIR *entries = opendir(directory);
    if (!entries) return -1;
    struct dirent *entry;
    while ((entry = readdir(entries))) visit(context, entry->d_name);
    closedir(entries);
    return 0;
}

int clinux_output_pipe(int *ends) {
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

int clinux_open_write(const char *path, int mode) {
    return open(
        path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode);
}
