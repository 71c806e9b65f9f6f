/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Making and checking session directories. No state; libc only; nothing allocates.
 */
#include "sdk/spool/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int session_bases(int (*visit)(const char *base, void *context), void *context)
{
    const char *bases[] = {getenv("LASTWORD_DIR"), "/dev/shm", getenv("XDG_RUNTIME_DIR"),
                           getenv("TMPDIR"), "/tmp"};
    int result = 0;

    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]) && result == 0; i++) {
        if (bases[i] && bases[i][0] == '/')
            result = visit(bases[i], context);
    }
    return result;
}

/* Appends text to a path of SESSION_PATH_SIZE bytes. */
static int append(char *path, const char *text)
{
    size_t used = strlen(path);
    size_t size = strlen(text);

    if (used + size >= SESSION_PATH_SIZE)
        return -ENAMETOOLONG;
    memcpy(path + used, text, size + 1);
    return 0;
}

/* Appends `value` in `base` (10 or 16), at least `width` digits: snprintf is not async-signal-safe.
 */
static int append_number(char *path, uint64_t value, unsigned base, unsigned width)
{
    char digits[32];
    char *at = digits + sizeof(digits) - 1;
    unsigned n = 0;

    *at = 0;
    do {
        *--at = "0123456789abcdef"[value % base];
        value /= base;
        n++;
    } while (value || n < width);
    return append(path, at);
}

int session_parent(const char *base, char *path)
{
    int result;

    path[0] = 0;
    result = append(path, base);
    if (result == 0)
        result = append(path, "/lastword-");
    return result < 0 ? result : append_number(path, geteuid(), 10, 1);
}

/* Is what stands there a directory of ours that nobody else may enter? */
static int check_private(int directory)
{
    struct stat status;

    /* fstat, which would have the kernel read such an empty string from a page of libc's */
    if (fstatat(directory, "", &status, AT_EMPTY_PATH) < 0)
        return -errno;
    if (!S_ISDIR(status.st_mode))
        return -ENOTDIR;
    if (status.st_uid != geteuid() && geteuid() != 0)
        return -EPERM;
    return status.st_mode & 077 ? -EPERM : 0;
}

static int open_private(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int result;

    if (directory < 0)
        return -errno;
    result = check_private(directory);
    if (result == 0)
        return directory;
    close(directory);
    return result;
}

int session_open(const char *path)
{
    if (path[0] != '/')
        return -EINVAL;
    if (strlen(path) >= SESSION_PATH_SIZE)
        return -ENAMETOOLONG;
    return open_private(path);
}

/* Time first, so that sessions sort by age; random last, so that two never meet. */
static int append_id(char *path)
{
    struct timespec now;
    uint32_t random;
    int result;

    clock_gettime(CLOCK_REALTIME, &now);
    if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
        random = (uint32_t)now.tv_nsec ^ (uint32_t)getpid() << 16;
    result = append(path, "/");
    if (result == 0)
        result = append_number(path, (uint64_t)now.tv_sec, 16, 8);
    return result < 0 ? result : append_number(path, random, 16, 8);
}

struct attempt {
    char *path;
    int error;
};

/* Returns 1 when the session was made, 0 to try the next base. */
static int try_base(const char *base, void *context)
{
    struct attempt *attempt = context;
    int directory;

    attempt->error = session_parent(base, attempt->path);
    if (attempt->error < 0)
        return 0;
    if (mkdir(attempt->path, 0700) < 0 && errno != EEXIST) {
        attempt->error = -errno;
        return 0;
    }
    directory = open_private(attempt->path);
    if (directory < 0) {
        attempt->error = directory;
        return 0;
    }
    close(directory);
    attempt->error = append_id(attempt->path);
    if (attempt->error == 0 && mkdir(attempt->path, 0700) < 0)
        attempt->error = -errno;
    return attempt->error == 0;
}

int session_create(char *path)
{
    struct attempt attempt = {path, -ENOENT};
    int saved = errno;

    session_bases(try_base, &attempt);
    errno = saved;
    if (attempt.error < 0)
        path[0] = 0;
    return attempt.error;
}
