// Clocks, epoll, timers and signals.
#pragma once
#include <stdint.h>

int clinux_errno(void);
// The text of an error number; never null.
const char *clinux_error_text(int code);
void clinux_close(int fd);
// Nanoseconds.
int64_t clinux_boot_time(void);
int64_t clinux_monotonic_time(void);
int64_t clinux_real_time(void);

int clinux_epoll_create(void);
// 0, or -1 with errno.
int clinux_epoll_add(int epoll, int fd, uint64_t token);
// To be told when it can be written to.
int clinux_epoll_add_writable(int epoll, int fd, uint64_t token);
int clinux_epoll_remove(int epoll, int fd);
// Fills tokens; how many, or -1 with errno. timeout in milliseconds, -1: none.
int clinux_epoll_wait(int epoll, uint64_t *tokens, int limit, int timeout);

int clinux_timer_create(void);
// Absolute CLOCK_BOOTTIME nanoseconds; 0 disarms.
int clinux_timer_set(int fd, int64_t nanoseconds);
void clinux_timer_acknowledge(int fd);

// Blocks the signals and gives a descriptor that delivers them.
int clinux_signal_queue(const int *signals, int count);
// The next signal, or 0, and in *sender the process that sent it (0: the kernel).
int clinux_signal_next(int fd, int *sender);
