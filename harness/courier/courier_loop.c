/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the courier waits for, and for how long.
 *
 * Stores through a mapping wake nobody, so spools are looked at each millisecond while rows come
 * and less and less often, down to each 25 ms, while none do. What else happens wakes it at once:
 * a new spool, a spool that nobody maps any more, a writer that rings, a process that ends, the
 * supervisor.
 */
#include "harness/courier/courier_internal.h"

#include "harness/courier/clock_ns.h"
#include "harness/courier/session_files.h"
#include "harness/courier/session_watch.h"
#include "harness/courier/supervisor_link.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BUSY_WAIT_MS   1
#define IDLE_WAIT_MS   25
#define COMMIT_WAIT_MS 8
#define RETRY_WAIT_MS  100 /* after the outbox could not be written */
#define EVENTS_AT_ONCE 64
#define LINGER_NS      1000000000ull /* without a spool, before an exec under way is ruled out */

static int see_change(void *context, enum session_change kind, const char *name)
{
    struct courier *courier = context;
    struct served_family *family;

    switch (kind) {
    case SESSION_SPOOL_NEW:
        return courier_add_family(courier, name);
    case SESSION_SPOOL_CLOSED:
        family = courier_find_family(courier, name);
        if (family != NULL)
            served_family_check_use(family);
        return 0;
    case SESSION_SPOOL_RUNG:
        courier->was_rung = true;
        return 0;
    case SESSION_MISSED:
    default:
        courier_check_use(courier);
        return session_visit_spools(courier->shared.session, courier_add_family, courier);
    }
}

/* --- Waiting -----------------------------------------------------------------------------------
 */

static int add_to_epoll(struct courier *courier, int descriptor, void *tag)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = tag};

    if (descriptor < 0)
        return 0;
    return epoll_ctl(courier->shared.epoll, EPOLL_CTL_ADD, descriptor, &event) < 0 ? -errno : 0;
}

static void close_root(struct courier *courier)
{
    if (courier->root >= 0)
        close(courier->root); /* which takes it out of the epoll set */
    courier->root = -1;
}

/*
 * Without a supervisor the end of the root tells that no spool will come: between its start and its
 * first record there is none to be seen. A courier that was started again may be told of a root
 * that is over, whose pid is another's by now: that makes us wait, but never stop too early.
 */
static void watch_root(struct courier *courier, int32_t pid)
{
    close_root(courier);
    courier->root = (int)syscall(SYS_pidfd_open, pid, 0);
    if (add_to_epoll(courier, courier->root, &courier->root) < 0)
        close_root(courier);
}

/* What the supervisor foresaw of the program that it starts. */
static int log_root_uncovered(struct courier *courier, const struct record_child_ended *root,
                              uint64_t time_ns)
{
    const struct courier_options *options = courier->options;
    struct {
        struct record_uncovered head;
        char path[PATH_MAX];
    } payload = {.head = {.pid = root->pid, .reason = (uint16_t)options->root_uncovered}};
    size_t size = options->root_path == NULL ? 0 : strnlen(options->root_path, PATH_MAX);

    if (options->root_uncovered == UNCOVERED_NOT)
        return 0;
    payload.head.path_size = (uint16_t)size;
    if (size > 0)
        memcpy(payload.path, options->root_path, size);
    return recorder_event(&courier->recorder,
                          &(struct event){.kind = RECORD_UNCOVERED, .time_ns = time_ns}, &payload,
                          sizeof(payload.head) + size);
}

static int take_message(struct courier *courier, const struct courier_message *message)
{
    struct event_saw_end ended = {.ended = {(uint32_t)message->pid, message->wait_status}};
    struct event event = {.time_ns = message->time_ns};
    int result;

    switch (message->kind) {
    case COURIER_PROCESS_ENDED:
        event.kind = EVENT_SUPERVISOR_SAW_END;
        snprintf(ended.command, sizeof(ended.command), "%.15s", message->text);
        break;
    case COURIER_ROOT_STARTED:
        event.kind = EVENT_ROOT;
        watch_root(courier, message->pid);
        break;
    case COURIER_FINISH:
        courier->must_finish = true;
        return 0;
    case COURIER_FINISH_WHEN_FREE:
        courier->finishes_alone = true;
        return 0;
    default:
        return 0;
    }
    if (event.time_ns == 0)
        event.time_ns = clock_ns(CLOCK_REALTIME);
    result = recorder_event(&courier->recorder, &event, &ended, sizeof(ended));
    if (result == 0 && message->kind == COURIER_ROOT_STARTED)
        result = log_root_uncovered(courier, &ended.ended, event.time_ns);
    return result;
}

static int hear_supervisor(struct courier *courier)
{
    struct courier_message message;
    int result;

    while ((result = supervisor_receive(courier->control, &message)) == 1) {
        result = take_message(courier, &message);
        if (result < 0)
            return result;
    }
    if (result == -EPIPE) {
        (void)!epoll_ctl(courier->shared.epoll, EPOLL_CTL_DEL, courier->control, NULL);
        courier->control = -1;
        courier->finishes_alone = true;
    }
    return 0;
}

static int take_event(struct courier *courier, void *what)
{
    if (what == &courier->control)
        return hear_supervisor(courier);
    if (what == &courier->watch)
        return session_watch_read(courier->watch, see_change, courier);
    if (what == &courier->root)
        close_root(courier);
    else
        member_check(what);
    return 0;
}

/* How long to sleep: -1 when only an event can bring something to do. */
static int choose_wait(struct courier *courier, int was_read)
{
    if (courier->is_stalled)
        return RETRY_WAIT_MS;
    if (courier->free_since_ns != 0)
        return IDLE_WAIT_MS;
    if (was_read)
        courier->wait_ms = BUSY_WAIT_MS;
    else if (courier->wait_ms < IDLE_WAIT_MS)
        courier->wait_ms =
            courier->wait_ms * 2 < IDLE_WAIT_MS ? courier->wait_ms * 2 : IDLE_WAIT_MS;
    if (courier_has_pending(courier))
        return courier->wait_ms < COMMIT_WAIT_MS ? courier->wait_ms : COMMIT_WAIT_MS;
    return courier->n_families > 0 ? courier->wait_ms : -1;
}

static int wait_for_events(struct courier *courier, int wait_ms)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int n = epoll_wait(courier->shared.epoll, events, EVENTS_AT_ONCE, wait_ms);

    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < n; i++) {
        int result = take_event(courier, events[i].data.ptr);

        if (result < 0)
            return result;
    }
    return 0;
}

static bool is_free(const struct courier *courier)
{
    return courier->finishes_alone && courier->root < 0 && courier->n_families == 0 &&
           !courier_has_pending(courier);
}

/*
 * Where nobody tells of the programs' end, the spools do. A process that execs has none for a
 * moment, until its new image begins: so they must stay away for a while.
 */
static bool is_done(struct courier *courier)
{
    uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

    if (courier->must_finish)
        return true;
    if (!is_free(courier)) {
        courier->free_since_ns = 0;
        return false;
    }
    if (courier->free_since_ns == 0)
        courier->free_since_ns = now_ns;
    return courier->only_delivers || now_ns - courier->free_since_ns >= LINGER_NS;
}

int courier_serve(struct courier *courier)
{
    for (;;) {
        int was_read = courier_go_round(courier);
        int result;

        if (was_read < 0)
            return was_read;
        if (is_done(courier))
            return 0;
        result = wait_for_events(courier, choose_wait(courier, was_read));
        if (result < 0)
            return result;
    }
}

int courier_watch(struct courier *courier)
{
    int result;

    courier->shared.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (courier->shared.epoll < 0)
        return -errno;
    courier->watch = session_watch_open(courier->options->session);
    if (courier->watch < 0)
        return courier->watch;
    result = add_to_epoll(courier, courier->watch, &courier->watch);
    return result < 0 ? result : add_to_epoll(courier, courier->control, &courier->control);
}
