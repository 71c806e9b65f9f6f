/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Prints every cell of a recording as JSON, one chunk a line, as the harness's own reader sees it.
 *
 *     dump_recording FILE
 *
 * Ends with 0 and a last line {"ending": ...}, or with 1 and an error on stderr.
 */
#include "harness/wire/chunk_decoder.h"
#include "harness/wire/rrd_reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void print_string(struct string_view text)
{
    putchar('"');
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if (c < ' ' || c == '"' || c == '\\')
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void print_key(const char *key)
{
    printf("\"%s\": ", key);
}

static void print_tuid(struct tuid id)
{
    char text[TUID_TEXT_SIZE];

    tuid_format(id, text);
    print_string((struct string_view){text, sizeof(text)});
}

static void print_bytes(struct string_view bytes)
{
    putchar('"');
    for (size_t i = 0; i < bytes.size; i++)
        printf("%02x", (unsigned char)bytes.data[i]);
    putchar('"');
}

static void print_values(const struct chunk_values *values);
static void print_element(const struct chunk_values *values, size_t i);

static void print_value(const struct chunk_values *values, size_t i)
{
    enum datatype_kind kind = chunk_values_kind(values);
    struct chunk_values elements;
    struct string_view bytes;
    int64_t number;
    double real;
    bool truth;

    if (chunk_value_is_null(values, i))
        printf("null");
    else if (chunk_value_int(values, i, &number) == 0)
        printf("%" PRId64, number);
    else if (chunk_value_float(values, i, &real) == 0)
        printf("%.17g", real);
    else if (chunk_value_bool(values, i, &truth) == 0)
        printf(truth ? "true" : "false");
    else if ((kind == DATATYPE_UTF8 || kind == DATATYPE_LARGE_UTF8) &&
             chunk_value_bytes(values, i, &bytes) == 0)
        print_string(bytes);
    else if (chunk_value_bytes(values, i, &bytes) == 0)
        print_bytes(bytes);
    else if (chunk_value_elements(values, i, &elements) == 0)
        print_values(&elements);
    else if (chunk_value_of_union(values, i, &elements) == 0)
        print_element(&elements, 0);
    else
        exit(1);
}

/* A struct has its fields beside each other: [[field 0 of value i, field 1 of value i, ...], ...].
 */
static void print_struct(const struct chunk_values *values, size_t i)
{
    struct chunk_values field;

    putchar('[');
    for (size_t j = 0; chunk_values_field(values, j, &field) == 0; j++) {
        printf(j > 0 ? ", " : "");
        print_element(&field, i);
    }
    putchar(']');
}

static void print_element(const struct chunk_values *values, size_t i)
{
    if (chunk_values_kind(values) == DATATYPE_STRUCT && !chunk_value_is_null(values, i))
        print_struct(values, i);
    else
        print_value(values, i);
}

static void print_values(const struct chunk_values *values)
{
    putchar('[');
    for (size_t i = 0; i < values->n; i++) {
        printf(i > 0 ? ", " : "");
        print_element(values, i);
    }
    putchar(']');
}

static void print_row_ids(const struct chunk *chunk)
{
    print_key("row_ids");
    putchar('[');
    for (size_t i = 0; i < chunk->n_rows; i++) {
        printf(i > 0 ? ", " : "");
        print_tuid(chunk->row_ids[i]);
    }
    printf("], ");
}

static void print_times(const struct chunk_times *times, size_t n_rows)
{
    print_string(times->name);
    printf(": {\"type\": %d, \"is_sorted\": %s, \"values\": [", times->type,
           times->is_sorted ? "true" : "false");
    for (size_t i = 0; i < n_rows; i++)
        printf("%s%" PRId64, i > 0 ? ", " : "", times->values[i]);
    printf("]}");
}

static void print_column(const struct chunk_column *column, size_t n_rows)
{
    print_string(column->descriptor.component);
    printf(": {\"archetype\": ");
    print_string(column->descriptor.archetype);
    printf(", \"component_type\": ");
    print_string(column->descriptor.component_type);
    printf(", \"cells\": [");
    for (size_t i = 0; i < n_rows; i++) {
        struct chunk_values cell = chunk_cell(column, i);

        printf(i > 0 ? ", " : "");
        if (cell.is_null)
            printf("null");
        else
            print_values(&cell);
    }
    printf("]}");
}

static void print_chunk(const struct chunk *chunk)
{
    printf("{\"id\": ");
    print_tuid(chunk->id);
    printf(", \"application_id\": ");
    print_string(chunk->store.application_id);
    printf(", \"recording_id\": ");
    print_string(chunk->store.recording_id);
    printf(", \"store_kind\": %d, \"entity_path\": ", chunk->store.kind);
    print_string(chunk->entity_path);
    printf(", \"metadata\": {");
    for (size_t i = 0; i < chunk->n_metadata; i++) {
        printf(i > 0 ? ", " : "");
        print_string(chunk->metadata[i].key);
        printf(": ");
        print_string(chunk->metadata[i].value);
    }
    printf("}, ");
    print_row_ids(chunk);
    printf("\"timelines\": {");
    for (size_t i = 0; i < chunk->n_timelines; i++) {
        printf(i > 0 ? ", " : "");
        print_times(&chunk->timelines[i], chunk->n_rows);
    }
    printf("}, \"components\": {");
    for (size_t i = 0; i < chunk->n_columns; i++) {
        printf(i > 0 ? ", " : "");
        print_column(&chunk->columns[i], chunk->n_rows);
    }
    printf("}}\n");
}

static int dump(struct rrd_reader *reader, struct chunk_decoder *decoder, struct rrd_error *error)
{
    struct rrd_frame frame;
    struct chunk chunk;
    int more;

    while ((more = rrd_reader_next(reader, &frame, error)) > 0) {
        if (frame.kind != RRD_ARROW_MSG)
            continue;
        more = chunk_decoder_decode(decoder, frame.payload, &chunk, error);
        if (more != 0)
            return more;
        print_chunk(&chunk);
    }
    return more;
}

int main(int argc, char **argv)
{
    struct chunk_decoder *decoder;
    struct rrd_reader reader;
    struct rrd_error error;

    if (argc != 2)
        return 2;
    if (rrd_reader_open(&reader, argv[1], &error) != 0 || chunk_decoder_create(&decoder) != 0 ||
        dump(&reader, decoder, &error) != 0) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    printf("{\"ending\": \"%s\"}\n", reader.ending == RRD_COMPLETE ? "complete" : "cut");
    chunk_decoder_destroy(decoder);
    rrd_reader_done(&reader);
    return 0;
}
