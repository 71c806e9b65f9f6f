/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes the life of this process to the spool. Owns `shim`, the state of the whole library.
 *
 * Runs in forked children before anything else, and in processes that are about to end, so it stays
 * clear of libc where it can: raw_syscall.h says why.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 * (No function of the spool's table changes errno, and no raw system call does.)
 */
#include "preload/process.h"

#include "sdk/spool/raw_syscall.h"
#include "sdk/spool/spool.h"

#include <limits.h>
#include <sys/wait.h>
#include <time.h>

struct shim shim;

uint32_t process_pid(void)
{
    return (uint32_t)RAW_SYSCALL(SYS_getpid);
}

uint32_t process_parent_pid(void)
{
    return (uint32_t)RAW_SYSCALL(SYS_getppid);
}

uint64_t process_now_ns(void)
{
    struct timespec now = {0};

    RAW_SYSCALL(SYS_clock_gettime, CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* spool_put without memcpy, which lies far away in libc. */
static void put(struct spool_cursor *cursor, const void *bytes, size_t size)
{
#if defined(__x86_64__)
    if (size <= (size_t)(cursor->end - cursor->at)) {
        __asm__ volatile("rep movsb" : "+D"(cursor->at), "+S"(bytes), "+c"(size) : : "memory");
        return;
    }
#endif
    spool_put(cursor, bytes, size);
}

/* Appends a record of three pieces, padded to 8 bytes; an absent piece has size 0. */
static bool append_at(uint64_t time_ns, enum record_kind kind, const struct env_part pieces[3])
{
    size_t size = pieces[0].size + pieces[1].size + pieces[2].size;
    struct spool_cursor cursor;

    if (lastword_spool_v1.begin(&cursor, (uint16_t)kind, time_ns, (size + 7) & ~(size_t)7) < 0)
        return false;
    for (size_t i = 0; i < 3; i++) {
        if (pieces[i].size)
            put(&cursor, pieces[i].at, pieces[i].size);
    }
    put(&cursor, &(const uint64_t){0}, -size & 7);
    return lastword_spool_v1.end(&cursor) == 0;
}

static bool append(enum record_kind kind, const struct env_part pieces[3])
{
    return append_at(process_now_ns(), kind, pieces);
}

static void append_start(const struct process_birth *birth, uint32_t flags,
                         struct env_part executable, struct env_part args)
{
    struct record_process_start start = {
        .pid = lastword_spool_v1.owner_pid(), /* ours: announce() has just claimed the slot */
        .parent_pid = birth->parent_pid,
        .made_by = birth->made_by,
        .flags = flags,
        .executable_size = (uint16_t)executable.size,
        .args_size = (uint32_t)args.size,
    };

    append_at(birth->time_ns, RECORD_PROCESS_START,
              (struct env_part[3]){{(char *)&start, sizeof(start)}, executable, args});
}

/* As far as this process itself knows it. */
static struct process_birth birth_now(enum process_made_by made_by)
{
    return (struct process_birth){made_by, process_parent_pid(), process_now_ns()};
}

void process_announce(const struct process_birth *birth)
{
    if (lastword_spool_v1.announce())
        append_start(birth, 0, (struct env_part){0}, (struct env_part){0});
}

void process_announce_image(struct env_part executable, struct env_part args, uint32_t flags)
{
    struct process_birth birth = birth_now(MADE_BY_EXEC);

    if (lastword_spool_v1.announce())
        append_start(&birth, flags, executable, args);
}

bool process_on_record(void)
{
    if (lastword_spool_v1.serial() == 0 || lastword_spool_v1.owner_pid() != process_pid())
        return false;
    if (lastword_spool_v1.announce()) {
        struct process_birth birth = birth_now(MADE_BY__FORK);

        append_start(&birth, 0, (struct env_part){0}, (struct env_part){0});
    }
    return true;
}

void process_uncovered(const struct process_forecast *forecast)
{
    size_t size = strnlen(forecast->path, PATH_MAX);
    struct record_uncovered uncovered = {
        .pid = forecast->pid,
        .reason = (uint16_t)forecast->reason,
        .path_size = (uint16_t)size,
    };

    append_at(
        forecast->time_ns ? forecast->time_ns : process_now_ns(), RECORD_UNCOVERED,
        (struct env_part[3]){{(char *)&uncovered, sizeof(uncovered)}, {forecast->path, size}});
}

/* A vfork child goes: the pid that its parent will wait for was no program. */
static void tell_nobody(enum process_end_kind kind)
{
    if (kind == END_EXEC || kind == END_DAEMON || kind == END_RETURN ||
        lastword_spool_v1.serial() == 0)
        return;
    process_uncovered(&(struct process_forecast){.pid = process_pid(), .path = ""});
}

void process_note(enum note_kind kind, const char *text)
{
    struct record_note note = {.kind = (uint16_t)kind};

    note.text_size = (uint16_t)strnlen(text, RECORD_MAX_NOTE);
    if (note.text_size > 0 && process_on_record())
        append(RECORD_NOTE,
               (struct env_part[3]){{(char *)&note, sizeof(note)}, {text, note.text_size}});
}

bool process_ending(enum process_end_kind kind, int status, const struct caller *caller,
                    const char *text)
{
    struct record_process_end end = {.kind = kind, .status = status};

    if (!process_on_record()) {
        tell_nobody(kind);
        return false;
    }
    if (caller) {
        end.pc = caller->pc;
        end.sp = caller->sp;
        end.fp = caller->fp;
        end.stack_size = (uint32_t)caller_stack_size(caller->sp, shim.max_stack);
    }
    if (text)
        end.text_size = (uint32_t)strnlen(text, PATH_MAX);
    if (kind == END_EXIT)
        shim.exiting = lastword_spool_v1.serial();
    return append(RECORD_PROCESS_END, (struct env_part[3]){{(char *)&end, sizeof(end)},
                                                           {text, end.text_size},
                                                           {(char *)end.sp, end.stack_size}});
}

void process_ending_cancelled(void)
{
    append(RECORD_PROCESS_END_CANCELLED, (struct env_part[3]){{0}});
}

bool process_exit_seen(void)
{
    return shim.exiting && shim.exiting == lastword_spool_v1.serial();
}

void process_wait_stored(void)
{
    if (shim.waits_at_end && lastword_spool_v1.owner_pid() == process_pid())
        (void)!lastword_spool_v1.wait_stored(shim.flush_timeout_ms);
}

void process_child_ended(pid_t pid, int wait_status)
{
    struct record_child_ended ended = {.pid = (uint32_t)pid, .wait_status = wait_status};

    if ((WIFEXITED(wait_status) || WIFSIGNALED(wait_status)) && process_on_record())
        append(RECORD_CHILD_ENDED, (struct env_part[3]){{(char *)&ended, sizeof(ended)}});
}
