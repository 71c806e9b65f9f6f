/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of providers, and what all of them share. Owns `state`, which is written in the
 * constructor and, but for the pid and the current name, read-only from then on.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 */
#include "preload/provider.h"

#include "preload/env.h"
#include "preload/process.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/*
 * In the order in which they are flushed: what writes to a stream comes before the streams. The
 * official C SDK as a library has no row: ours is loaded in its place (start.c).
 */
static const struct provider rows[] = {
    {"symbol", symbol_detect, NULL, NULL, NULL, symbol_flush},
    {"rerun-c static", rerun_detect, NULL, NULL, NULL, rerun_flush},
    {"rerun-sdk", python_detect, NULL, NULL, NULL, NULL},
    {"stdio", stdio_detect, stdio_before_fork, NULL, stdio_in_child, stdio_flush},
};
#define N_ROWS (sizeof(rows) / sizeof(*rows))

static struct {
    bool active[N_ROWS];
    const char *_Atomic current;
    uint32_t first_pid; /* of the process that was exec'd */
    uint32_t seen_pid;  /* of the process whose birth was seen last: this one's, or a parent's */
    char text[SETTING_FLUSH_SIZE + 1];
} state __attribute__((section(".data"))); /* as `environment` in start.c */

/* Cuts the text at its commas. Returns false if there is more than is taken. */
static bool split(struct provider_asked *asked, const char *text)
{
    size_t size = strnlen(text, sizeof(state.text));
    char *at = state.text;

    asked->n = 0;
    if (size == sizeof(state.text))
        return false;
    memcpy(at, text, size + 1);
    while (*at) {
        size_t word = strcspn(at, ",");
        bool last = at[word] == '\0';

        at[word] = '\0';
        if (word && asked->n == SETTING_FLUSH_WORDS)
            return false;
        if (word)
            asked->words[asked->n++] = at;
        at += word + !last;
    }
    return true;
}

bool provider_is_asked(const struct provider_asked *asked, const char *name)
{
    for (size_t i = 0; i < asked->n; i++) {
        if (strcmp(asked->words[i], name) == 0)
            return true;
    }
    return false;
}

bool provider_start(void)
{
    const char *text = env_value(environ, "LASTWORD_FLUSH");
    struct provider_asked asked = {0};
    bool any = false;

    if (text && *text && !split(&asked, text))
        provider_note("LASTWORD_FLUSH", "too long: the rest of it is not heeded");
    for (size_t i = 0; i < N_ROWS; i++) {
        if (rows[i].detect && rows[i].detect(&asked))
            any = state.active[i] = true; /* else not written to: that is a page fault */
    }
    if (any)
        state.first_pid = state.seen_pid = process_pid();
    return any;
}

void provider_before_fork(void)
{
    int found = errno;

    for (size_t i = 0; i < N_ROWS; i++) {
        if (state.active[i] && rows[i].before_fork)
            rows[i].before_fork();
    }
    errno = found;
}

void provider_in_parent(void)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        if (state.active[i] && rows[i].in_parent)
            rows[i].in_parent();
    }
}

void provider_in_child(void)
{
    state.seen_pid = process_pid();
    for (size_t i = 0; i < N_ROWS; i++) {
        if (state.active[i] && rows[i].in_child)
            rows[i].in_child();
    }
}

void provider_flush(void)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        if (!state.active[i] || !rows[i].flush)
            continue;
        provider_set_current(rows[i].name);
        rows[i].flush();
    }
}

void provider_set_current(const char *name)
{
    atomic_store(&state.current, name);
}

const char *provider_current(void)
{
    return atomic_load(&state.current);
}

bool provider_in_first_process(void)
{
    return state.first_pid == process_pid();
}

bool provider_birth_seen(void)
{
    return state.seen_pid == process_pid();
}

void provider_note(const char *name, const char *reason)
{
    char text[RECORD_MAX_NOTE + 1];
    size_t size = strnlen(name, RECORD_MAX_NOTE);
    size_t more = reason ? strlen(reason) : 0;

    memcpy(text, name, size);
    if (reason && more + 2 <= RECORD_MAX_NOTE - size) {
        memcpy(text + size, ": ", 2);
        memcpy(text + size + 2, reason, more);
        size += 2 + more;
    }
    text[size] = '\0';
    process_note(reason ? NOTE_NOT_COVERED : NOTE_PROVIDER, text);
}
