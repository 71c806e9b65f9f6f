/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The C library's output streams. fflush(NULL) waits for any thread that reads a terminal, and for
 * any pipe that nobody reads: so the streams are walked here, one is left out while another thread
 * uses it or it cannot take anything, and all of that for a limited time.
 *
 * Owns `libc`: functions of the program's C library, looked up if somebody asked for this, since
 * the shim itself uses no stdio. Read-only after the constructor.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 * (The C library's lock of its list is taken, which its fork and its exit take as well.)
 */
#include "preload/ending.h"
#include "preload/process.h"
#include "preload/provider.h"
#include "sdk/spool/raw_syscall.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>

#define BEFORE_FORK_MS 100u /* at most, for streams that are in use */
#define AGAIN_NS       1000000

typedef void *iterator;

/* Names of glibc; _IO_iter_* are exported for exactly this walk. */
#define FUNCTIONS                                                                                  \
    X(_IO_list_lock, void, (void))                                                                 \
    X(_IO_list_unlock, void, (void))                                                               \
    X(_IO_iter_begin, iterator, (void))                                                            \
    X(_IO_iter_end, iterator, (void))                                                              \
    X(_IO_iter_next, iterator, (iterator))                                                         \
    X(_IO_iter_file, FILE *, (iterator))                                                           \
    X(ftrylockfile, int, (FILE *))                                                                 \
    X(funlockfile, void, (FILE *))                                                                 \
    X(fileno_unlocked, int, (FILE *))                                                              \
    X(fflush_unlocked, int, (FILE *))                                                              \
    X(__fpending, size_t, (FILE *))                                                                \
    X(__fpurge, void, (FILE *))

static struct {
#define X(name, result, arguments) result(*name) arguments;
    FUNCTIONS
#undef X
} libc;

static bool look_up(const char *name, void *slot)
{
    void *found = dlsym(RTLD_DEFAULT, name);

    memcpy(slot, &found, sizeof(found));
    if (!found)
        dlerror(); /* ours: the program shall not find it */
    return found != NULL;
}

bool stdio_detect(const struct provider_asked *asked)
{
    bool complete = true;

    if (!provider_is_asked(asked, "stdio") && !provider_is_asked(asked, "spdlog"))
        return false;
#define X(name, result, arguments) complete = look_up(#name, &libc.name) && complete;
    FUNCTIONS
#undef X
    provider_note("stdio", complete ? NULL : "another C library than glibc");
    return complete;
}

/* What became of one stream. */
enum visit {
    DONE,
    BUSY, /* try again */
};

/*
 * A pipe that takes a write takes PIPE_BUF bytes, which is a buffer's usual size. Into a pipe
 * without reader nothing is written: that would be a SIGPIPE.
 */
static bool takes(FILE *stream, bool *ret_broken)
{
    struct pollfd wait = {.fd = libc.fileno_unlocked(stream), .events = POLLOUT};
    struct timespec now = {0};

    *ret_broken = false;
    if (wait.fd < 0)
        return true; /* no file: a stream in memory, or the program's own */
    RAW_SYSCALL(SYS_ppoll, &wait, 1, &now, NULL, 0);
    *ret_broken = (wait.revents & (POLLERR | POLLNVAL)) != 0;
    return *ret_broken || (wait.revents & (POLLOUT | POLLHUP)) != 0;
}

/*
 * Whether a write of `size` bytes returns at once, if the file takes any: else it may wait for a
 * reader that is yet to be forked.
 */
static bool fits(int fd, size_t size)
{
    struct stat status;
    int unread = 0;

    if (size <= PIPE_BUF)
        return true;
    if (fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)))
        return true;
    return RAW_SYSCALL(SYS_fcntl, fd, F_GETPIPE_SZ) >= (long)size &&
           RAW_SYSCALL(SYS_ioctl, fd, FIONREAD, &unread) == 0 && unread == 0;
}

/*
 * Whether nothing can go wrong that the watchdog would have to end. A stream without a file is in
 * memory, which the child has too, or calls the program, which may hold a lock.
 */
static bool is_harmless(FILE *stream)
{
    int fd = libc.fileno_unlocked(stream);

    return fd >= 0 && fits(fd, libc.__fpending(stream));
}

static enum visit flush_one(FILE *stream)
{
    enum visit result = BUSY;
    bool broken;

    if (libc.__fpending(stream) == 0)
        return DONE; /* also one in which another thread waits for input */
    if (libc.ftrylockfile(stream) != 0)
        return BUSY;
    if (takes(stream, &broken)) {
        if (!broken)
            libc.fflush_unlocked(stream);
        result = DONE;
    }
    libc.funlockfile(stream);
    return result;
}

static enum visit flush_harmless(FILE *stream)
{
    return libc.__fpending(stream) && is_harmless(stream) ? flush_one(stream) : DONE;
}

/* Text for a stream without a file may be its parent's. */
static enum visit flush_filed(FILE *stream)
{
    return libc.fileno_unlocked(stream) >= 0 ? flush_one(stream) : DONE;
}

static enum visit purge_one(FILE *stream)
{
    if (libc.__fpending(stream) && libc.fileno_unlocked(stream) >= 0 &&
        libc.ftrylockfile(stream) == 0) {
        libc.__fpurge(stream);
        libc.funlockfile(stream);
    }
    return DONE;
}

/* Visits all streams; tells whether one was busy. */
static bool walk(enum visit (*visit)(FILE *stream))
{
    bool busy = false;

    libc._IO_list_lock();
    for (iterator at = libc._IO_iter_begin(); at != libc._IO_iter_end();
         at = libc._IO_iter_next(at))
        busy |= visit(libc._IO_iter_file(at)) == BUSY;
    libc._IO_list_unlock();
    return busy;
}

/* Until nothing is left or the time is over. */
static void flush_until(enum visit (*visit)(FILE *stream), uint64_t deadline_ns)
{
    const struct timespec pause = {.tv_nsec = AGAIN_NS};

    while (walk(visit) && ending_clock_ns() < deadline_ns)
        RAW_SYSCALL(SYS_nanosleep, &pause, NULL);
}

void stdio_before_fork(void)
{
    flush_until(flush_harmless, ending_clock_ns() + BEFORE_FORK_MS * 1000000ull);
}

/* What was left, or came from another thread in between, is the parent's, which prints it itself.
 */
void stdio_in_child(void)
{
    walk(purge_one);
}

/*
 * The watchdog ends this. A child that was made by a raw clone(), or by _Fork beside other threads,
 * has its parent's text in its buffers: rather nothing than twice.
 */
void stdio_flush(void)
{
    if (provider_birth_seen())
        flush_until(provider_in_first_process() ? flush_one : flush_filed, UINT64_MAX);
}
