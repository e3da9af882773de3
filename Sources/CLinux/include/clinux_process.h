// Processes, users, shared memory, messages between processes, and files.
#pragma once
#include <stdint.h>

int clinux_argument_count(void);
// Nil beyond the end.
const char *clinux_argument(int index);
const char *clinux_environment(int index);

int clinux_pid(void);
int clinux_parent_pid(void);
int clinux_user(void);
// As fork(2).
int clinux_fork(void);
void clinux_exit(int status) __attribute__((noreturn));
int clinux_pidfd_open(int pid);
// Non-blocking. The pid and in *status its exit code, or 256 + signal; 0: still runs; -1: no child.
int clinux_reap(int pid, int *status);
// The same, but waits.
int clinux_wait(int pid, int *status);
// pid < 0: a process group.
int clinux_kill(int pid, int signal);
// The process group of a process, or -1.
int clinux_group(int pid);
// Detaches from the terminal; the calling process goes on as a grandchild. 0 or -1.
int clinux_daemonize(void);
void clinux_set_name(const char *name);
// How a process runs; 0, or a negated errno.
int clinux_set_niceness(int pid, int niceness);
int clinux_set_real_time(int pid, int priority);
// The real-time priority in force; 0: none.
int clinux_real_time_priority(int pid);
int clinux_limit_real_time(int pid, unsigned long microseconds);
int clinux_set_processors(int pid, const int *processors, int count);
int clinux_lock_memory(void);
// Closes every descriptor from first on but keep (-1: none).
void clinux_close_from(int first, int keep);
void clinux_close_between(int first, int last);
int clinux_duplicate(int descriptor);
void clinux_umask(int mask);
int clinux_allow_core_dumps(void);
int clinux_raise_descriptor_limit(void);
// Its length, or -1.
int clinux_host_name(char *name, unsigned long size);
int clinux_set_namespace(const char *path);

// Everything that exec needs, prepared before the fork: the child may only make system calls.
struct clinux_command {
    const char *path;
    const char *const *arguments;
    const char *const *environment;
    uint32_t user;
    uint32_t group;
    // To be descriptor 0; -1: /dev/null.
    int input;
    // What the command writes goes there; -1: to /dev/null.
    int output;
};
// Starts a command in a process group of its own, with all signals let through, and no descriptor
// but 0, 1 and 2: /dev/null, or for 1 and 2 the output. The pid, or -1 with errno (also that of
// exec).
int clinux_spawn(const struct clinux_command *command);

// Gives up everything but CAP_NET_ADMIN and CAP_NET_RAW; user 0 is kept. 0, or -1 with errno and
// in *step the number of the step that failed.
int clinux_drop_privileges(uint32_t user, uint32_t group, int *step);
// Whether CAP_NET_ADMIN and CAP_NET_RAW are there.
int clinux_may_network(void);
// Ends with the parent; -1 if that is gone already.
int clinux_die_with_parent(int parent);
// From here on no new process, no other user, no other program. 0 or -1.
int clinux_forbid_processes(void);

int clinux_memory_file(const char *name);
int clinux_seal(int fd);
// Shared between a process and its children; null on failure.
void *clinux_shared_memory(unsigned long size);
uint64_t clinux_load(const uint64_t *word);
void clinux_store(uint64_t *word, uint64_t value);

// SOCK_SEQPACKET, non-blocking, close-on-exec.
int clinux_channel(int *descriptors);
// descriptor -1: none. 0, or -1 with errno.
int clinux_channel_send(int fd, const uint8_t *bytes, unsigned long length, int descriptor);
// Bytes read; 0: closed; -1 with errno. *descriptor is -1 where none came.
long clinux_channel_receive(int fd, uint8_t *bytes, unsigned long size, int *descriptor);

// An abstract name starts with '@'. A datagram, never waiting. 0, or -1 with errno.
int clinux_datagram_socket(void);
int clinux_datagram_send(int fd, const char *path, const uint8_t *bytes, unsigned long length);
// "Nov 24 03:00:00" in local time; size at least 16.
void clinux_local_time(char *text, unsigned long size);
// "2026-11-25 10:42:08" in local time, of seconds since 1970; size at least 20.
void clinux_local_time_of(int64_t seconds, char *text, unsigned long size);
// Writes if that needs no waiting. 0, or -1.
int clinux_write_now(int fd, const uint8_t *bytes, unsigned long length);

int clinux_open_read(const char *path);
// O_CREAT | O_APPEND.
int clinux_open_log(const char *path);
// O_CREAT | O_EXCL.
int clinux_create(const char *path, int mode);
// Opens or creates a pid file and locks it for this process's life; EWOULDBLOCK: somebody has it.
int clinux_lock_file(const char *path);
int clinux_truncate(int fd);
// In bytes; 0 where the file cannot tell.
long clinux_file_size(int fd);
long clinux_read(int fd, uint8_t *bytes, unsigned long size);
long clinux_write(int fd, const uint8_t *bytes, unsigned long length);
int clinux_rewind(int fd);
/// The descriptor's own position, which processes share, does not matter and stays.
long clinux_read_at(int fd, uint8_t *bytes, unsigned long size, long offset);
int clinux_rename(const char *from, const char *to);
int clinux_unlink(const char *path);
int clinux_make_directory(const char *path);
// O_RDWR | O_NONBLOCK of a FIFO, made if it is not there (*made). -1 with errno.
int clinux_open_fifo(const char *path, uint32_t user, uint32_t group, int *made);
// 1 where the path leads to what the descriptor is of.
int clinux_is_at(int descriptor, const char *path);

struct clinux_status {
    uint32_t user;
    uint32_t group;
    // S_IF… and permissions.
    uint32_t mode;
    // Nanoseconds since 1970.
    int64_t modified;
};
// Does not follow a symbolic link. 0 or -1 with errno.
int clinux_status(const char *path, struct clinux_status *status);
// As clinux_status, but of what a link leads to.
int clinux_target_status(const char *path, struct clinux_status *status);
// Opens one component of a path, a link itself included, only to look at it; from -1: the root.
int clinux_open_step(int from, const char *name);
int clinux_step_status(int fd, struct clinux_status *status);
// 0 where that user, with that group alone, may execute it (or it cannot be found out).
int clinux_may_execute(const char *path, unsigned user, unsigned group);
// What a link says: its length, or -1 with errno.
long clinux_step_link(int fd, uint8_t *bytes, unsigned long size);
// The path without symbolic links, to be freed; null with errno.
char *clinux_real_path(const char *path);
void clinux_free(void *memory);
// Calls visit for every match.
int clinux_glob(const char *pattern, void *context, void (*visit)(void *, const char *));
