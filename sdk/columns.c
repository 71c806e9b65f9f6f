/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * rr_recording_stream_send_columns: many rows at once, from columns of times and of lists. All is
 * checked first; then a row is written for each place of the columns, from the arrays where they
 * are. The arrays are released, whatever happens. No state.
 */
#include "sdk/arrow.h"
#include "sdk/arrow_range.h"
#include "sdk/component.h"
#include "sdk/error.h"

struct columns {
    const struct argument_call *call;
    struct stream *stream;
    struct text entity_path;
    const rr_time_column *time_columns;
    uint32_t n_times;
    const rr_component_column *component_columns;
    uint32_t n_components;
    int64_t n_rows;
    struct times times; /* of the row at hand */
};

/* The components of one row, those that are not null. */
struct cells {
    uint32_t n;
    uint64_t size;                         /* of all batches */
    uint32_t ids[RECORD_MAX_COMPONENTS];   /* n of them */
    uint8_t places[RECORD_MAX_COMPONENTS]; /* n indexes of component_columns */
};

/* The type of a component column around the component's own. */
static const struct datatype_node list_node = {
    .kind = DATATYPE_LIST, .nullable = 1, .n_children = 1};

static bool refuse_array(const struct columns *columns, const char *kind, uint32_t index,
                         const char *problem)
{
    return error_set(columns->call->error, RR_ERROR_CODE_ARROW_FFI_ARRAY_IMPORT_ERROR,
                     "%s: %s_columns[%u]: the array %s", columns->call->function, kind, index,
                     problem);
}

static bool check_length(struct columns *columns, const char *kind, uint32_t index, int64_t length)
{
    if (columns->n_rows < 0)
        columns->n_rows = length;
    return length == columns->n_rows ||
           error_set(columns->call->error, RR_ERROR_CODE_RECORDING_STREAM_CHUNK_VALIDATION_FAILURE,
                     "%s: %s_columns[%u] has %zu rows, those before it have %zu: all must have "
                     "the same number",
                     columns->call->function, kind, index, (size_t)length, (size_t)columns->n_rows);
}

/* --- Times ---------------------------------------------------------------- */

static bool check_times(struct columns *columns, uint32_t index)
{
    static const struct datatype_node type = {.kind = DATATYPE_INT64};
    const struct ArrowArray *array = &columns->time_columns[index].array;
    struct arrow_batch batch = {.array = array, .nodes = &type};
    const char *problem = arrow_measure(&batch);

    return problem ? refuse_array(columns, "time", index, problem)
                   : check_length(columns, "time", index, array->length);
}

static bool add_timeline(struct columns *columns, uint32_t index)
{
    const rr_timeline *timeline = &columns->time_columns[index].timeline;
    const struct argument_call *call = columns->call;
    struct text name;
    uint16_t number;

    if (!argument_check_string(call, "time_columns[].timeline.name", timeline->name,
                               ARGUMENT_REQUIRED, TIMELINE_MAX_NAME, &name))
        return false;
    if (timeline->type < RR_TIME_TYPE_SEQUENCE || timeline->type > RR_TIME_TYPE_TIMESTAMP)
        return error_set(call->error, RR_ERROR_CODE_INVALID_ENUM_VALUE,
                         "%s: time_columns[%u].timeline.type is %u: use one of "
                         "RR_TIME_TYPE_SEQUENCE, _DURATION, _TIMESTAMP",
                         call->function, index, timeline->type);
    number = timeline_number(name);
    if (number == 0)
        return error_set(call->error, RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE,
                         "%s: the process has used %d names of timelines", call->function,
                         TIMELINE_MAX);
    for (uint32_t i = 0; i < index; i++) {
        if (columns->times.entries[i].timeline == timeline_at(number))
            return error_set(call->error, RR_ERROR_CODE_RECORDING_STREAM_CHUNK_VALIDATION_FAILURE,
                             "%s: time_columns[%u] has the timeline of time_columns[%u]",
                             call->function, index, i);
    }
    columns->times.entries[index].timeline = timeline_at(number);
    columns->times.entries[index].type = (uint16_t)timeline->type;
    columns->times.names_size += (uint32_t)name.size;
    columns->times.n_times++;
    return true;
}

static void set_times(struct columns *columns, int64_t row)
{
    for (uint32_t i = 0; i < columns->n_times; i++) {
        const struct ArrowArray *array = &columns->time_columns[i].array;

        memcpy(&columns->times.entries[i].value,
               (const int64_t *)array->buffers[1] + array->offset + row, sizeof(int64_t));
    }
}

/* --- Components ----------------------------------------------------------- */

static struct range rows_of(const struct columns *columns, uint32_t index)
{
    const struct ArrowArray *array = &columns->component_columns[index].array;

    return (struct range){array, &list_node, array->offset, array->length};
}

/*
 * Gives the values of one row, as an array that shares all with the column's; false: the row is
 * null there.
 */
static bool cell_at(const struct columns *columns, uint32_t index, int64_t row,
                    struct ArrowArray *ret_cell)
{
    struct range range = rows_of(columns, index);
    const uint8_t *validity = range_validity_of(&range);
    int64_t first = range_offset_at(&range, row);

    if (validity && !range_bit_at(validity, range.start + row))
        return false;
    *ret_cell = *range.array->children[0];
    ret_cell->offset += first;
    ret_cell->length = range_offset_at(&range, row + 1) - first;
    ret_cell->null_count = ret_cell->null_count == 0 ? 0 : -1;
    return true;
}

/*
 * Checks the column as a whole, as a list of the component's type, so that its cells lie inside of
 * it.
 */
static bool check_lists(struct columns *columns, uint32_t index)
{
    const rr_component_column *column = &columns->component_columns[index];
    struct datatype_node nodes[1 + DATATYPE_MAX_NODES];
    struct arrow_batch batch = {.array = &column->array, .nodes = nodes};
    struct component *component;
    const char *problem;

    if (!component_find(columns->call, column->component_type, &component))
        return false;
    nodes[0] = list_node;
    memcpy(&nodes[1], component_nodes(component), component->definition.n_nodes * sizeof(nodes[0]));
    problem = arrow_measure(&batch);
    return problem ? refuse_array(columns, "component", index, problem)
                   : check_length(columns, "component", index, column->array.length);
}

/* Does a later column have a component of the same name? Then that one counts. */
static bool is_overruled(const struct columns *columns, uint32_t index,
                         const struct component *component)
{
    const struct argument_call quiet = {0};
    struct component *other;

    for (uint32_t i = index + 1; i < columns->n_components; i++) {
        if (component_find(&quiet, columns->component_columns[i].component_type, &other) &&
            other->name == component->name)
            return true;
    }
    return false;
}

static bool add_cell(const struct columns *columns, uint32_t index, int64_t row,
                     struct cells *cells)
{
    const struct argument_call *call = columns->call;
    struct ArrowArray array;
    struct arrow_batch batch = {.array = &array};
    struct component *component;
    const char *problem;
    int result;

    if (!component_find(call, columns->component_columns[index].component_type, &component))
        return false;
    if (is_overruled(columns, index, component) || !cell_at(columns, index, row, &array))
        return true;
    batch.nodes = component_nodes(component);
    problem = arrow_measure(&batch);
    if (problem)
        return refuse_array(columns, "component", index, problem);
    if (batch.size > BATCH_MAX_SIZE)
        return error_set(call->error, RR_ERROR_CODE_INVALID_COMPONENT,
                         "%s: row %zu of component_columns[%u] has more than 512 MiB",
                         call->function, (size_t)row, index);
    result = component_define(component, &cells->ids[cells->n]);
    if (result < 0)
        return error_set_spool(call->error, 0, call->function, result);
    cells->places[cells->n++] = (uint8_t)index;
    cells->size += batch.size;
    return true;
}

static bool find_cells(const struct columns *columns, int64_t row, struct cells *ret_cells)
{
    ret_cells->n = 0;
    ret_cells->size = 0;
    for (uint32_t i = 0; i < columns->n_components; i++) {
        if (!add_cell(columns, i, row, ret_cells))
            return false;
    }
    return ret_cells->size <= ROW_MAX_SIZE ||
           error_set(columns->call->error, RR_ERROR_CODE_INVALID_COMPONENT,
                     "%s: row %zu has more than 1 GiB", columns->call->function, (size_t)row);
}

/* --- Rows ----------------------------------------------------------------- */

static void put_cell(struct spool_cursor *cursor, const struct columns *columns, uint32_t index,
                     int64_t row)
{
    const struct argument_call quiet = {0};
    struct ArrowArray array;
    struct arrow_batch batch = {.array = &array};
    struct component *component;

    if (!component_find(&quiet, columns->component_columns[index].component_type, &component) ||
        !cell_at(columns, index, row, &array))
        return;
    batch.nodes = component_nodes(component);
    if (!arrow_measure(&batch))
        arrow_put(cursor, &batch);
}

static bool write_row(struct columns *columns, int64_t index)
{
    struct cells cells;
    struct spool_cursor cursor;
    struct row row = {
        .call = *columns->call,
        .stream = columns->stream,
        .entity_path = columns->entity_path,
        .component_ids = cells.ids,
        .times = columns->n_times > 0 ? &columns->times : NULL,
        .is_static = columns->n_times == 0,
    };

    if (!find_cells(columns, index, &cells))
        return false;
    if (cells.n == 0)
        return true;
    row.n_components = cells.n;
    row.batches_size = cells.size;
    set_times(columns, index);
    if (!row_begin(&row, &cursor))
        return false;
    for (uint32_t i = 0; i < cells.n; i++)
        put_cell(&cursor, columns, cells.places[i], index);
    return row_end(&row, &cursor);
}

static bool check_counts(const struct columns *columns)
{
    const struct argument_call *call = columns->call;

    if ((columns->n_times > 0 &&
         !argument_check_pointer(call, "time_columns", columns->time_columns)) ||
        (columns->n_components > 0 &&
         !argument_check_pointer(call, "component_columns", columns->component_columns)))
        return false;
    if (columns->n_times > RECORD_MAX_TIMELINES)
        return error_set(call->error, RR_ERROR_CODE_INVALID_TIME_ARGUMENT,
                         "%s: there are %u time columns, but %d is the most", call->function,
                         columns->n_times, RECORD_MAX_TIMELINES);
    return columns->n_components <= RECORD_MAX_COMPONENTS ||
           error_set(call->error, RR_ERROR_CODE_INVALID_COMPONENT,
                     "%s: there are %u component columns, but %d is the most: send them in parts",
                     call->function, columns->n_components, RECORD_MAX_COMPONENTS);
}

/* Checks all, so that what fails later is the spool. */
static bool check_columns(struct columns *columns)
{
    struct cells cells;

    for (uint32_t i = 0; i < columns->n_times; i++) {
        if (!add_timeline(columns, i) || !check_times(columns, i))
            return false;
    }
    for (uint32_t i = 0; i < columns->n_components; i++) {
        if (!check_lists(columns, i))
            return false;
    }
    for (int64_t row = 0; columns->n_components > 0 && row < columns->n_rows; row++) {
        if (!find_cells(columns, row, &cells))
            return false;
    }
    return true;
}

static bool send(struct columns *columns, rr_recording_stream handle, rr_string entity_path)
{
    if (!stream_find(columns->call, handle, &columns->stream) ||
        !argument_check_string(columns->call, "entity_path", entity_path, ARGUMENT_OPTIONAL,
                               RECORD_MAX_ENTITY_PATH, &columns->entity_path) ||
        !check_counts(columns))
        return false;
    if (!columns->stream || !columns->stream->is_enabled)
        return true;
    if (!check_columns(columns))
        return false;
    for (int64_t row = 0; columns->n_components > 0 && row < columns->n_rows; row++) {
        if (!write_row(columns, row))
            return false;
    }
    return true;
}

static void release(struct ArrowArray *array)
{
    if (array->release)
        array->release(array);
}

void rr_recording_stream_send_columns(rr_recording_stream stream, rr_string entity_path,
                                      rr_time_column *time_columns, uint32_t num_time_columns,
                                      rr_component_column *component_columns,
                                      uint32_t num_component_columns, rr_error *error)
{
    const struct argument_call call = {__func__, error};
    struct columns columns = {
        .call = &call,
        .time_columns = time_columns,
        .n_times = num_time_columns,
        .component_columns = component_columns,
        .n_components = num_component_columns,
        .n_rows = -1,
    };

    (void)!send(&columns, stream, entity_path);
    for (uint32_t i = 0; time_columns && i < num_time_columns; i++)
        release(&time_columns[i].array);
    for (uint32_t i = 0; component_columns && i < num_component_columns; i++)
        release(&component_columns[i].array);
}
