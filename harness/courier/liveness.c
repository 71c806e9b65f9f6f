/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * pidfds, and a look into /proc to be sure that the pid still means the process that was meant. No
 * state of its own.
 */
#include "harness/courier/liveness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

bool liveness_maps(uint32_t pid, const char *file_name)
{
    char path[64];
    char line[512];
    bool is_found = false;
    FILE *maps;

    snprintf(path, sizeof(path), "/proc/%u/maps", pid);
    maps = fopen(path, "re");
    while (maps != NULL && !is_found && fgets(line, sizeof(line), maps) != NULL)
        is_found = strstr(line, file_name) != NULL;
    if (maps != NULL)
        fclose(maps);
    return is_found;
}

/* Returns the text behind "PID (NAME) ": the name may hold anything, but the last ')' is its end.
 */
static const char *read_stat(uint32_t pid, char *text, size_t size)
{
    char path[64];
    const char *end;
    ssize_t n_read;
    int file;

    snprintf(path, sizeof(path), "/proc/%u/stat", pid);
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return NULL;
    n_read = read(file, text, size - 1);
    close(file);
    if (n_read <= 0)
        return NULL;
    text[n_read] = 0;
    end = strrchr(text, ')');
    return end != NULL && end[1] == ' ' ? end + 2 : NULL;
}

/* Start time of a process, CLOCK_BOOTTIME, in whole ticks; 0 unknown. proc(5): field 22. */
static uint64_t read_start_ns(uint32_t pid)
{
    char text[1024];
    const char *field = read_stat(pid, text, sizeof(text));
    long ticks_per_s = sysconf(_SC_CLK_TCK);

    for (int i = 3; field != NULL && i < 22; i++) {
        field = strchr(field, ' ');
        field = field == NULL ? NULL : field + 1;
    }
    if (field == NULL || ticks_per_s <= 0)
        return 0;
    return strtoull(field, NULL, 10) * (1000000000ull / (uint64_t)ticks_per_s);
}

int liveness_open(uint32_t pid, uint64_t claimed_ns)
{
    uint64_t start_ns;
    int descriptor;
    int result;

    if (pid == 0)
        return -ENOTSUP;
    descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    if (descriptor < 0)
        return errno == ENOSYS ? -ENOTSUP : -errno;
    start_ns = read_start_ns(pid);
    /* Ticks are cut off, so a process never seems to have begun later than it did. */
    if (start_ns != 0 && start_ns <= claimed_ns)
        return descriptor;
    /* Without an entry in /proc: it may be hidden from us, or be reaped in this moment. */
    result = start_ns != 0 || liveness_is_over(descriptor) ? -ESRCH : -ENOTSUP;
    close(descriptor);
    return result;
}

bool liveness_is_over(int descriptor)
{
    struct pollfd poll_one = {.fd = descriptor, .events = POLLIN};

    return poll(&poll_one, 1, 0) == 1 && (poll_one.revents & POLLIN);
}

bool liveness_thread_is_gone(uint32_t pid, uint32_t tid)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%u/task/%u", pid, tid);
    return access(path, F_OK) < 0 && errno == ENOENT && access("/proc/self/stat", F_OK) == 0;
}
