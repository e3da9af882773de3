// Descriptors, clocks, epoll, timerfd and signalfd. A function that can fail returns the kernel's
// error number negated, so that nobody has to read errno.
#pragma once
#include <errno.h>
#include <stdint.h>

/// The text of an error number; never null.
const char *clinux_error_text(int code);

void clinux_close(int fd);
