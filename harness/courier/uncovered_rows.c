/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows about programs of which only others could tell. Names in events come from programs: sizes
 * are checked, and columns mend what is not UTF-8.
 */
#include "harness/courier/uncovered_rows.h"

#include "harness/courier/single_row.h"
#include "harness/program_file.h"

#include <limits.h>
#include <string.h>
#include <sys/wait.h>

/* --- Names -------------------------------------------------------------------------------------
 */

static struct string_view path_of_forecast(struct process_rows *rows, uint64_t offset)
{
    struct string_view payload = process_rows_event(rows, offset, RECORD_UNCOVERED);
    struct record_uncovered head;

    if (payload.size < sizeof(head))
        return (struct string_view){NULL, 0};
    memcpy(&head, payload.data, sizeof(head));
    payload.data += sizeof(head);
    payload.size -= sizeof(head);
    if (head.path_size > payload.size)
        return (struct string_view){NULL, 0};
    return (struct string_view){payload.data, head.path_size};
}

static struct string_view command_of_wait(struct process_rows *rows, uint64_t offset)
{
    struct string_view payload = process_rows_event(rows, offset, EVENT_SUPERVISOR_SAW_END);
    const size_t at = offsetof(struct event_saw_end, command);

    if (payload.size < sizeof(struct event_saw_end))
        return (struct string_view){NULL, 0};
    return (struct string_view){
        payload.data + at,
        strnlen(payload.data + at, sizeof(((struct event_saw_end *)0)->command))};
}

struct string_view uncovered_name(struct process_rows *rows, const struct uncovered *uncovered)
{
    struct string_view name = {NULL, 0};

    if (uncovered->forecast_offset != UINT64_MAX)
        name = path_of_forecast(rows, uncovered->forecast_offset);
    if (name.size == 0 && uncovered->end_offset != UINT64_MAX)
        name = process_rows_target(rows, uncovered->image_of);
    if (name.size == 0 && uncovered->wait_offset != UINT64_MAX)
        name = command_of_wait(rows, uncovered->wait_offset);
    return name;
}

void uncovered_look(struct process_rows *rows, struct uncovered *list, size_t n)
{
    char path[PATH_MAX];

    for (size_t i = 0; i < n && i < UNCOVERED_MAX_ROWS; i++) {
        struct string_view name;
        struct target seen;

        if (list[i].reason != UNCOVERED_UNKNOWN)
            continue;
        name = uncovered_name(rows, &list[i]);
        if (name.size == 0 || name.size >= sizeof(path) || name.data[0] != '/')
            continue;
        memcpy(path, name.data, name.size);
        path[name.size] = '\0';
        seen = program_file_look(path, false);
        if (seen.reason != UNCOVERED_NOT)
            list[i].reason = seen.reason;
    }
}

/* --- Rows --------------------------------------------------------------------------------------
 */

static void add_number(struct single_row *row, const char *component, int64_t value)
{
    const struct column_descriptor descriptor = {.component = string_view_of(component)};

    single_row_add_int64(row, &descriptor, value);
}

static void add_text(struct single_row *row, const char *component, const char *text)
{
    single_row_add_text(row, component, string_view_of(text));
}

static void add_end(struct single_row *row, const struct uncovered *uncovered)
{
    bool is_signal = uncovered->has_ended && WIFSIGNALED(uncovered->wait_status);
    int64_t status = !uncovered->has_ended ? -1
                     : is_signal           ? WTERMSIG(uncovered->wait_status)
                                           : WEXITSTATUS(uncovered->wait_status);

    add_text(row, PROCESS_ENDED_BY,
             is_signal              ? "signal"
             : uncovered->has_ended ? "exit"
                                    : "unknown");
    add_number(row, PROCESS_STATUS, status);
    add_text(row, PROCESS_SEEN_BY,
             !uncovered->has_ended      ? "nobody"
             : uncovered->by_supervisor ? "supervisor"
                                        : "parent");
}

static void fill(struct single_row *row, struct process_rows *rows,
                 const struct uncovered *uncovered)
{
    add_number(row, PROCESS_PID, uncovered->pid);
    add_text(row, PROCESS_PARENT, uncovered->parent != NULL ? uncovered->parent->name : "");
    add_text(row, PROCESS_IMAGE_OF, uncovered->image_of != NULL ? uncovered->image_of->name : "");
    add_text(row, PROCESS_MADE_BY, uncovered->made_by);
    single_row_add_text(row, PROCESS_EXECUTABLE, uncovered_name(rows, uncovered));
    add_text(row, PROCESS_NOT_COVERED, uncovered_reason_text(uncovered->reason));
    add_end(row, uncovered);
}

static int append(struct process_rows *rows, struct single_row *row, uint64_t time_ns,
                  struct buffer *out)
{
    int result = single_row_append(row,
                                   &(struct single_row_frame){
                                       .store = rows->store,
                                       .entity_path = string_view_of(UNCOVERED_ENTITY),
                                       .log_time_ns = (int64_t)time_ns,
                                       .chunk_id = tuid_next(rows->ids, time_ns),
                                       .row_id = tuid_next(rows->ids, time_ns),
                                   },
                                   rows->workspace, out);

    single_row_done(row);
    return result;
}

int uncovered_rows_append(struct process_rows *rows, const struct uncovered *list, size_t n,
                          struct buffer *out)
{
    size_t n_written = n < UNCOVERED_MAX_ROWS ? n : UNCOVERED_MAX_ROWS;
    struct single_row row;
    int result = 0;

    for (size_t i = 0; result == 0 && i < n_written; i++) {
        single_row_init(&row);
        fill(&row, rows, &list[i]);
        result = append(rows, &row, list[i].time_ns, out);
    }
    if (result < 0 || n == n_written)
        return result;
    single_row_init(&row);
    add_number(&row, UNCOVERED_MORE, (int64_t)(n - n_written));
    return append(rows, &row, list[n - 1].time_ns, out);
}
