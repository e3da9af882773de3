// Stream sockets in the file system: one end asks, the other answers.
#pragma once
#include <stdint.h>

// Listens at a path; its file has the mode, whatever the umask. What a dead process left there is
// replaced, a socket that somebody listens at never is: EADDRINUSE. Non-blocking. -1 with errno.
int clinux_stream_listen(const char *path, int mode);
// Non-blocking. -1 with errno.
int clinux_stream_accept(int fd);
// Connects; each later wait of this socket ends after so many seconds. -1 with errno.
int clinux_stream_connect(const char *path, int seconds);
// Nothing more is sent.
void clinux_stream_finish(int fd);
// From now on sending waits, for so many milliseconds at most.
void clinux_stream_set_patience(int fd, int milliseconds);
// Bytes; 0: the other end sends no more; -1 with errno.
long clinux_stream_receive(int fd, uint8_t *bytes, unsigned long size);
// Bytes taken, or -1 with errno; never a signal.
long clinux_stream_send(int fd, const uint8_t *bytes, unsigned long length);
