/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Walks the chunks of a recording once and sorts out processes and rows. It reads through wire/
 * only and judges nothing. Owns the recording until recording_done.
 */
#include "harness/verify/recording.h"

#include "harness/process_schema.h"
#include "harness/verify/process_roles.h"
#include "harness/wire/chunk_decoder.h"
#include "harness/wire/rrd_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is needed while the file is read. */
struct loader {
    struct recording *recording;
    const struct recording_options *options;
    struct rrd_error *error;
    struct rrd_reader reader;
    struct chunk_decoder *decoder;
    struct string_pool chunk_ids; /* of all chunks so far */
    size_t n_bytes;               /* in all queues */
};

/* --- Chunks of rows --------------------------------------------------------------------------- */

/* Every image has its queue. */
static int add_queues(struct loader *loader)
{
    struct recording *recording = loader->recording;
    while (recording->n_queues < recording->processes.n) {
        struct row_queue *rows =
            reallocarray(recording->rows, recording->n_queues + 1, sizeof *rows);
        if (rows == NULL) {
            return -ENOMEM;
        }
        recording->rows = rows;
        row_queue_init(&rows[recording->n_queues++], loader->options->n_rows_kept);
    }
    return 0;
}

static int find_process(struct loader *loader, struct string_view name, size_t *ret_index)
{
    int error = recorded_processes_find(&loader->recording->processes, name, ret_index);
    return error < 0 ? error : add_queues(loader);
}

static int check_size(struct loader *loader)
{
    if (loader->n_bytes + loader->recording->texts.n_bytes + loader->chunk_ids.n_bytes <=
        RECORDING_MAX_BYTES) {
        return 0;
    }
    rrd_error_set(loader->error,
                  "%s: the rows to compare take more than 1 GiB of memory; expect "
                  "fewer rows, or smaller ones, in one recording",
                  loader->reader.name);
    return -E2BIG;
}

/* Keeps one row, or counts it. The chunk's texts are in the pool already. */
static int take_row(struct loader *loader, struct row_queue *queue, const struct chunk *chunk,
                    size_t i, const struct recorded_row *common)
{
    struct recorded_row row;
    loader->recording->n_rows++;
    if (!row_queue_wants(queue, chunk->row_ids[i])) {
        row_queue_drop(queue);
        return 0;
    }
    int error = recorded_row_read(&row, chunk, i);
    if (error < 0) {
        return error;
    }
    row.entity = common->entity;
    row.recording_id = common->recording_id;
    row.application_id = common->application_id;
    row.component = common->component;
    loader->n_bytes -= row_queue_size(queue);
    error = row_queue_put(queue, &row);
    loader->n_bytes += row_queue_size(queue);
    if (error < 0) {
        recorded_row_done(&row);
        return error;
    }
    return check_size(loader);
}

static int pool_text(struct loader *loader, struct string_view text, struct string_view *ret_text)
{
    uint32_t number;
    int error = string_pool_add(&loader->recording->texts, text, &number);
    if (error == 0) {
        *ret_text = (struct string_view){loader->recording->texts.texts[number],
                                         loader->recording->texts.sizes[number]};
    }
    return error;
}

static int take_rows(struct loader *loader, const struct chunk *chunk)
{
    struct string_view entity = {0}, component = {0};
    struct recorded_row common = {0};
    size_t process = 0;

    int error = find_process(loader, chunk_find_metadata(chunk, PROCESS_METADATA_KEY), &process);
    if (error == 0) {
        error = pool_text(loader, chunk->entity_path, &entity);
    }
    if (error == 0) {
        error = pool_text(loader, chunk->store.recording_id, &common.recording_id);
    }
    if (error == 0) {
        error = pool_text(loader, chunk->store.application_id, &common.application_id);
    }
    if (error == 0) {
        error = pool_text(loader,
                          chunk->n_columns > 0 ? chunk->columns[0].descriptor.component
                                               : string_view_of("no component"),
                          &component);
    }
    if (error < 0) {
        return error;
    }
    common.entity = entity.data;
    common.component = component.data;
    for (size_t i = 0; error == 0 && i < chunk->n_rows; i++) {
        error = take_row(loader, &loader->recording->rows[process], chunk, i, &common);
    }
    return error;
}

/* --- All chunks ------------------------------------------------------------------------------- */

/* Tells whether `path` is `prefix` or below it. */
static bool is_below(struct string_view path, const char *prefix)
{
    size_t size = strlen(prefix);
    return path.size >= size && memcmp(path.data, prefix, size) == 0 &&
           (path.size == size || path.data[size] == '/');
}

bool recording_is_reserved(struct string_view entity)
{
    return is_below(entity, RECORDING_OWN_PREFIX) || is_below(entity, RECORDING_PROPERTIES_PREFIX);
}

static int take_process(struct loader *loader, const struct chunk *chunk)
{
    size_t prefix = strlen(PROCESS_ENTITY_PREFIX), index;
    struct string_view name = {chunk->entity_path.data + prefix, chunk->entity_path.size - prefix};
    int error = find_process(loader, name, &index);
    for (size_t i = 0; error == 0 && i < chunk->n_rows; i++) {
        error = recorded_processes_read(&loader->recording->processes, index, chunk, i);
    }
    return error;
}

static int take_uncovered(struct loader *loader, const struct chunk *chunk)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < chunk->n_rows; i++) {
        error = recorded_uncovered_read(&loader->recording->uncovered, chunk, i);
    }
    return error;
}

static int take_chunk(struct loader *loader, const struct chunk *chunk)
{
    struct string_view path = chunk->entity_path;
    struct string_view prefix = string_view_of(PROCESS_ENTITY_PREFIX);
    int error = 0;

    if (path.size > prefix.size && memcmp(path.data, prefix.data, prefix.size) == 0) {
        error = take_process(loader, chunk);
    } else if (string_view_equal(path, string_view_of(UNCOVERED_ENTITY))) {
        error = take_uncovered(loader, chunk);
    }
    bool is_wanted =
        !recording_is_reserved(path) ||
        (loader->options->wants != NULL && loader->options->wants(loader->options->context, path));
    return error == 0 && is_wanted ? take_rows(loader, chunk) : error;
}

/* A chunk is known by its id within its store. */
static int is_repeated(struct loader *loader, const struct chunk *chunk)
{
    char key[sizeof chunk->id + 256];
    size_t size = sizeof chunk->id;
    struct string_view store = chunk->store.recording_id;
    uint32_t number;

    memcpy(key, &chunk->id, sizeof chunk->id);
    /* Of an odd, long recording id the beginning will do. */
    size_t store_size = store.size < 256 ? store.size : 256;
    if (store_size > 0) {
        memcpy(key + size, store.data, store_size);
    }
    size_t n_before = loader->chunk_ids.n;
    int error =
        string_pool_add(&loader->chunk_ids, (struct string_view){key, size + store_size}, &number);
    return error < 0 ? error : loader->chunk_ids.n == n_before;
}

/* Says where in the file a chunk is bad. `why` may be the decoder's own text. */
static int fail_chunk(struct loader *loader, const struct rrd_frame *frame, int error,
                      const char *why)
{
    if (error == -ENOMEM) {
        rrd_error_set(loader->error, "out of memory");
    } else if (error != -E2BIG || why[0] != '\0') {
        rrd_error_set(loader->error, "%s: chunk at byte %llu: %s", loader->reader.name,
                      (unsigned long long)frame->offset, why);
    }
    return error;
}

static int take_frame(struct loader *loader, const struct rrd_frame *frame)
{
    struct rrd_error why = {""};
    struct chunk chunk;

    int error = chunk_decoder_decode(loader->decoder, frame->payload, &chunk, &why);
    if (error < 0) {
        return fail_chunk(loader, frame, error, why.text);
    }
    if (chunk.store.kind != STORE_RECORDING) {
        return 0;
    }
    int repeated = is_repeated(loader, &chunk);
    if (repeated > 0) {
        loader->recording->n_repeated_chunks++;
        return 0;
    }
    error = repeated < 0 ? repeated : take_chunk(loader, &chunk);
    return error < 0
               ? fail_chunk(loader, frame, error,
                            error == -EBADMSG ? "a component of another type than its name promises"
                                              : "")
               : 0;
}

static int take_frames(struct loader *loader)
{
    struct rrd_frame frame;
    int more;
    while ((more = rrd_reader_next(&loader->reader, &frame, loader->error)) > 0) {
        int error = frame.kind == RRD_ARROW_MSG ? take_frame(loader, &frame) : 0;
        if (error < 0) {
            return error;
        }
    }
    loader->recording->is_cut = loader->reader.ending == RRD_CUT;
    loader->recording->is_compressed = byte_source_is_compressed(&loader->reader.source);
    loader->recording->cut_offset = loader->reader.cut_offset;
    return more;
}

static int finish(struct loader *loader)
{
    struct recording *recording = loader->recording;
    for (size_t i = 0; i < recording->n_queues; i++) {
        row_queue_sort(&recording->rows[i]);
    }
    return process_roles_arrange(&recording->processes);
}

static int load(struct loader *loader)
{
    int error = chunk_decoder_create(&loader->decoder);
    if (error == 0) {
        error = take_frames(loader);
    }
    if (error == 0) {
        error = finish(loader);
    }
    chunk_decoder_destroy(loader->decoder);
    string_pool_done(&loader->chunk_ids);
    return error;
}

int recording_load(struct recording *recording, const char *path,
                   const struct recording_options *options, struct rrd_error *error)
{
    struct loader loader = {.recording = recording, .options = options, .error = error};
    int result = rrd_reader_open(&loader.reader, path, error);
    if (result < 0) {
        return result;
    }
    *recording = (struct recording){0};
    recorded_processes_init(&recording->processes);
    string_pool_init(&recording->texts);
    string_pool_init(&loader.chunk_ids);
    result = load(&loader);
    rrd_reader_done(&loader.reader);
    if (result == -ENOMEM) {
        rrd_error_set(error, "out of memory");
    }
    if (result < 0) {
        recording_done(recording);
    }
    return result;
}

void recording_done(struct recording *recording)
{
    if (recording == NULL) {
        return;
    }
    for (size_t i = 0; i < recording->n_queues; i++) {
        row_queue_done(&recording->rows[i]);
    }
    free(recording->rows);
    recorded_processes_done(&recording->processes);
    recorded_uncovered_done(&recording->uncovered);
    string_pool_done(&recording->texts);
    *recording = (struct recording){0};
}
