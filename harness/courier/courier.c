/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The courier's loop: one thread, which waits, reads spools, commits, and finishes. See courier.h.
 *
 * Stores through a mapping wake nobody, so spools are looked at each millisecond while rows come
 * and less and less often, down to each 25 ms, while none do. What else happens wakes it at once:
 * a new spool, a spool that nobody maps any more, a writer that rings, a process that ends, the
 * supervisor.
 */
#include "harness/courier/courier.h"

#include "harness/courier/array.h"
#include "harness/courier/family.h"
#include "harness/courier/finish.h"
#include "harness/courier/redo.h"
#include "harness/courier/session_files.h"
#include "harness/courier/session_watch.h"
#include "harness/courier/supervisor_link.h"
#include "sdk/spool/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUSY_WAIT_MS   1
#define IDLE_WAIT_MS   25
#define RETRY_WAIT_MS  100           /* after the outbox could not be written */
#define BATCH_NS       8000000ull    /* age of a row's batch when it is committed */
#define CHECK_NS       1000000000ull /* between looks at what nothing tells of */
#define LAST_PASSES_NS 3000000000ull /* FINISH while programs still log: no longer than this */
#define MAX_BAD_ENDS   64u
#define EVENTS_AT_ONCE 64

struct courier {
    const struct courier_options *options;
    struct rrd_error *error;
    char id[NAME_MAX + 1]; /* of the session: the name of its directory */
    int session;
    int watch;
    int epoll;
    int control; /* -1: no supervisor, or none any more */
    struct recorder recorder;
    struct family_context shared;
    struct family **families;
    size_t n_families, capacity;
    bool only_delivers;  /* no program will come any more, nobody waits */
    bool must_finish;    /* now, whoever still lives */
    bool finishes_alone; /* as soon as nobody maps a spool */
    bool was_rung;
    bool is_stalled;           /* the outbox could not be written; the batch waits */
    uint64_t pending_since_ns; /* 0: nothing waits to be committed */
    uint64_t next_check_ns;
    int wait_ms;
};

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* --- Families ----------------------------------------------------------------------------------
 */

static struct family *find_family(const struct courier *courier, const char *name)
{
    for (size_t i = 0; i < courier->n_families; i++) {
        if (strcmp(courier->families[i]->map.name, name) == 0)
            return courier->families[i];
    }
    return NULL;
}

/* A file that is no spool of ours is left alone, and named in the report. */
static int add_family(void *context, const char *name)
{
    struct courier *courier = context;
    struct family **families;
    struct rrd_error error;
    int result;

    if (find_family(courier, name) != NULL)
        return 0;
    families = array_grow(courier->families, courier->n_families, &courier->capacity,
                          sizeof(struct family *));
    if (families == NULL)
        return -ENOMEM;
    courier->families = families;
    result = family_open(&courier->shared, name, &families[courier->n_families], &error);
    if (result == -ENOMEM)
        return result;
    if (result == 0)
        courier->n_families++;
    else if (result != -ENOENT && courier->recorder.first_damage.text[0] == 0)
        courier->recorder.first_damage = error;
    return 0;
}

static void check_use(struct courier *courier)
{
    for (size_t i = 0; i < courier->n_families; i++)
        family_check_use(courier->families[i]);
}

static int see_change(void *context, enum session_change kind, const char *name)
{
    struct courier *courier = context;
    struct family *family;

    switch (kind) {
    case SESSION_SPOOL_NEW:
        return add_family(courier, name);
    case SESSION_SPOOL_CLOSED:
        family = find_family(courier, name);
        if (family != NULL)
            family_check_use(family);
        return 0;
    case SESSION_SPOOL_RUNG:
        courier->was_rung = true;
        return 0;
    case SESSION_MISSED:
    default:
        check_use(courier);
        return session_visit_spools(courier->session, add_family, courier);
    }
}

/* A spool of which everything is stored goes. One that was damaged stays, for its owner to see. */
static void remove_family(struct courier *courier, size_t i)
{
    struct family *family = courier->families[i];

    if (!family->is_damaged)
        (void)!unlinkat(courier->session, family->map.name, 0);
    family_close(family);
    courier->families[i] = courier->families[--courier->n_families];
}

static void remove_finished(struct courier *courier)
{
    for (size_t i = courier->n_families; i > 0; i--) {
        if (family_is_finished(courier->families[i - 1]))
            remove_family(courier, i - 1);
    }
}

/* --- Commits -----------------------------------------------------------------------------------
 */

static size_t count_dirty(const struct courier *courier)
{
    size_t n = 0;

    for (size_t i = 0; i < courier->n_families; i++)
        n += spool_reader_n_dirty(courier->families[i]->reader);
    return n;
}

static int tell_committed(struct courier *courier)
{
    for (size_t i = 0; i < courier->n_families; i++) {
        int result = family_committed(courier->families[i]);

        if (result < 0)
            return result;
    }
    return 0;
}

/* No room on the disk passes, as a rule: keep the batch and try again. */
static bool may_pass(int result)
{
    return result == -ENOSPC || result == -EDQUOT;
}

static int explain_write(struct courier *courier, int result)
{
    rrd_error_set(courier->error,
                  "%s: cannot be written: %s; make room, then `lastword deliver %s` finishes it",
                  journal_part(&courier->recorder.journal), strerror(-result),
                  courier->options->session);
    return result;
}

static int write_batch(struct courier *courier)
{
    int result = recorder_write(&courier->recorder);

    courier->is_stalled = may_pass(result) && !courier->must_finish && !courier->only_delivers;
    if (courier->is_stalled)
        return 0;
    return result < 0 ? explain_write(courier, result) : 0;
}

/* From here to the end nothing can fail: the journal has room, the spools are mapped. */
static void commit_batch(struct courier *courier)
{
    static struct journal_entry entries[JOURNAL_MAX_ENTRIES];
    size_t n = 0;

    for (size_t i = 0; i < courier->n_families; i++) {
        const struct spool_reader *reader = courier->families[i]->reader;

        spool_reader_dirty(reader, &entries[n]);
        n += spool_reader_n_dirty(reader);
    }
    recorder_commit(&courier->recorder, entries, n);
    for (size_t i = 0; i < courier->n_families; i++)
        spool_reader_store(courier->families[i]->reader);
    recorder_finish_commit(&courier->recorder);
    courier->shared.commits++;
    courier->pending_since_ns = 0;
}

static bool has_pending(const struct courier *courier)
{
    return courier->recorder.has_pending || count_dirty(courier) > 0;
}

static int commit(struct courier *courier)
{
    if (has_pending(courier)) {
        int result = write_batch(courier);

        if (result < 0 || courier->is_stalled)
            return result;
        commit_batch(courier);
    }
    return tell_committed(courier);
}

static bool has_waiters(const struct courier *courier)
{
    for (size_t i = 0; i < courier->n_families; i++) {
        if (spool_reader_has_waiters(courier->families[i]->reader))
            return true;
    }
    return false;
}

static bool is_due(struct courier *courier, uint64_t now_ns)
{
    if (!has_pending(courier))
        return true;
    if (courier->pending_since_ns == 0)
        courier->pending_since_ns = now_ns;
    return courier->must_finish || courier->was_rung || courier->finishes_alone ||
           now_ns - courier->pending_since_ns >= BATCH_NS || has_waiters(courier);
}

/* --- Passes ------------------------------------------------------------------------------------
 */

/* Reads one family to where its writers are, committing whenever memory or journal are full. */
static int read_family(struct courier *courier, struct family *family, uint64_t now_ns)
{
    size_t n_read = 0;

    for (;;) {
        size_t own = spool_reader_n_dirty(family->reader);
        int result =
            family_pass(family, now_ns, JOURNAL_MAX_ENTRIES - (count_dirty(courier) - own));

        if (result >= 0)
            return (int)(n_read + (size_t)result > 0);
        if (result != -EAGAIN)
            return result;
        n_read = 1;
        result = commit(courier);
        if (result < 0 || courier->is_stalled)
            return result;
    }
}

/* Returns 1 when there was anything to read, 0, or a negative errno. */
static int read_families(struct courier *courier, uint64_t now_ns)
{
    int was_read = 0;

    for (size_t i = 0; i < courier->n_families && !courier->is_stalled; i++) {
        int result = read_family(courier, courier->families[i], now_ns);

        if (result < 0)
            return result;
        was_read |= result;
    }
    return was_read;
}

static void check_now_and_then(struct courier *courier, uint64_t now_ns)
{
    if (now_ns < courier->next_check_ns)
        return;
    courier->next_check_ns = now_ns + CHECK_NS;
    check_use(courier);
    for (size_t i = 0; i < courier->n_families; i++)
        spool_reader_check_threads(courier->families[i]->reader);
}

/* One round: read everything once, commit if it is time. Returns as read_families. */
static int go_round(struct courier *courier)
{
    uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    int was_read;
    int result;

    if (courier->is_stalled) {
        result = commit(courier);
        if (result < 0 || courier->is_stalled)
            return result;
    }
    check_now_and_then(courier, now_ns);
    was_read = read_families(courier, now_ns);
    if (was_read < 0)
        return was_read;
    result = is_due(courier, now_ns) ? commit(courier) : 0;
    if (result < 0)
        return result;
    courier->was_rung = false;
    remove_finished(courier);
    return was_read;
}

/* --- Waiting -----------------------------------------------------------------------------------
 */

static int take_message(struct courier *courier, const struct courier_message *message)
{
    const struct record_child_ended ended = {(uint32_t)message->pid, message->wait_status};
    struct event event = {.time_ns = message->time_ns};

    switch (message->kind) {
    case COURIER_PROCESS_ENDED:
        event.kind = EVENT_SUPERVISOR_SAW_END;
        break;
    case COURIER_ROOT_STARTED:
        event.kind = EVENT_ROOT;
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
    return recorder_event(&courier->recorder, &event, &ended, sizeof(ended));
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
        (void)!epoll_ctl(courier->epoll, EPOLL_CTL_DEL, courier->control, NULL);
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
    member_check(what);
    return 0;
}

/* How long to sleep: -1 when only an event can bring something to do. */
static int choose_wait(struct courier *courier, int was_read)
{
    if (courier->is_stalled)
        return RETRY_WAIT_MS;
    if (was_read)
        courier->wait_ms = BUSY_WAIT_MS;
    else if (courier->wait_ms < IDLE_WAIT_MS)
        courier->wait_ms =
            courier->wait_ms * 2 < IDLE_WAIT_MS ? courier->wait_ms * 2 : IDLE_WAIT_MS;
    if (has_pending(courier))
        return courier->wait_ms < (int)(BATCH_NS / 1000000) ? courier->wait_ms
                                                            : (int)(BATCH_NS / 1000000);
    return courier->n_families > 0 ? courier->wait_ms : -1;
}

static int wait_for_events(struct courier *courier, int wait_ms)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int n = epoll_wait(courier->epoll, events, EVENTS_AT_ONCE, wait_ms);

    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < n; i++) {
        int result = take_event(courier, events[i].data.ptr);

        if (result < 0)
            return result;
    }
    return 0;
}

static bool is_done(struct courier *courier)
{
    if (courier->must_finish)
        return true;
    return courier->finishes_alone && courier->n_families == 0 && !has_pending(courier);
}

static int serve(struct courier *courier)
{
    for (;;) {
        int was_read = go_round(courier);
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

/* --- Finishing ---------------------------------------------------------------------------------
 */

/* Everything that is there now; programs that go on logging are not waited for. */
static int read_the_rest(struct courier *courier)
{
    uint64_t until_ns = clock_ns(CLOCK_MONOTONIC) + LAST_PASSES_NS;
    size_t n_families;
    int result;

    courier->must_finish = true;
    result = session_visit_spools(courier->session, add_family, courier);
    if (result < 0)
        return result;
    do {
        check_use(courier);
        n_families = courier->n_families;
        result = go_round(courier);
    } while (result >= 0 && clock_ns(CLOCK_MONOTONIC) < until_ns &&
             (result > 0 || has_pending(courier) || courier->n_families < n_families));
    for (size_t i = 0; result >= 0 && i < courier->n_families; i++)
        result = family_log_refused(courier->families[i]);
    return result < 0 ? result : commit(courier);
}

static void name_process(struct courier *courier, const struct process *process,
                         struct courier_message *message)
{
    struct process_rows rows = {.log = &courier->recorder.events};
    struct string_view executable;

    buffer_init(&rows.bytes, BUFFER_NO_LIMIT);
    executable = process_rows_executable(&rows, process);
    snprintf(message->text, sizeof(message->text), "%.*s", (int)executable.size,
             executable.size > 0 ? executable.data : "");
    buffer_done(&rows.bytes);
}

static void tell_of_process(struct courier *courier, enum courier_message_kind kind,
                            const struct process *process, int wait_status)
{
    struct courier_message message = {
        .kind = kind,
        .pid = (int32_t)process->pid,
        .wait_status = wait_status,
        .time_ns = clock_ns(CLOCK_REALTIME),
    };

    if (courier->control < 0)
        return;
    name_process(courier, process, &message);
    supervisor_send(courier->control, &message, !courier->only_delivers);
}

/* Somebody maps the spool who has not logged, so nobody knows who it is. */
static void tell_of_stranger(const struct courier *courier)
{
    const struct courier_message message = {
        .kind = COURIER_SURVIVOR,
        .wait_status = -1,
        .time_ns = clock_ns(CLOCK_REALTIME),
        .text = "a process that has logged nothing",
    };

    supervisor_send(courier->control, &message, !courier->only_delivers);
}

static void tell_of_survivors(struct courier *courier)
{
    for (size_t i = 0; i < courier->n_families; i++) {
        const struct member *member = courier->families[i]->members;
        bool is_known = false;

        for (; member != NULL; member = member->next) {
            if (member->is_over || member->process->is_gone)
                continue;
            tell_of_process(courier, COURIER_SURVIVOR, member->process, -1);
            is_known = true;
        }
        if (!is_known && !courier->families[i]->is_unused)
            tell_of_stranger(courier);
    }
}

static void tell_of_bad_ends(struct courier *courier, const struct process_fate *fates)
{
    size_t n = 0;

    for (size_t i = 0; i < courier->recorder.processes.n && n < MAX_BAD_ENDS; i++) {
        if (!fates[i].is_bad)
            continue;
        tell_of_process(courier, COURIER_BAD_END, fates[i].process, fates[i].wait_status);
        n++;
    }
}

static void tell_progress(void *context, uint64_t bytes)
{
    const struct courier *courier = context;
    const struct courier_message message = {.kind = COURIER_PROGRESS, .bytes = bytes};

    supervisor_send(courier->control, &message, false);
}

static int place(struct courier *courier, const struct finish *finish,
                 const struct process_fate *fates, struct courier_message *report)
{
    int result = 0;

    tell_of_survivors(courier);
    tell_of_bad_ends(courier, fates);
    if (journal_phase(&courier->recorder.journal) == JOURNAL_OPEN)
        result = finish_place(finish, fates, courier->error);
    if (result == 0)
        result = finish_sinks(finish, courier->error);
    if (result < 0)
        return result;
    finish_report(&courier->recorder, fates, report);
    supervisor_send(courier->control, report, !courier->only_delivers);
    /* What could not be read, or is still being written, is for another courier. */
    if (courier->n_families == 0 && !session_has_spools(courier->session)) {
        finish_clean(&courier->recorder);
        session_remove_rest(courier->session);
    }
    return 0;
}

static int finish(struct courier *courier, uid_t owner, struct courier_message *report)
{
    const struct finish finish = {
        .recorder = &courier->recorder,
        .options = courier->options,
        .id = courier->id,
        .may_write_sinks = owner == geteuid(),
        .progress = tell_progress,
        .context = courier,
    };
    struct process_fate *fates;
    int result = process_fates(&courier->recorder.processes, clock_ns(CLOCK_REALTIME), &fates);

    if (result < 0)
        return result;
    result = place(courier, &finish, fates, report);
    free(fates);
    return result;
}

/* --- Beginning ---------------------------------------------------------------------------------
 */

static int explain_session(struct courier *courier, int result)
{
    const char *path = courier->options->session;

    if (result == -ENOENT)
        rrd_error_set(courier->error,
                      "%s: no such session; `lastword sessions` lists those there are", path);
    else if (result == -EBUSY)
        rrd_error_set(courier->error,
                      "%s: in use: a lastword is storing this session right now; wait for it",
                      path);
    else if (result == -EPERM || result == -ELOOP || result == -ENOTDIR)
        rrd_error_set(courier->error,
                      "%s: not a session: it must be a directory of yours that is closed to others",
                      path);
    else if (result == -EINVAL)
        rrd_error_set(courier->error, "%s: the path of a session begins with '/'", path);
    else
        rrd_error_set(courier->error, "%s: cannot be opened: %s", path, strerror(-result));
    return result;
}

static void name_session(struct courier *courier)
{
    const char *path = courier->options->session;
    size_t end = strlen(path);
    size_t start;

    while (end > 1 && path[end - 1] == '/')
        end--;
    for (start = end; start > 0 && path[start - 1] != '/'; start--)
        ;
    snprintf(courier->id, sizeof(courier->id), "%.*s", (int)(end - start), path + start);
}

/* The lock is the session's directory itself, so nothing has to be left behind for it. */
static int lock_session(struct courier *courier, uid_t *ret_owner)
{
    struct stat status;

    courier->session = session_open(courier->options->session);
    if (courier->session < 0)
        return explain_session(courier, courier->session);
    if (flock(courier->session, LOCK_EX | LOCK_NB) < 0)
        return explain_session(courier, errno == EWOULDBLOCK ? -EBUSY : -errno);
    if (fstat(courier->session, &status) < 0)
        return explain_session(courier, -errno);
    *ret_owner = status.st_uid;
    name_session(courier);
    return 0;
}

/* Each living process costs a descriptor. */
static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)!setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int add_to_epoll(struct courier *courier, int descriptor, void *tag)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = tag};

    if (descriptor < 0)
        return 0;
    return epoll_ctl(courier->epoll, EPOLL_CTL_ADD, descriptor, &event) < 0 ? -errno : 0;
}

static int open_events(struct courier *courier)
{
    int result;

    courier->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (courier->epoll < 0)
        return -errno;
    courier->watch = session_watch_open(courier->options->session);
    if (courier->watch < 0)
        return courier->watch;
    result = add_to_epoll(courier, courier->watch, &courier->watch);
    return result < 0 ? result : add_to_epoll(courier, courier->control, &courier->control);
}

/* Nothing to deliver and nobody who will come: say so, rather than write an empty recording. */
static bool is_empty(const struct courier *courier)
{
    struct journal journal;
    int result;

    if (!courier->only_delivers || session_has_spools(courier->session))
        return false;
    result = journal_open(&journal, courier->session);
    if (result == 0)
        journal_close(&journal);
    return result == -ENOENT;
}

static int open_recorder(struct courier *courier, uid_t owner)
{
    bool has_more;
    int result = redo_commit(courier->session, owner);

    if (result < 0)
        return explain_session(courier, result);
    if (is_empty(courier)) {
        rrd_error_set(courier->error, "%s: holds nothing to deliver", courier->options->session);
        return -ENODATA;
    }
    has_more = session_has_spools(courier->session);
    result = recorder_open(&courier->recorder, courier->session, courier->id,
                           courier->options->output, has_more, courier->error);
    if (result == 0 && !courier->options->record_args)
        journal_hide_args(&courier->recorder.journal);
    return result;
}

static int begin(struct courier *courier, uid_t owner)
{
    int result;

    courier->shared = (struct family_context){
        .recorder = &courier->recorder,
        .session = courier->session,
        .owner = owner,
        .epoll = courier->epoll,
        .my_pid = (uint32_t)getpid(),
        .commits = 1,
    };
    buffer_init(&courier->shared.side_bytes, BUFFER_NO_LIMIT);
    /* Watched first, listed then: no spool can slip through in between. */
    result = session_visit_spools(courier->session, add_family, courier);
    if (result < 0)
        return explain_session(courier, result);
    check_use(courier);
    return 0;
}

static int run_open(struct courier *courier, uid_t owner, struct courier_message *report)
{
    int result;

    if (journal_phase(&courier->recorder.journal) == JOURNAL_OPEN) {
        result = begin(courier, owner);
        if (result == 0)
            supervisor_say(courier->control, COURIER_READY);
        if (result == 0)
            result = serve(courier);
        if (result == 0)
            result = read_the_rest(courier);
        if (result < 0)
            return result;
    }
    return finish(courier, owner, report);
}

/* Only the traces of a session that is delivered are left. */
static int clean_up(struct courier *courier, struct courier_message *report)
{
    report->kind = COURIER_DONE;
    supervisor_send(courier->control, report, !courier->only_delivers);
    finish_clean(&courier->recorder);
    session_remove_rest(courier->session);
    return 0;
}

static int run_locked(struct courier *courier, uid_t owner, struct courier_message *report)
{
    int result = open_events(courier);

    if (result < 0)
        return explain_session(courier, result);
    result = open_recorder(courier, owner);
    if (result < 0)
        return result;
    if (journal_phase(&courier->recorder.journal) == JOURNAL_CLEANING)
        result = clean_up(courier, report);
    else
        result = run_open(courier, owner, report);
    while (courier->n_families > 0)
        family_close(courier->families[--courier->n_families]);
    free(courier->families);
    buffer_done(&courier->shared.side_bytes);
    recorder_close(&courier->recorder);
    return result;
}

static void close_courier(struct courier *courier)
{
    if (courier->watch >= 0)
        close(courier->watch);
    if (courier->epoll >= 0)
        close(courier->epoll);
    if (courier->session >= 0)
        close(courier->session);
}

int courier_run(const struct courier_options *options, struct courier_message *ret_report,
                char *error_text, size_t error_size)
{
    struct courier_message report = {.kind = COURIER_DONE};
    struct rrd_error error = {.text = ""};
    struct courier courier = {
        .options = options,
        .error = &error,
        .session = -1,
        .watch = -1,
        .epoll = -1,
        .control = options->control_fd,
        .only_delivers = options->control_fd < 0 || options->only_deliver,
        .finishes_alone = options->control_fd < 0 || options->only_deliver,
        .wait_ms = BUSY_WAIT_MS,
    };
    uid_t owner = 0;
    int result;

    raise_file_limit();
    result = lock_session(&courier, &owner);
    if (result == 0)
        result = run_locked(&courier, owner, &report);
    close_courier(&courier);
    if (result < 0 && error.text[0] == 0)
        rrd_error_set(&error, "%s: cannot be stored: %s; `lastword deliver` tries again",
                      options->session, strerror(-result));
    if (result < 0)
        snprintf(error_text, error_size, "%s", error.text);
    else if (ret_report != NULL)
        *ret_report = report;
    return result;
}
