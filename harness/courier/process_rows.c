/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * START and END events, and what follows from all others, made into chunks. The texts in events
 * come from programs: each size is checked, and columns mend what is not UTF-8.
 */
#include "harness/courier/process_rows.h"

#include "harness/courier/process_notes.h"
#include "harness/courier/single_row.h"

#include <errno.h>
#include <string.h>

#define MAX_ARGS 1024u /* RECORD_MAX_ARGS bytes can hold 4096 empty ones: enough is enough */

/* What a START record says, in rows->bytes. */
struct start_view {
    struct string_view executable;
    struct string_view args; /* each terminated */
};

/* What an END record says. */
struct end_view {
    uint64_t pc;
    struct string_view target;
    struct string_view stack;
};

/* Reads the event at `offset` and gives its payload if it is of this kind. 0 or an error. */
static int read_payload(struct process_rows *rows, uint64_t offset, uint16_t kind,
                        struct string_view *ret_payload)
{
    const struct event *event;
    int result = event_log_read(rows->log, offset, &rows->bytes);

    *ret_payload = (struct string_view){NULL, 0};
    if (result == -EBADMSG || result == 0)
        return 0;
    if (result < 0)
        return result;
    event = (const struct event *)(const void *)rows->bytes.data;
    if (event->kind == kind)
        *ret_payload =
            (struct string_view){(const char *)(event + 1), event->size - sizeof(*event)};
    return 0;
}

/* Takes `size` bytes off the front; what is not there is empty. */
static struct string_view take(struct string_view *payload, size_t size)
{
    struct string_view taken = {payload->data, size};

    if (size > payload->size)
        return (struct string_view){NULL, 0};
    payload->data += size;
    payload->size -= size;
    return taken;
}

static int read_start(struct process_rows *rows, const struct process *process,
                      struct start_view *ret_view)
{
    struct record_process_start head;
    struct string_view payload;
    int result;

    *ret_view = (struct start_view){0};
    if (!process->has_start)
        return 0;
    result = read_payload(rows, process->start_offset, RECORD_PROCESS_START, &payload);
    if (result < 0 || payload.size < sizeof(head))
        return result;
    memcpy(&head, take(&payload, sizeof(head)).data, sizeof(head));
    ret_view->executable = take(&payload, head.executable_size);
    ret_view->args = take(&payload, head.args_size);
    return 0;
}

static int read_end(struct process_rows *rows, const struct process *process,
                    struct end_view *ret_view)
{
    struct record_process_end head;
    struct string_view payload;
    int result;

    *ret_view = (struct end_view){0};
    if (!process->has_end)
        return 0;
    result = read_payload(rows, process->end_offset, RECORD_PROCESS_END, &payload);
    if (result < 0 || payload.size < sizeof(head))
        return result;
    memcpy(&head, take(&payload, sizeof(head)).data, sizeof(head));
    ret_view->pc = head.pc;
    ret_view->target = take(&payload, head.text_size);
    ret_view->stack = take(&payload, head.stack_size);
    return 0;
}

static void add_number(struct single_row *row, const char *component, int64_t value)
{
    const struct column_descriptor descriptor = {.component = string_view_of(component)};

    single_row_add_int64(row, &descriptor, value);
}

static void add_process(struct single_row *row, const char *component,
                        const struct process *process)
{
    single_row_add_text(row, component, string_view_of(process == NULL ? "" : process->name));
}

/* A text that ends at its first NUL, if there is one. */
static struct string_view up_to_nul(struct string_view text)
{
    const char *end = text.size == 0 ? NULL : memchr(text.data, 0, text.size);

    return (struct string_view){text.data, end == NULL ? text.size : (size_t)(end - text.data)};
}

static void add_args(struct single_row *row, struct string_view args)
{
    struct string_view each[MAX_ARGS];
    size_t n = 0;

    while (args.size > 0 && n < MAX_ARGS) {
        each[n] = up_to_nul(args);
        (void)take(&args, each[n].size < args.size ? each[n].size + 1 : args.size);
        n++;
    }
    single_row_add_texts(row, PROCESS_ARGS, each, n);
}

static void fill_start(struct single_row *row, const struct process_rows *rows,
                       const struct process_fate *fate, const struct start_view *view)
{
    const struct process *process = fate->process;

    add_number(row, PROCESS_PID, process->pid);
    add_number(row, PROCESS_PARENT_PID, process->parent_pid);
    add_process(row, PROCESS_PARENT, fate->parent);
    add_process(row, PROCESS_IMAGE_OF, fate->image_of);
    single_row_add_text(row, PROCESS_MADE_BY, string_view_of(fate->made_by));
    single_row_add_text(row, PROCESS_EXECUTABLE, up_to_nul(view->executable));
    if (rows->record_args)
        add_args(row, view->args);
}

/* What there is none of has no column. */
static int add_notes(struct single_row *row, struct process_rows *rows,
                     const struct process *process)
{
    static const struct {
        uint16_t kind;
        const char *component;
    } lists[] = {{NOTE_PROVIDER, PROCESS_PROVIDERS},
                 {NOTE_NOT_COVERED, PROCESS_NOT_COVERED},
                 {NOTE_TIMED_OUT, PROCESS_TIMED_OUT},
                 {NOTE_VIEWER, PROCESS_VIEWERS}};
    struct process_notes notes;
    int result = 0;

    for (size_t i = 0; result == 0 && i < sizeof(lists) / sizeof(lists[0]); i++) {
        result = process_notes_read(&notes, rows->processes, process, lists[i].kind, rows->log,
                                    &rows->bytes);
        if (result == 0 && notes.n > 0)
            single_row_add_texts(row, lists[i].component, notes.views, notes.n);
    }
    return result;
}

static void fill_end(struct single_row *row, const struct process_fate *fate,
                     const struct end_view *view)
{
    const struct process *process = fate->process;

    single_row_add_text(row, PROCESS_ENDED_BY, string_view_of(fate->ended_by));
    add_number(row, PROCESS_STATUS, fate->status);
    single_row_add_text(row, PROCESS_SEEN_BY, string_view_of(fate->seen_by));
    single_row_add_text(row, PROCESS_TARGET, up_to_nul(view->target));
    add_number(row, PROCESS_ROWS_LOGGED, (int64_t)(process->rows_stored + process->rows_damaged));
    add_number(row, PROCESS_ROWS_STORED, (int64_t)process->rows_stored);
    single_row_add_uint64(row, PROCESS_PC, view->pc);
    single_row_add_bytes(row, PROCESS_STACK, view->stack);
}

static int append(struct process_rows *rows, const struct process *process, struct single_row *row,
                  uint64_t time_ns, struct buffer *out)
{
    const struct chunk_metadata metadata = {string_view_of(PROCESS_METADATA_KEY),
                                            string_view_of(process->name)};
    char path[sizeof(PROCESS_ENTITY_PREFIX) + PROCESS_NAME_SIZE] = PROCESS_ENTITY_PREFIX;
    int result;

    strcat(path, process->name);
    result = single_row_append(row,
                               &(struct single_row_frame){
                                   .store = rows->store,
                                   .entity_path = string_view_of(path),
                                   .metadata = &metadata,
                                   .n_metadata = 1,
                                   .log_time_ns = (int64_t)time_ns,
                                   .chunk_id = tuid_next(rows->ids, time_ns),
                                   .row_id = tuid_next(rows->ids, time_ns),
                               },
                               rows->workspace, out);
    single_row_done(row);
    return result;
}

int process_rows_append(struct process_rows *rows, const struct process_fate *fate,
                        struct buffer *out)
{
    struct start_view start;
    struct end_view end = {0};
    struct single_row row;
    int result = read_start(rows, fate->process, &start);

    if (result < 0)
        return result;
    single_row_init(&row);
    fill_start(&row, rows, fate, &start);
    result = append(rows, fate->process, &row, fate->process->start_ns, out);
    if (result == 0)
        result = read_end(rows, fate->process, &end);
    if (result < 0)
        return result;
    single_row_init(&row);
    fill_end(&row, fate, &end);
    result = add_notes(&row, rows, fate->process);
    if (result < 0) {
        single_row_done(&row);
        return result;
    }
    return append(rows, fate->process, &row, fate->end_ns, out);
}

struct string_view process_rows_executable(struct process_rows *rows, const struct process *process)
{
    struct start_view view;

    if (read_start(rows, process, &view) < 0)
        return (struct string_view){NULL, 0};
    return up_to_nul(view.executable);
}

struct string_view process_rows_target(struct process_rows *rows, const struct process *process)
{
    struct end_view view;

    if (read_end(rows, process, &view) < 0)
        return (struct string_view){NULL, 0};
    return up_to_nul(view.target);
}

struct string_view process_rows_event(struct process_rows *rows, uint64_t offset, uint16_t kind)
{
    struct string_view payload;

    if (read_payload(rows, offset, kind, &payload) < 0)
        return (struct string_view){NULL, 0};
    return payload;
}
