#define _GNU_SOURCE
#include "clinux_event.h"

#include <string.h>
#include <unistd.h>

const char *clinux_error_text(int code) {
    const char *text = strerror(code);
    return text ? text : "unknown error";
}

void clinux_close(int fd) {
    close(fd);
}
