/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One family: what its reader gives is handed to the recorder, and who of it still lives is kept.
 * Owned by the courier's one thread.
 */
#include "harness/courier/served_family.h"

#include "harness/courier/array.h"
#include "harness/courier/clock_ns.h"
#include "harness/courier/memory_ahead.h"
#include "harness/courier/sent_blueprint.h"
#include "harness/courier/side_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- Processes -------------------------------------------------------------------------------- */

static int found(void *context, struct writer *writer)
{
    struct member *member = member_of(context, writer);

    return member == NULL ? -ENOMEM : member_welcome(member);
}

static int left(void *context, struct writer *writer, uint64_t n_counted, uint64_t n_found)
{
    struct served_family *family = context;
    struct member *member = member_of(family, writer);
    bool is_logged;
    int result = 0;

    if (member == NULL)
        return -ENOMEM;
    is_logged = n_counted > n_found || !member->process->is_gone;
    if (n_counted > n_found)
        result = recorder_damage(family->context->recorder, member->process, n_counted - n_found,
                                 "rows that it logged are not in its spool");
    if (result == 0)
        result = member_log_gone(member);
    member->left_after = family->context->commits - !is_logged;
    return result;
}

/* --- Records ----------------------------------------------------------------------------------
 */

static int damaged(void *context, struct writer *writer, uint64_t n_rows, const char *what)
{
    struct served_family *family = context;
    const struct member *member = member_of(family, writer);

    return member == NULL
               ? -ENOMEM
               : recorder_damage(family->context->recorder, member->process, n_rows, what);
}

/* What belongs to a recording: a row or a blueprint. */
struct content {
    enum record_kind kind;
    const void *payload;
    size_t size;
};

static int give(struct served_family *family, const struct spool_reader_record *record,
                struct process *process, const struct content *content)
{
    struct recorder *recorder = family->context->recorder;

    if (content->kind == RECORD_BLUEPRINT)
        return sent_blueprint_take(recorder, family->map.family, record->time_ns, content->payload,
                                   content->size);
    return recorder_row(recorder, process, &family->components, record->time_ns,
                        record->last_time_ns, content->payload, content->size);
}

static int miss(struct served_family *family, const struct spool_reader_record *record,
                enum record_kind kind, const char *row, const char *blueprint)
{
    bool is_blueprint = kind == RECORD_BLUEPRINT;

    return damaged(family, record->writer, !is_blueprint, is_blueprint ? blueprint : row);
}

static int take_content(struct served_family *family, const struct spool_reader_record *record,
                        const struct content *content)
{
    struct member *member = member_of(family, record->writer);
    int result = -ENOENT;

    if (member == NULL)
        return -ENOMEM;
    /* A definition is there before the first row that needs it: look for new ones, once. */
    for (int tries = 0; tries < 2 && result == -ENOENT; tries++) {
        result = tries == 0 ? 0 : spool_reader_definitions(family->reader);
        if (result == -ENOMEM || result == -EAGAIN)
            return result;
        result = give(family, record, member->process, content);
    }
    if (result == -ENOENT)
        return miss(family, record, content->kind,
                    "a row of a recording or type that is not defined",
                    "a blueprint for a recording that is not defined");
    if (result == -EBADMSG)
        return miss(family, record, content->kind, "a damaged row", "a damaged blueprint");
    return result;
}

/* The file goes once the row is committed. */
static int remember_side_file(struct served_family *family, const char *name)
{
    char **files = array_grow(family->side_files, family->n_side_files,
                              &family->side_files_capacity, sizeof(*files));

    if (files == NULL)
        return -ENOMEM;
    family->side_files = files;
    files[family->n_side_files] = strdup(name);
    if (files[family->n_side_files] == NULL)
        return -ENOMEM;
    family->n_side_files++;
    return 0;
}

static int take_side_file(struct served_family *family, const struct spool_reader_record *record)
{
    struct content content = {.kind = side_file_kind(record->payload, record->size)};
    struct family_context *context = family->context;
    char name[SIDE_FILE_NAME_SIZE];
    struct buffer bytes;
    int result;

    buffer_init(&bytes, SIDE_FILE_MAX_SIZE);
    result = side_file_read(context->session, context->owner, record->payload, record->size, &bytes,
                            name);
    content.payload = bytes.data;
    content.size = bytes.size;
    if (result == 0)
        result = take_content(family, record, &content);
    else if (result != -ENOMEM)
        result = miss(family, record, content.kind, "a row whose file is missing or damaged",
                      "a blueprint whose file is missing or damaged");
    buffer_done(&bytes);
    return result < 0 ? result : remember_side_file(family, name);
}

static int take_event(struct served_family *family, const struct spool_reader_record *record)
{
    int result = recorder_event(family->context->recorder,
                                &(struct event){
                                    .kind = record->kind,
                                    .family = family->map.family,
                                    .serial = record->writer->serial,
                                    .time_ns = record->time_ns,
                                },
                                record->payload, record->size);

    return result == -EBADMSG ? damaged(family, record->writer, 0, "a damaged record") : result;
}

/*
 * Before the files of a stream are written, each spool is read once more from end to end, as rows
 * that other threads and processes have logged before may stand anywhere in them: the round in
 * which this record turned up had passed some already, and so has the round in which it turns up
 * again not reached all. Then all that is committed. Returns 0 when that was done.
 */
static int await_rows(const struct family_context *context, struct writer_hold *hold,
                      uint64_t time_ns)
{
    /* A thread whose blueprint waits for its turn may have rows behind it. */
    if (hold->round == 0 || blueprint_turns_see(&context->turns, context->rounds, time_ns))
        hold->round = context->rounds;
    if (context->rounds < hold->round + 2)
        return -EBUSY;
    if (hold->commits == 0)
        hold->commits = context->recorder->commits;
    return context->recorder->has_pending && hold->commits == context->recorder->commits ? -EAGAIN
                                                                                         : 0;
}

static int take_finish(struct served_family *family, const struct spool_reader_record *record)
{
    const struct family_context *context = family->context;
    struct record_finish_sink finish;
    const struct stream *stream;
    int result;

    if (record->size < sizeof(finish))
        return damaged(family, record->writer, 0, "a damaged record");
    result = context->skips_sinks ? 0 : await_rows(context, record->hold, record->time_ns);
    if (result < 0)
        return result;
    *record->hold = (struct writer_hold){0};
    memcpy(&finish, record->payload, sizeof(finish));
    stream = recording_table_find(&context->recorder->recordings, family->map.family,
                                  finish.recording_id);
    if (stream == NULL)
        return damaged(family, record->writer, 0, "files of a recording that is not defined");
    if (!context->skips_sinks)
        context->finish_stream(context->courier, stream);
    return 0;
}

static int take_definition(struct served_family *family, const struct spool_reader_record *record)
{
    int result = 0;

    if (record->kind == RECORD_DEFINE_RECORDING)
        result = recorder_define(family->context->recorder, family->map.family, record->time_ns,
                                 record->payload, record->size);
    else if (record->kind == RECORD_DEFINE_COMPONENT)
        result = component_table_add(&family->components, record->payload, record->size);
    return result == -EBADMSG ? 0 : result; /* the rows that need it will be missed */
}

/* Returns 0, or -EBUSY: a blueprint waits for its turn. */
static int await_turn(struct family_context *context, const struct spool_reader_record *record)
{
    struct writer_hold *hold = record->hold;

    if (hold->round == 0)
        hold->round = context->rounds;
    if (!blueprint_turns_take(&context->turns, context->rounds, hold->round, record->time_ns))
        return -EBUSY;
    *hold = (struct writer_hold){0};
    return 0;
}

static bool is_blueprint(const struct spool_reader_record *record)
{
    return record->kind == RECORD_BLUEPRINT ||
           (record->kind == RECORD_SIDE_FILE &&
            side_file_kind(record->payload, record->size) == RECORD_BLUEPRINT);
}

static int take_record(struct served_family *family, const struct spool_reader_record *record)
{
    const struct content content = {record->kind, record->payload, record->size};

    if (record->writer == NULL)
        return take_definition(family, record);
    switch (record->kind) {
    case RECORD_ROW:
    case RECORD_BLUEPRINT:
        return take_content(family, record, &content);
    case RECORD_SIDE_FILE:
        return take_side_file(family, record);
    case RECORD_PROCESS_START:
    case RECORD_PROCESS_END:
    case RECORD_PROCESS_END_CANCELLED:
    case RECORD_CHILD_ENDED:
    case RECORD_NOTE:
    case RECORD_UNCOVERED:
        return take_event(family, record);
    case RECORD_FINISH_SINK:
        return take_finish(family, record);
    default:
        return damaged(family, record->writer, 0, "a record of an unknown kind");
    }
}

static int record(void *context, const struct spool_reader_record *record)
{
    struct served_family *family = context;
    int result =
        record->writer != NULL && is_blueprint(record) ? await_turn(family->context, record) : 0;

    if (result == 0)
        result = take_record(family, record);
    if (result < 0)
        return result;
    return recorder_is_full(family->context->recorder);
}

/* --- Opening and closing ----------------------------------------------------------------------
 */

static int make_reader(struct served_family *family)
{
    const struct spool_reader_calls calls = {
        .context = family,
        .found = found,
        .record = record,
        .damaged = damaged,
        .left = left,
    };

    return spool_reader_create(&family->map, &calls, &family->reader);
}

int served_family_open(struct family_context *context, const char *name,
                       struct served_family **ret_family, struct rrd_error *error)
{
    struct served_family *family = calloc(1, sizeof(*family));
    int result;

    if (family == NULL)
        return -ENOMEM;
    family->context = context;
    component_table_init(&family->components);
    result = spool_map_open(&family->map, context->session, name, context->owner, error);
    if (result < 0) {
        free(family);
        return result;
    }
    result = make_reader(family);
    if (result < 0) {
        spool_map_close(&family->map);
        free(family);
        return result;
    }
    spool_reader_serve(family->reader, context->my_pid);
    *ret_family = family;
    return 0;
}

void served_family_close(struct served_family *family)
{
    struct member *next;

    spool_reader_serve(family->reader, 0);
    for (struct member *member = family->members; member != NULL; member = next) {
        next = member->next;
        member_destroy(member);
    }
    for (size_t i = 0; i < family->n_side_files; i++)
        free(family->side_files[i]);
    free(family->side_files);
    spool_reader_destroy(family->reader);
    component_table_done(&family->components);
    spool_map_close(&family->map);
    free(family);
}

void served_family_check_use(struct served_family *family)
{
    if (family->is_unused || !spool_map_is_unused(&family->map))
        return;
    family->is_unused = true;
    for (struct member *member = family->members; member != NULL; member = member->next)
        member_is_over(member);
}

void served_family_check_members(struct served_family *family)
{
    for (struct member *member = family->members; member != NULL; member = member->next)
        member_check(member);
}

/* --- Passes and commits -----------------------------------------------------------------------
 */

/* Gives back the slots of those whose leaving is committed. */
static void forget_members(struct served_family *family)
{
    struct member **link = &family->members;

    while (*link != NULL) {
        struct member *member = *link;

        if (member->left_after >= family->context->commits) {
            link = &member->next;
            continue;
        }
        *link = member->next;
        spool_reader_forget(family->reader, member->writer);
        member_destroy(member);
    }
}

/* What is known now holds for this pass: a writer is dead only once its records are all there. */
static void tell_who_is_over(struct served_family *family)
{
    for (struct member *member = family->members; member != NULL; member = member->next)
        member->writer->is_dead = member->is_over;
}

int served_family_log_refused(struct served_family *family)
{
    const struct event_rows rows = {spool_reader_rows_refused(family->reader)};
    int result;

    if (rows.n_rows == family->rows_refused)
        return 0;
    result = recorder_event(family->context->recorder,
                            &(struct event){
                                .kind = EVENT_REFUSED,
                                .family = family->map.family,
                                .serial = 1,
                                .time_ns = clock_ns(CLOCK_REALTIME),
                            },
                            &rows, sizeof(rows));
    if (result == 0)
        family->rows_refused = rows.n_rows;
    return result;
}

int served_family_pass(struct served_family *family, uint64_t now_ns, size_t max_dirty)
{
    bool is_unused = family->is_unused;
    int result;

    if (family->is_damaged)
        return 0;
    tell_who_is_over(family);
    if (!is_unused)
        memory_ahead(&family->map, &family->n_regions_ready);
    result = spool_reader_pass(family->reader, now_ns, is_unused, max_dirty);
    if (result == -EBADMSG) {
        family->is_damaged = true;
        rrd_error_set(&family->context->recorder->first_damage, "%s: was cut short",
                      family->map.name);
        return 0;
    }
    if (result >= 0 && is_unused) {
        int logged = served_family_log_refused(family);

        family->was_read = true;
        return logged < 0 ? logged : result;
    }
    return result;
}

static void remove_side_files(struct served_family *family)
{
    for (size_t i = 0; i < family->n_side_files; i++) {
        (void)!unlinkat(family->context->session, family->side_files[i], 0);
        free(family->side_files[i]);
    }
    family->n_side_files = 0;
}

int served_family_committed(struct served_family *family)
{
    int result;

    remove_side_files(family);
    result = spool_reader_committed(family->reader);
    forget_members(family);
    return result;
}

bool served_family_is_finished(const struct served_family *family)
{
    if (!family->is_unused || family->context->recorder->has_pending)
        return false;
    return family->is_damaged ||
           (family->was_read && spool_reader_is_drained(family->reader) && family->members == NULL);
}
