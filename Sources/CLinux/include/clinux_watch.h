// What the keeper watches: files and processes.
#pragma once
#include <stdint.h>

// inotify, non-blocking.
int clinux_watch_create(void);
// Watches a directory for files that come, go, or were written. A number, or -1 with errno.
int clinux_watch_add(int fd, const char *directory);
// Reads what happened. For each event visit gets the watch and the file's name (null: the directory
// itself is gone, or events were lost, then with watch -1).
void clinux_watch_read(int fd, void *context, void (*visit)(void *, int, const char *));

enum clinux_process_change {
    CLINUX_PROCESS_NONE = 0,
    // The kernel confirms that events come.
    CLINUX_PROCESS_LISTENING,
    // A process may be another one than before, or new.
    CLINUX_PROCESS_CHANGED,
    CLINUX_PROCESS_GONE,
    // Events were lost.
    CLINUX_PROCESS_LOST,
};
// The kernel's process connector, subscribed to; -1 with errno where there is none.
int clinux_process_events(void);
// The next event, and whom it is about; CLINUX_PROCESS_NONE: none waits.
int clinux_process_next(int fd, int *pid);

// Calls visit for every name in a directory. 0 or -1.
int clinux_list(const char *directory, void *context, void (*visit)(void *, const char *));
// A pipe whose reading end never waits.
int clinux_output_pipe(int *ends);
// Opens for writing, made where it is not there, without following a link; truncated.
int clinux_open_write(const char *path, int mode);
