/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * rr_recording_stream_log: rows of any components from Arrow arrays. The arrays are measured,
 * written straight into the spool, and released, whatever happens. No state.
 */
#include "sdk/arrow.h"
#include "sdk/component.h"
#include "sdk/error.h"

/*
 * The batches of a row, measured. Also used in signal handlers, whose stacks are small: what can be
 * found again is not kept.
 */
struct batches {
    const struct argument_call *call;
    const rr_data_row *data_row;
    uint32_t n;                               /* that count, see is_overruled */
    uint64_t size;                            /* of all */
    uint32_t ids[RECORD_MAX_COMPONENTS];      /* n of them */
    uint8_t places[RECORD_MAX_COMPONENTS];    /* n indexes of component_batches */
    uint8_t has_nulls[RECORD_MAX_COMPONENTS]; /* n of them */
    uint32_t sizes[RECORD_MAX_COMPONENTS];    /* n of them, heads included */
};
_Static_assert(RECORD_MAX_COMPONENTS - 1 <= UINT8_MAX, "an index fits into a place");

/* Does a later batch of the row have a component of the same name? Then that one counts. */
static bool is_overruled(const rr_data_row *data_row, uint32_t index,
                         const struct component *component)
{
    const struct argument_call quiet = {0};

    for (uint32_t i = index + 1; i < data_row->num_component_batches; i++) {
        struct component *other;

        if (component_find(&quiet, data_row->component_batches[i].component_type, &other) &&
            other->name == component->name)
            return true;
    }
    return false;
}

static bool measure(const struct argument_call *call, struct arrow_batch *batch, uint32_t index)
{
    const char *problem = arrow_measure(batch);

    if (problem)
        return error_set(call->error, RR_ERROR_CODE_ARROW_FFI_ARRAY_IMPORT_ERROR,
                         "%s: data_row.component_batches[%u]: the array %s", call->function, index,
                         problem);
    if (batch->size <= BATCH_MAX_SIZE)
        return true;
    return error_set(call->error, RR_ERROR_CODE_INVALID_COMPONENT,
                     "%s: data_row.component_batches[%u] has more than 512 MiB: log it in parts",
                     call->function, index);
}

static bool add(struct batches *batches, uint32_t index)
{
    const rr_component_batch *source = &batches->data_row->component_batches[index];
    struct arrow_batch batch = {.array = &source->array};
    struct component *component;
    int result;

    if (!component_find(batches->call, source->component_type, &component))
        return false;
    batch.nodes = component_nodes(component);
    if (!measure(batches->call, &batch, index))
        return false;
    if (is_overruled(batches->data_row, index, component))
        return true;
    result = component_define(component, &batches->ids[batches->n]);
    if (result < 0)
        return error_set_spool(batches->call->error, 0, batches->call->function, result);
    batches->places[batches->n] = (uint8_t)index;
    batches->has_nulls[batches->n] = batch.has_nulls;
    batches->sizes[batches->n] = (uint32_t)batch.size;
    batches->size += batch.size;
    batches->n++;
    return true;
}

static void put(struct spool_cursor *cursor, const struct batches *batches, uint32_t index)
{
    const rr_component_batch *source =
        &batches->data_row->component_batches[batches->places[index]];
    const struct argument_call quiet = {0};
    struct component *component;

    if (component_find(&quiet, source->component_type, &component))
        arrow_put(cursor, &(struct arrow_batch){
                              .array = &source->array,
                              .nodes = component_nodes(component),
                              .size = batches->sizes[index],
                              .has_nulls = batches->has_nulls[index],
                          });
}

static bool write_row(struct stream *stream, const struct batches *batches, struct text entity_path,
                      bool is_static)
{
    struct row row = {
        .call = *batches->call,
        .stream = stream,
        .entity_path = entity_path,
        .n_components = batches->n,
        .component_ids = batches->ids,
        .batches_size = batches->size,
        .is_static = is_static,
    };
    struct spool_cursor cursor;

    if (!row_begin(&row, &cursor))
        return false;
    for (uint32_t i = 0; i < batches->n; i++)
        put(&cursor, batches, i);
    return row_end(&row, &cursor);
}

static bool check_batches(const struct argument_call *call, const rr_data_row *data_row)
{
    if (data_row->num_component_batches > 0 &&
        !argument_check_pointer(call, "data_row.component_batches", data_row->component_batches))
        return false;
    if (data_row->num_component_batches <= RECORD_MAX_COMPONENTS)
        return true;
    return error_set(call->error, RR_ERROR_CODE_INVALID_COMPONENT,
                     "%s: the row has %u components, but %d is the most: log it in parts",
                     call->function, data_row->num_component_batches, RECORD_MAX_COMPONENTS);
}

static bool log_row(const struct argument_call *call, rr_recording_stream handle,
                    const rr_data_row *data_row, bool is_static)
{
    struct batches batches;
    struct stream *stream;
    struct text entity_path;

    if (!stream_find(call, handle, &stream) ||
        !argument_check_string(call, "data_row.entity_path", data_row->entity_path,
                               ARGUMENT_OPTIONAL, RECORD_MAX_ENTITY_PATH, &entity_path) ||
        !check_batches(call, data_row))
        return false;
    if (!stream || !stream->is_enabled)
        return true;
    batches.call = call;
    batches.data_row = data_row;
    batches.n = 0;
    batches.size = 0;
    for (uint32_t i = 0; i < data_row->num_component_batches; i++) {
        if (!add(&batches, i))
            return false;
    }
    return batches.n == 0 || write_row(stream, &batches, entity_path, is_static);
}

void rr_recording_stream_log(rr_recording_stream stream, rr_data_row data_row, bool inject_time,
                             rr_error *error)
{
    const struct argument_call call = {"rr_recording_stream_log", error};

    (void)!log_row(&call, stream, &data_row, !inject_time);
    for (uint32_t i = 0; data_row.component_batches && i < data_row.num_component_batches; i++) {
        struct ArrowArray *array = &data_row.component_batches[i].array;

        if (array->release)
            array->release(array);
    }
}
