#define _GNU_SOURCE
#include "clinux_process.h"
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int argument_count;
static char **arguments;
static char **environment;

// glibc hands the arguments to constructors: there is no other way to them without Foundation.
__attribute__((constructor)) static void keep_arguments(int argc, char **argv, char **envp) {
    argument_count = argc;
    arguments = argv;
    environment = envp;
}

int clinux_argument_count(void) { return argument_count; }

const char *clinux_argument(int index) {
    return index >= 0 && index < argument_count ? arguments[index] : NULL;
}

const char *clinux_environment(int index) {
    for (int i = 0; environment && environment[i]; i++)
        if (i == index) return environment[i];
    return NULL;
}

int clinux_pid(void) { return getpid(); }
int clinux_parent_pid(void) { return getppid(); }
int clinux_user(void) { return (int)geteuid(); }
int clinux_fork(void) { return fork(); }
void clinux_exit(int status) { _exit(status); }
int clinux_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
int clinux_kill(int pid, int signal) { return kill(pid, signal); }
int clinux_group(int pid) { return getpgid(pid); }
void clinux_set_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

static int outcome(int result) { return result < 0 ? -errno : 0; }

int clinux_set_niceness(int pid, int niceness) {
    return outcome(setpriority(PRIO_PROCESS, (id_t)pid, niceness));
}

int clinux_set_real_time(int pid, int priority) {
    struct sched_param parameters = {.sched_priority = priority};
    return outcome(sched_setscheduler(pid, SCHED_RR | SCHED_RESET_ON_FORK, &parameters));
}

int clinux_real_time_priority(int pid) {
    struct sched_param parameters = {0};
    int policy = sched_getscheduler(pid);
    if (policy < 0 || sched_getparam(pid, &parameters) != 0) return 0;
    policy &= ~SCHED_RESET_ON_FORK;
    return policy == SCHED_RR || policy == SCHED_FIFO ? parameters.sched_priority : 0;
}

int clinux_limit_real_time(int pid, unsigned long microseconds) {
    struct rlimit limit = {microseconds, microseconds};
    return outcome(prlimit(pid, RLIMIT_RTTIME, &limit, NULL));
}

int clinux_set_processors(int pid, const int *processors, int count) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int i = 0; i < count; i++)
        if (processors[i] >= 0 && processors[i] < CPU_SETSIZE) CPU_SET(processors[i], &set);
    return outcome(sched_setaffinity(pid, sizeof set, &set));
}

int clinux_lock_memory(void) {
    const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    int flags = MCL_CURRENT | MCL_FUTURE;
    // Under a limit every later allocation would fail at some point: then only what is there now.
    if (setrlimit(RLIMIT_MEMLOCK, &unlimited) < 0) flags = MCL_CURRENT;
    return outcome(mlockall(flags));
}

void clinux_umask(int mask) { umask((mode_t)mask); }

static int wait_for(int pid, int *status, int flags) {
    int raw = 0, result;
    do result = waitpid(pid, &raw, flags);
    while (result < 0 && errno == EINTR);
    *status = WIFSIGNALED(raw) ? 256 + WTERMSIG(raw) : WEXITSTATUS(raw);
    return result;
}

int clinux_reap(int pid, int *status) { return wait_for(pid, status, WNOHANG); }
int clinux_wait(int pid, int *status) { return wait_for(pid, status, 0); }

static int null_streams(void) {
    int fd = open("/dev/null", O_RDWR);
    if (fd < 0) return -1;
    for (int stream = 0; stream < 3; stream++)
        if (dup2(fd, stream) < 0) return -1;
    if (fd > 2) close(fd);
    return 0;
}

int clinux_daemonize(void) {
    int pid = fork();
    if (pid < 0) return -1;
    if (pid > 0) _exit(0);
    if (setsid() < 0) return -1;
    pid = fork();
    if (pid < 0) return -1;
    if (pid > 0) _exit(0);
    if (chdir("/") < 0) return -1;
    return null_streams();
}

void clinux_close_from(int first, int keep) {
    if (keep < first) {
        syscall(SYS_close_range, first, ~0U, 0);
        return;
    }
    if (keep > first) syscall(SYS_close_range, first, keep - 1, 0);
    syscall(SYS_close_range, keep + 1, ~0U, 0);
}

void clinux_close_between(int first, int last) {
    if (first <= last) syscall(SYS_close_range, first, last, 0);
}

int clinux_duplicate(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 3); }

int clinux_allow_core_dumps(void) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    return setrlimit(RLIMIT_CORE, &limit);
}

int clinux_host_name(char *name, unsigned long size) {
    if (gethostname(name, size) < 0) return -1;
    name[size - 1] = 0;
    return (int)strlen(name);
}

// The soft limit of descriptors that this process was started with; 0: it still has that.
static rlim_t first_descriptor_limit;

int clinux_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -1;
    if (first_descriptor_limit == 0) first_descriptor_limit = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit);
}

// Commands may use select(2), or close every descriptor that they might have.
static void restore_descriptor_limit(void) {
    struct rlimit limit;
    if (first_descriptor_limit == 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
    if (first_descriptor_limit >= limit.rlim_cur) return;
    limit.rlim_cur = first_descriptor_limit;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int clinux_set_namespace(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    int result = setns(fd, CLONE_NEWNET);
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

// In the child, between fork and exec: system calls only. Gives an errno.
static int become(const struct clinux_command *command) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int signal = 1; signal < 32; signal++) {
        struct sigaction action = {.sa_handler = SIG_DFL};
        sigaction(signal, &action, NULL);
    }
    if (setpgid(0, 0) < 0) return errno;
    int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (score >= 0) {
        ssize_t ignored = write(score, "0", 1);
        (void)ignored;
        close(score);
    }
    if (null_streams() < 0) return errno;
    if (command->input >= 0 && dup2(command->input, 0) < 0) return errno;
    for (int stream = 1; stream < 3 && command->output >= 0; stream++)
        if (dup2(command->output, stream) < 0) return errno;
    // From here on only low numbers are needed.
    restore_descriptor_limit();
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (geteuid() != 0) return 0;
    gid_t group = command->group;
    if (setgroups(1, &group) < 0) return errno;
    if (setresgid(command->group, command->group, command->group) < 0) return errno;
    if (setresuid(command->user, command->user, command->user) < 0) return errno;
    return 0;
}

static void report(int fd, int error) {
    ssize_t ignored = write(fd, &error, sizeof error);
    (void)ignored;
    _exit(127);
}

static void execute(const struct clinux_command *command, int error_pipe) {
    int error = become(command);
    if (error) report(error_pipe, error);
    if (dup2(error_pipe, 3) < 0) report(error_pipe, errno);
    fcntl(3, F_SETFD, FD_CLOEXEC);
    syscall(SYS_close_range, 4, ~0U, 0);
    execve(command->path, (char *const *)command->arguments, (char *const *)command->environment);
    if (errno != ENOEXEC) report(3, errno);
    // No program the kernel knows and no "#!": a shell script, as ever.
    int count = 0;
    while (command->arguments[count]) count++;
    const char *shell[count + 2];
    shell[0] = "/bin/sh";
    shell[1] = command->path;
    for (int i = 1; i <= count; i++) shell[i + 1] = command->arguments[i];
    execve("/bin/sh", (char *const *)shell, (char *const *)command->environment);
    report(3, errno);
}

int clinux_spawn(const struct clinux_command *command) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    int pid = fork();
    if (pid == 0) execute(command, ends[1]);
    int fork_error = errno;
    close(ends[1]);
    int error = 0;
    ssize_t size = pid > 0 ? read(ends[0], &error, sizeof error) : 0;
    close(ends[0]);
    if (pid < 0) {
        errno = fork_error;
        return -1;
    }
    if (size == sizeof error) {
        waitpid(pid, NULL, 0);
        errno = error;
        return -1;
    }
    return pid;
}

#define KEPT_CAPABILITIES (1U << CAP_NET_ADMIN | 1U << CAP_NET_RAW)

static int set_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {0};
    data[0].effective = KEPT_CAPABILITIES;
    data[0].permitted = KEPT_CAPABILITIES;
    return (int)syscall(SYS_capset, &header, data);
}

static int drop_bounding_set(void) {
    for (int capability = 0; capability < 64; capability++) {
        if (capability < 32 && KEPT_CAPABILITIES & 1U << capability) continue;
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0 && errno != EINVAL) return -1;
    }
    return 0;
}

int clinux_drop_privileges(uint32_t user, uint32_t group, int *step) {
    *step = 1;
    if (geteuid() == 0 && user != 0) {
        if (setgroups(0, NULL) < 0) return -1;
        *step = 2;
        if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) return -1;
    }
    *step = 3;
    if (geteuid() == 0 && drop_bounding_set() < 0) return -1;
    if (geteuid() == 0 && user != 0) {
        *step = 4;
        if (setresgid(group, group, group) < 0) return -1;
        *step = 5;
        if (setresuid(user, user, user) < 0) return -1;
    }
    *step = 6;
    if (set_capabilities() < 0) return -1;
    *step = 7;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int clinux_may_network(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {0};
    if (syscall(SYS_capget, &header, data) < 0) return 0;
    return (data[0].effective & KEPT_CAPABILITIES) == KEPT_CAPABILITIES;
}

int clinux_die_with_parent(int parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) < 0) return -1;
    return getppid() == parent ? 0 : -1;
}

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__i386__)
#define ARCHITECTURE AUDIT_ARCH_I386
#elif defined(__arm__)
#define ARCHITECTURE AUDIT_ARCH_ARM
#elif defined(__riscv)
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#endif

#define DENY(name) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), \
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

int clinux_forbid_processes(void) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef __x86_64__
        // The x32 calls have numbers of their own.
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
#endif
        DENY(clone), DENY(clone3),
#ifdef __NR_fork
        DENY(fork), DENY(vfork),
#endif
        DENY(execve), DENY(execveat), DENY(ptrace), DENY(process_vm_readv),
        DENY(process_vm_writev), DENY(setuid), DENY(setgid), DENY(setreuid), DENY(setregid),
        DENY(setresuid), DENY(setresgid), DENY(setgroups), DENY(setns), DENY(unshare),
        DENY(mount), DENY(umount2), DENY(pivot_root), DENY(chroot), DENY(init_module),
        DENY(finit_module), DENY(delete_module), DENY(kexec_load), DENY(bpf),
        DENY(perf_event_open), DENY(keyctl), DENY(add_key), DENY(request_key), DENY(swapon),
        DENY(swapoff), DENY(reboot), DENY(settimeofday), DENY(clock_settime), DENY(acct),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

int clinux_memory_file(const char *name) {
    return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

int clinux_seal(int fd) {
    return fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

void *clinux_shared_memory(unsigned long size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

uint64_t clinux_load(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }

void clinux_store(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

int clinux_channel(int *descriptors) {
    return socketpair(
        AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, descriptors);
}

int clinux_channel_send(int fd, const uint8_t *bytes, unsigned long length, int descriptor) {
    char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = {0};
    struct iovec part = {(void *)bytes, length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -1 : 0;
}

long clinux_channel_receive(int fd, uint8_t *bytes, unsigned long size, int *descriptor) {
    char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
    struct iovec part = {bytes, size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
        .msg_controllen = sizeof control};
    *descriptor = -1;
    long length = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (length < 0) return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
        memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
    return length;
}

int clinux_datagram_socket(void) {
    return socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int clinux_datagram_send(int fd, const char *path, const uint8_t *bytes, unsigned long length) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t size = strlen(path);
    if (size >= sizeof name.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name.sun_path, path, size);
    if (name.sun_path[0] == '@') name.sun_path[0] = 0;
    socklen_t whole = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    ssize_t sent = sendto(
        fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&name, whole);
    return sent < 0 ? -1 : 0;
}

void clinux_local_time(char *text, unsigned long size) {
    time_t now = time(NULL);
    struct tm parts;
    localtime_r(&now, &parts);
    strftime(text, size, "%b %e %H:%M:%S", &parts);
}

void clinux_local_time_of(int64_t seconds, char *text, unsigned long size) {
    time_t time = seconds;
    struct tm parts;
    if (localtime_r(&time, &parts) == NULL || strftime(text, size, "%F %T", &parts) == 0) text[0] = 0;
}

int clinux_write_now(int fd, const uint8_t *bytes, unsigned long length) {
    struct pollfd ready = {fd, POLLOUT, 0};
    if (poll(&ready, 1, 0) != 1 || !(ready.revents & POLLOUT)) return -1;
    return write(fd, bytes, length) < 0 ? -1 : 0;
}

int clinux_open_read(const char *path) { return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); }

int clinux_open_log(const char *path) {
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
}

int clinux_create(const char *path, int mode) {
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
}

int clinux_lock_file(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) return -1;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int clinux_truncate(int fd) { return ftruncate(fd, 0); }
long clinux_file_size(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 && status.st_size > 0 ? status.st_size : 0;
}

long clinux_read(int fd, uint8_t *bytes, unsigned long size) { return read(fd, bytes, size); }

long clinux_write(int fd, const uint8_t *bytes, unsigned long length) {
    return write(fd, bytes, length);
}

int clinux_rewind(int fd) { return lseek(fd, 0, SEEK_SET) < 0 ? -1 : 0; }

long clinux_read_at(int fd, uint8_t *bytes, unsigned long size, long offset) {
    return pread(fd, bytes, size, offset);
}
int clinux_rename(const char *from, const char *to) { return rename(from, to); }
int clinux_unlink(const char *path) { return unlink(path); }
int clinux_make_directory(const char *path) { return mkdir(path, 0755); }

int clinux_open_fifo(const char *path, uint32_t user, uint32_t group, int *made) {
    *made = 0;
    if (mkfifo(path, 0644) == 0) {
        *made = 1;
        if (lchown(path, user, group) < 0) return -1;
    } else if (errno != EEXIST) {
        return -1;
    }
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return -1;
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode)) return fd;
    close(fd);
    errno = EINVAL;
    return -1;
}

int clinux_is_at(int descriptor, const char *path) {
    struct stat here, there;
    return fstat(descriptor, &here) == 0 && lstat(path, &there) == 0
        && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

static int fill(int result, const struct stat *from, struct clinux_status *to) {
    if (result < 0) return -1;
    *to = (struct clinux_status){from->st_uid, from->st_gid, from->st_mode,
        from->st_mtim.tv_sec * 1000000000LL + from->st_mtim.tv_nsec};
    return 0;
}

int clinux_status(const char *path, struct clinux_status *status) {
    struct stat raw;
    return fill(lstat(path, &raw), &raw, status);
}

int clinux_target_status(const char *path, struct clinux_status *status) {
    struct stat raw;
    return fill(stat(path, &raw), &raw, status);
}

// Effective ids and groups only, given back at once: root asks as somebody else would. System calls
// instead of the library's functions: those change every thread.
int clinux_may_execute(const char *path, unsigned user, unsigned group) {
    gid_t kept[64], as = group;
    uid_t own_user = geteuid();
    gid_t own_group = getegid();
    if (own_user != 0 || user == 0) return access(path, X_OK);
    int count = getgroups(64, kept);
    if (count < 0 || syscall(SYS_setgroups, 1, &as) < 0) return 0;
    int result = syscall(SYS_setresgid, -1, group, -1) == 0 &&
                         syscall(SYS_setresuid, -1, user, -1) == 0
                     ? faccessat(AT_FDCWD, path, X_OK, AT_EACCESS)
                     : 0;
    int error = errno;
    if (syscall(SYS_setresuid, -1, own_user, -1) < 0 ||
        syscall(SYS_setresgid, -1, own_group, -1) < 0 || syscall(SYS_setgroups, count, kept) < 0)
        _exit(127);
    errno = error;
    return result;
}

int clinux_open_step(int from, const char *name) {
    return openat(from < 0 ? AT_FDCWD : from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

int clinux_step_status(int fd, struct clinux_status *status) {
    struct stat raw;
    return fill(fstat(fd, &raw), &raw, status);
}

long clinux_step_link(int fd, uint8_t *bytes, unsigned long size) {
    return readlinkat(fd, "", (char *)bytes, size);
}

char *clinux_real_path(const char *path) { return realpath(path, NULL); }
void clinux_free(void *memory) { free(memory); }

int clinux_glob(const char *pattern, void *context, void (*visit)(void *, const char *)) {
    glob_t found;
    int result = glob(pattern, GLOB_BRACE, NULL, &found);
    if (result != 0) return result == GLOB_NOMATCH ? 0 : -1;
    for (size_t i = 0; i < found.gl_pathc; i++) visit(context, found.gl_pathv[i]);
    globfree(&found);
    return 0;
}
