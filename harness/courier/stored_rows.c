/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading back what couriers before us have written. What the file holds is the truth about what
 * was stored, so nobody has to keep count of it across a death.
 */
#include "harness/courier/stored_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int visit_fn(void *context, const struct rrd_frame *frame, const struct chunk *chunk);

static int visit_frame(const struct rrd_frame *frame, struct chunk_decoder *decoder,
                       visit_fn *visit, void *context, struct rrd_error *error)
{
    struct chunk chunk;
    int result;

    if (frame->kind != RRD_ARROW_MSG)
        return visit(context, frame, NULL);
    result = chunk_decoder_decode(decoder, frame->payload, &chunk, error);
    return result < 0 ? result : visit(context, frame, &chunk);
}

static int walk(struct rrd_reader *reader, uint64_t size, struct chunk_decoder *decoder,
                visit_fn *visit, void *context, struct rrd_error *error)
{
    struct rrd_frame frame;
    int result = 0;

    while (reader->offset < size && (result = rrd_reader_next(reader, &frame, error)) == 1) {
        result = visit_frame(&frame, decoder, visit, context, error);
        if (result < 0)
            return result;
    }
    return result < 0 ? result : 0;
}

int stored_rows_visit(const char *path, uint64_t start, uint64_t size, visit_fn *visit,
                      void *context, struct rrd_error *error)
{
    struct chunk_decoder *decoder;
    struct rrd_reader reader;
    int result;

    if (size == 0)
        return 0;
    result = rrd_reader_open(&reader, path, error);
    if (result < 0)
        return result;
    result = chunk_decoder_create(&decoder);
    if (result == 0) {
        rrd_reader_skip_to(&reader, start);
        result = walk(&reader, size, decoder, visit, context, error);
        chunk_decoder_destroy(decoder);
    }
    rrd_reader_done(&reader);
    return result;
}

struct count {
    struct process_table *processes;
    struct recording_table *recordings;
};

static int announce(struct recording_table *recordings, struct string_view message)
{
    struct set_store_info info;
    struct store *store;
    int result = set_store_info_decode(message, &info);

    if (result < 0)
        return result;
    store = recording_table_store(recordings, &info.store);
    if (store == NULL)
        return -ENOMEM;
    store->is_announced = true;
    return 0;
}

/* "00ab34...cd.3" */
static bool parse_name(struct string_view name, uint64_t *ret_family, uint64_t *ret_serial)
{
    char text[PROCESS_NAME_SIZE];
    char *end;

    if (name.size < 18 || name.size >= sizeof(text) || name.data[16] != '.')
        return false;
    memcpy(text, name.data, name.size);
    text[name.size] = 0;
    *ret_family = strtoull(text, &end, 16);
    if (end != text + 16)
        return false;
    *ret_serial = strtoull(text + 17, &end, 10);
    return *end == 0;
}

bool stored_rows_process(const struct chunk *chunk, uint64_t *ret_family, uint64_t *ret_serial)
{
    return chunk->store.kind == STORE_RECORDING &&
           parse_name(chunk_find_metadata(chunk, PROCESS_METADATA_KEY), ret_family, ret_serial);
}

static int count_properties(struct recording_table *recordings, const struct chunk *chunk)
{
    struct store *store = recording_table_store(recordings, &chunk->store);

    if (store == NULL)
        return -ENOMEM;
    store->has_properties = true;
    return 0;
}

static int count_frame(void *context, const struct rrd_frame *frame, const struct chunk *chunk)
{
    const struct count *count = context;
    struct process *process;
    uint64_t family;
    uint64_t serial;

    if (frame->kind == RRD_SET_STORE_INFO)
        return announce(count->recordings, frame->payload);
    if (chunk == NULL)
        return 0;
    if (stored_rows_process(chunk, &family, &serial)) {
        process = process_table_get(count->processes, family, serial);
        if (process == NULL)
            return -ENOMEM;
        process->rows_stored += chunk->n_rows;
        return 0;
    }
    if (chunk->store.kind == STORE_RECORDING &&
        string_view_equal(chunk->entity_path, string_view_of(STORED_PROPERTIES_PATH)))
        return count_properties(count->recordings, chunk);
    return 0;
}

int stored_rows_count(const char *path, uint64_t size, struct process_table *processes,
                      struct recording_table *recordings, struct rrd_error *error)
{
    struct count count = {processes, recordings};

    return stored_rows_visit(path, 0, size, count_frame, &count, error);
}
