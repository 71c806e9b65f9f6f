/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The head of a row: signature and times, as sdk/record/record.h lays them out. On the path of
 * every row. No state.
 */
#include "sdk/row.h"

#include "sdk/error.h"

#include <time.h>

static uint64_t realtime_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static uint16_t flags_of(const struct row *row)
{
    if (row->is_static)
        return ROW_STATIC;
    if (row->times)
        return 0;
    return atomic_load_explicit(&row->stream->has_log_time, memory_order_relaxed) ? ROW_LOG_TIME
                                                                                  : 0;
}

static void put_timelines(struct spool_cursor *cursor, const struct times *times)
{
    for (uint32_t i = 0; i < times->n_times; i++) {
        const struct times_entry *entry = &times->entries[i];
        uint16_t numbers[2] = {entry->type, entry->timeline->size};

        spool_put(cursor, numbers, sizeof(numbers));
        spool_put(cursor, entry->timeline->name, entry->timeline->size);
    }
}

static void put_values(struct spool_cursor *cursor, const struct times *times)
{
    for (uint32_t i = 0; i < times->n_times; i++)
        spool_put(cursor, &times->entries[i].value, sizeof(times->entries[i].value));
}

bool row_begin(const struct row *row, struct spool_cursor *cursor)
{
    struct times own;
    const struct times *times = row->times ? row->times : &own;
    struct record_row head;
    size_t key_size;
    int result;

    if (__builtin_expect(row->batches_size > ROW_MAX_SIZE, 0))
        return error_set(row->call.error, RR_ERROR_CODE_INVALID_COMPONENT,
                         "%s: the row has more than 1 GiB: log it in parts", row->call.function);
    own.n_times = 0;
    own.names_size = 0;
    if (!row->is_static && !row->times)
        times_collect(row->stream, &own);
    key_size = row->n_components * sizeof(uint32_t) + times->n_times * 2 * sizeof(uint16_t) +
               times->names_size + row->entity_path.size;
    head = (struct record_row){
        .recording_id = atomic_load_explicit(&row->stream->recording, memory_order_acquire)->id,
        .n_timelines = (uint16_t)times->n_times,
        .n_components = (uint16_t)row->n_components,
        .signature_size = (uint32_t)padded(key_size),
        .entity_path_size = (uint16_t)row->entity_path.size,
        .flags = flags_of(row),
    };
    result = lastword_spool_v1.begin(cursor, RECORD_ROW, realtime_ns(),
                                     sizeof(head) + head.signature_size +
                                         times->n_times * sizeof(int64_t) + row->batches_size);
    if (__builtin_expect(result < 0, 0))
        return row_fail(row, result);
    spool_put(cursor, &head, sizeof(head));
    spool_put(cursor, row->component_ids, row->n_components * sizeof(uint32_t));
    put_timelines(cursor, times);
    spool_put(cursor, row->entity_path.bytes, row->entity_path.size);
    spool_put_padding(cursor, key_size);
    put_values(cursor, times);
    return true;
}

bool row_fail(const struct row *row, int spool_error)
{
    return error_set_spool(row->call.error, 0, row->call.function, spool_error);
}
