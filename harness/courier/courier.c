/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The courier: finds its session and its files, and goes through its life. See courier.h.
 */
#include "harness/courier/courier_internal.h"

#include "harness/courier/finish.h"
#include "harness/courier/redo.h"
#include "harness/courier/session_files.h"
#include "harness/courier/supervisor_link.h"
#include "sdk/spool/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

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
static int lock_session(struct courier *courier)
{
    struct stat status;

    courier->shared.session = session_open(courier->options->session);
    if (courier->shared.session < 0)
        return explain_session(courier, courier->shared.session);
    if (flock(courier->shared.session, LOCK_EX | LOCK_NB) < 0)
        return explain_session(courier, errno == EWOULDBLOCK ? -EBUSY : -errno);
    if (fstat(courier->shared.session, &status) < 0)
        return explain_session(courier, -errno);
    courier->shared.owner = status.st_uid;
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

/* Nothing to deliver and nobody who will come: say so, rather than write an empty recording. */
static bool is_empty(const struct courier *courier)
{
    struct journal journal;
    int result;

    if (!courier->only_delivers || session_has_spools(courier->shared.session))
        return false;
    result = journal_open(&journal, courier->shared.session);
    if (result == 0)
        journal_close(&journal);
    return result == -ENOENT;
}

static int open_recorder(struct courier *courier)
{
    bool has_more;
    int result = redo_commit(courier->shared.session, courier->shared.owner);

    if (result < 0)
        return explain_session(courier, result);
    if (is_empty(courier)) {
        rrd_error_set(courier->error, "%s: holds nothing to deliver", courier->options->session);
        return -ENODATA;
    }
    has_more = session_has_spools(courier->shared.session);
    result = recorder_open(&courier->recorder, courier->shared.session, courier->id,
                           courier->options->output, has_more, courier->error);
    if (result == 0 && !courier->options->record_args)
        journal_hide_args(&courier->recorder.journal);
    return result;
}

/* Watched first, listed then: no spool can slip through in between. */
static int begin(struct courier *courier)
{
    int result;

    result = session_visit_spools(courier->shared.session, courier_add_family, courier);
    if (result < 0)
        return explain_session(courier, result);
    courier_check_use(courier);
    return 0;
}

static int run_open(struct courier *courier, struct courier_message *report)
{
    int result;

    if (journal_phase(&courier->recorder.journal) == JOURNAL_OPEN) {
        result = begin(courier);
        if (result == 0)
            supervisor_say(courier->control, COURIER_READY);
        if (result == 0)
            result = courier_serve(courier);
        if (result == 0)
            result = courier_read_rest(courier);
        if (result < 0)
            return result;
    }
    return courier_end(courier, report);
}

/* Only the traces of a session that is delivered are left. */
static int clean_up(struct courier *courier, struct courier_message *report)
{
    report->kind = COURIER_DONE;
    supervisor_send(courier->control, report, !courier->only_delivers);
    finish_clean(&courier->recorder);
    session_remove_rest(courier->shared.session);
    return 0;
}

static int run_locked(struct courier *courier, struct courier_message *report)
{
    int result = courier_watch(courier);

    if (result < 0)
        return explain_session(courier, result);
    result = open_recorder(courier);
    if (result < 0)
        return result;
    if (journal_phase(&courier->recorder.journal) == JOURNAL_CLEANING)
        result = clean_up(courier, report);
    else
        result = run_open(courier, report);
    while (courier->n_families > 0)
        served_family_close(courier->families[--courier->n_families]);
    free(courier->families);
    sinks_done(&courier->sinks);
    recorder_close(&courier->recorder);
    return result;
}

static void close_courier(struct courier *courier)
{
    if (courier->watch >= 0)
        close(courier->watch);
    if (courier->root >= 0)
        close(courier->root);
    if (courier->shared.epoll >= 0)
        close(courier->shared.epoll);
    if (courier->shared.session >= 0)
        close(courier->shared.session);
}

int courier_run(const struct courier_options *options, struct courier_message *ret_report,
                char *error_text, size_t error_size)
{
    struct courier_message report = {.kind = COURIER_DONE};
    struct rrd_error error = {.text = ""};
    struct courier courier = {
        .options = options,
        .error = &error,
        .watch = -1,
        .control = options->control_fd,
        .root = -1,
        .only_delivers = options->control_fd < 0 || options->only_deliver,
        .finishes_alone = options->control_fd < 0 || options->only_deliver,
        .wait_ms = 1,
        .shared =
            {
                .session = -1,
                .epoll = -1,
                .my_pid = (uint32_t)getpid(),
                .commits = 1,
            },
    };
    int result;

    courier.shared.recorder = &courier.recorder;
    courier.shared.finish_stream = courier_finish_stream;
    courier.shared.courier = &courier;
    raise_file_limit();
    result = lock_session(&courier);
    if (result == 0)
        result = run_locked(&courier, &report);
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
