/* native.h - what a C program may do to the native host. */
#ifndef JANK_HOST_NATIVE_H
#define JANK_HOST_NATIVE_H

#include <stdbool.h>
#include <stddef.h>

/* When set, gets all output instead of stdout (1) and stderr (2). */
extern void (*host_write_hook)(int stream, const char *text, size_t n);
/* Gets what is given to tap>, when the host wants it. */
extern void (*host_tap_hook)(const char *text, size_t n);
/* When set, says whether what runs is to be interrupted. */
extern bool (*host_poll_hook)(void);

#endif
