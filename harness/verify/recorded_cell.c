/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Single values of decoded chunks, copied out. No state.
 */
#include "harness/verify/recorded_cell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct chunk_values recorded_cell(const struct chunk *chunk, const char *component, size_t row)
{
    const struct chunk_column *column = chunk_find_column(chunk, component);
    return column != NULL ? chunk_cell(column, row) : (struct chunk_values){.is_null = true};
}

int recorded_cell_int(const struct chunk *chunk, const char *component, size_t row,
                      int64_t *ret_value)
{
    struct chunk_values cell = recorded_cell(chunk, component, row);
    return cell.n > 0 && chunk_value_int(&cell, 0, ret_value) < 0 ? -EBADMSG : 0;
}

int recorded_cell_copy(const struct chunk_values *values, size_t i, char **ret_text)
{
    struct string_view text;
    if (chunk_value_bytes(values, i, &text) < 0) {
        return -EBADMSG;
    }
    char *copy = strndup(text.size > 0 ? text.data : "", text.size);
    if (copy == NULL) {
        return -ENOMEM;
    }
    free(*ret_text);
    *ret_text = copy;
    return 0;
}

int recorded_cell_text(const struct chunk *chunk, const char *component, size_t row,
                       char **ret_text)
{
    struct chunk_values cell = recorded_cell(chunk, component, row);
    if (cell.n > 0) {
        return recorded_cell_copy(&cell, 0, ret_text);
    }
    char *empty = strdup("");
    if (empty == NULL) {
        return -ENOMEM;
    }
    free(*ret_text);
    *ret_text = empty;
    return 0;
}

int64_t recorded_cell_time(const struct chunk *chunk, size_t row)
{
    const struct chunk_times *log_time = chunk_find_timeline(chunk, "log_time");
    return log_time != NULL ? log_time->values[row] : 0;
}
