/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Finishing. What is written here lies behind the committed end of the outbox: a courier that comes
 * after a death cuts it off and writes it again.
 */
#include "harness/courier/finish.h"

#include "harness/courier/file_copy.h"
#include "harness/courier/uncovered_rows.h"
#include "harness/wire/entity_path.h"
#include "harness/wire/footer.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_SIZE ((size_t)4 << 20)

/* --- Where the processes' rows go --------------------------------------------------------------
 */

static bool is_of_root(const struct process_table *table, const struct stream *stream)
{
    for (size_t i = 0; i < table->n; i++) {
        if (table->all[i]->family == stream->family && table->all[i]->pid == table->root_pid)
            return true;
    }
    return false;
}

/* The first recording of the root process, else the first of all. */
static struct store *find_root_store(const struct recorder *recorder)
{
    const struct recording_table *table = &recorder->recordings;
    const struct stream *best = NULL;
    bool best_is_root = false;

    for (size_t i = 0; i < table->n_streams; i++) {
        const struct stream *stream = table->streams[i];
        bool is_root;

        if (stream->store->id.kind != STORE_RECORDING)
            continue;
        is_root = recorder->processes.root_pid != 0 && is_of_root(&recorder->processes, stream);
        if (best == NULL || is_root > best_is_root ||
            (is_root == best_is_root && stream->time_ns < best->time_ns)) {
            best = stream;
            best_is_root = is_root;
        }
    }
    return best == NULL ? NULL : best->store;
}

/* No program made a recording: one of the session's name. */
static int make_store(const struct finish *finish, struct store **ret_store)
{
    const struct courier_options *options = finish->options;
    struct store_id id = {
        .kind = STORE_RECORDING,
        .recording_id = string_view_of(options->recording_id ? options->recording_id : finish->id),
    };
    struct buffer application;
    int result;

    buffer_init(&application, BUFFER_NO_LIMIT);
    result = application_id_normalise(
        string_view_of(options->application_id ? options->application_id : "lastword"),
        &application);
    id.application_id = (struct string_view){(const char *)application.data, application.size};
    if (result == 0) {
        *ret_store = recording_table_store(&finish->recorder->recordings, &id);
        result = *ret_store == NULL ? -ENOMEM : 0;
    }
    buffer_done(&application);
    return result;
}

/* --- Writing -----------------------------------------------------------------------------------
 */

/* Appends what waits at *end of the outbox, without committing it. */
static int write_out(const struct finish *finish, uint64_t *end)
{
    struct recorder *recorder = finish->recorder;
    int result = file_write_at(recorder->outbox.file, recorder->out.data, recorder->out.size, *end);

    if (result < 0)
        return result;
    *end += recorder->out.size;
    buffer_truncate(&recorder->out, 0);
    if (finish->progress != NULL)
        finish->progress(finish->context, *end);
    return 0;
}

static int write_processes(const struct finish *finish, const struct process_fate *fates,
                           const struct store *store, uint64_t *end)
{
    struct recorder *recorder = finish->recorder;
    struct process_rows rows = {
        .log = &recorder->events,
        .processes = &recorder->processes,
        .store = store->id,
        .record_args = !journal_hides_args(&recorder->journal),
        .ids = &recorder->ids,
        .workspace = &recorder->workspace,
    };
    int result = 0;

    buffer_init(&rows.bytes, BUFFER_NO_LIMIT);
    for (size_t i = 0; result == 0 && i < recorder->processes.n; i++) {
        result = process_rows_append(&rows, &fates[i], &recorder->out);
        if (result == 0 && recorder->out.size >= PIECE_SIZE)
            result = write_out(finish, end);
    }
    if (result == 0)
        result =
            uncovered_rows_append(&rows, finish->uncovered, finish->n_uncovered, &recorder->out);
    buffer_done(&rows.bytes);
    return result < 0 ? result : write_out(finish, end);
}

/*
 * Readers do without an index where there can be none: thousands of processes, each with an entity
 * of its own, make more columns than it can have, and a timeline of two types is nothing that it
 * can say. The rows must not wait for it.
 */
static int add_index(struct recorder *recorder, struct rrd_error *error)
{
    int result = footer_append(recorder->outbox.file, journal_part(&recorder->journal), error);

    if (result == -EBADMSG && recorder->first_damage.text[0] == 0)
        recorder->first_damage = *error;
    return footer_is_impossible(result) || result == -EBADMSG ? 0 : result;
}

static int write_tail(const struct finish *finish, const struct process_fate *fates,
                      struct rrd_error *error)
{
    struct recorder *recorder = finish->recorder;
    const char *part = journal_part(&recorder->journal);
    struct store *store = find_root_store(recorder);
    uint64_t end = recorder->outbox.size;
    int result = store == NULL ? make_store(finish, &store) : 0;

    if (result == 0)
        result = recorder_announce(recorder, store);
    if (result == 0)
        result = write_processes(finish, fates, store, &end);
    if (result == 0)
        return add_index(recorder, error);
    rrd_error_set(error,
                  "%s: the rest cannot be written: %s; all rows are in it, make room and "
                  "deliver the session",
                  part, strerror(-result));
    return result;
}

int finish_place(const struct finish *finish, const struct process_fate *fates,
                 struct rrd_error *error)
{
    struct recorder *recorder = finish->recorder;
    const struct zstd_progress progress = {finish->progress, finish->context};
    int result = outbox_cut(&recorder->outbox);

    if (result == 0)
        result = write_tail(finish, fates, error);
    buffer_truncate(&recorder->out, 0);
    if (result < 0)
        return result;
    result = outbox_place(&recorder->outbox, &recorder->journal, finish->id, &progress);
    if (result < 0)
        rrd_error_set(error,
                      "%s cannot be put into its place: %s; the whole recording is %s, and "
                      "`lastword deliver` tries again",
                      journal_output(&recorder->journal), strerror(-result),
                      journal_part(&recorder->journal));
    return result;
}

int finish_sinks(const struct finish *finish, struct rrd_error *error)
{
    const struct recorder *recorder = finish->recorder;
    const char *output = journal_output(&recorder->journal);
    const struct sinks_source source = {
        .recordings = &recorder->recordings,
        .path = output,
        .size = journal_outbox_size(&recorder->journal),
        .commits = recorder->commits,
        .id = finish->id,
        .is_final = true,
    };

    if (!sinks_has_any(&recorder->recordings, output))
        return 0;
    if (!finish->may_write_sinks) {
        rrd_error_set(error,
                      "the files that the program named are left to the session's owner; "
                      "all rows are in %s",
                      output);
        return -EPERM;
    }
    return sinks_write(finish->sinks, &source, error);
}

/*
 * A recording so large that programs would have to wait for room meanwhile; its files are made at
 * the end.
 */
#define SINKS_MAX_SIZE ((uint64_t)1 << 30)

void finish_stream(const struct finish *finish, const struct stream *stream)
{
    const struct recorder *recorder = finish->recorder;
    const struct sinks_source source = {
        .recordings = &recorder->recordings,
        .path = journal_part(&recorder->journal),
        .size = recorder->outbox.size,
        .commits = recorder->commits,
        .id = finish->id,
    };
    struct rrd_error ignored;

    if (finish->may_write_sinks && source.size <= SINKS_MAX_SIZE)
        (void)!sinks_write_stream(finish->sinks, &source, stream, &ignored);
}

void finish_report(const struct recorder *recorder, const struct process_fate *fates,
                   struct courier_message *report)
{
    struct stat status;

    report->kind = COURIER_DONE;
    report->n_processes = (uint32_t)process_fates_count(fates, recorder->processes.n);
    for (size_t i = 0; i < recorder->processes.n; i++) {
        const struct process *process = recorder->processes.all[i];

        report->rows_stored += process->rows_stored;
        report->rows_damaged += process->rows_damaged;
        report->rows_refused += process->rows_refused;
    }
    report->rows_logged = report->rows_stored + report->rows_damaged;
    if (stat(journal_output(&recorder->journal), &status) == 0)
        report->bytes = (uint64_t)status.st_size;
    _Static_assert(sizeof(report->text) >= sizeof(recorder->first_damage.text), "texts fit");
    strcpy(report->text, recorder->first_damage.text);
}

void finish_clean(struct recorder *recorder)
{
    journal_set_cleaning(&recorder->journal);
    event_log_remove(recorder->session);
    journal_remove(recorder->session);
}
